import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { FILTER_CASES } from '#lib/testing/filter-cases.ts';
import { hubbleMissing } from '#lib/testing/hubble.ts';
import { PEERS_CACHE } from '#lib/testing/peers-cache.ts';
import { recordedFlows, RECORDING, recordingMissing } from '#lib/testing/recording.ts';
import { hubbleCommand } from './filter-command.ts';
import { compileFilter } from './filter-match.ts';
import { toProtoFilters } from './filter-proto.ts';
import { parseFilter } from './filter-text.ts';
import type { FlowQuery } from './filter.ts';

/**
 * The same filters in Hubble's own code: its client reads the recording from a file and filters it with the package that the agents use.
 * It is given the filters once as a relay gets them, and once as the command line that people copy.
 */
const client = join(PEERS_CACHE, 'hubble/bin/hubble');
const missing = recordingMissing() ?? hubbleMissing() ?? (existsSync(client) ? undefined : 'no client');

const run = promisify(execFile);
const input = ['--input-file', RECORDING, '-o', 'jsonpb'];

const uuidsIn = (output: string): string[] =>
  [...output.matchAll(/^\{"flow":\{"time":"[^"]*","uuid":"([^"]*)"/gm)].map(([, uuid = '']) => uuid).toSorted();

const queryOf = (filter: string): FlowQuery => {
  const parsed = parseFilter(filter);
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join(' '));
  return parsed.query;
};

describe.skipIf(missing)('Hubble lets the same flows through:', () => {
  const flows = missing ? [] : recordedFlows();

  test.concurrent.each(FILTER_CASES)('$filter', async ({ filter }) => {
    const query = queryOf(filter);
    const expected = flows
      .filter(compileFilter(query))
      .map(({ uuid }) => uuid)
      .toSorted();
    const { whitelist, blacklist } = toProtoFilters(query);
    const raw = [
      ...whitelist.flatMap((one) => ['--allowlist', JSON.stringify(one)]),
      ...blacklist.flatMap((one) => ['--denylist', JSON.stringify(one)]),
    ];
    const options = { maxBuffer: 1 << 28 };
    const asFilters = await run(client, ['observe', ...input, ...raw], options);
    expect(uuidsIn(asFilters.stdout)).toEqual(expected);
    const command = hubbleCommand(query, input).replace(/^hubble/, client);
    if (!/--(?!(?:input-file|allowlist|denylist) )/.test(command)) return; // Only raw filters: the very same words.
    const asCommand = await run('sh', ['-c', command], options);
    expect(uuidsIn(asCommand.stdout)).toEqual(expected);
  });

  test('values that this console refuses are refused there too, and the other way round', async () => {
    const values = ['10.0.0', '10.0.0.1/33', '::1/129', '010.0.0.1', '1.2.3', '::ffff:1.2.3.4', 'fe80::1/64'];
    const verdicts = await Promise.all(
      values.map(async (value) => {
        const there = await run(client, ['observe', ...input, '--ip', value, '--last', '1']).then(
          () => true,
          () => false,
        );
        return [value, parseFilter(`ip:${value}`).ok, there];
      }),
    );
    expect(verdicts.map(([value, here]) => [value, here])).toEqual(verdicts.map(([value, , there]) => [value, there]));
  });
});
