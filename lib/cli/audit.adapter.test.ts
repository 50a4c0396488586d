import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditJson } from '#lib/audit/audit-json.ts';
import { RECORDED_WORLD } from '#lib/testing/recorded-world.ts';
import { RECORDED_EVENTS, RECORDING, recordingMissing } from '#lib/testing/recording.ts';
import { auditFiles, type AuditOptions } from './audit.ts';

const scratch = mkdtempSync(join(tmpdir(), 'cwa-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs it: exit status, what it printed, what it complained about. */
async function audit(options: Partial<AuditOptions> = {}) {
  const said: string[] = [];
  const complaints: string[] = [];
  const files = { flows: RECORDING, objects: RECORDED_WORLD, ...options };
  const status = await auditFiles(
    files,
    (line) => said.push(line),
    (line) => complaints.push(line),
  );
  return { status, said: said.join('\n'), complaints };
}

const file = (name: string, content: string | Buffer): string => {
  const path = join(scratch, name);
  writeFileSync(path, content);
  return path;
};

describe.skipIf(recordingMissing())('the recorded cluster, from its files', () => {
  let expected: AuditJson;
  beforeAll(() => {
    expected = JSON.parse(readFileSync(resolve('../shared/flows/expected-audit.json'), 'utf8')) as AuditJson;
  });

  test('as JSON is what Cilium’s engine says, to the nanosecond', async () => {
    const { status, said, complaints } = await audit({ json: true });
    const { engine, ...rest } = JSON.parse(said) as AuditJson;
    expect(engine).toMatch(/Causeway/);
    expect({ ...rest, engine: expected.engine }).toEqual(expected);
    expect([status, complaints]).toEqual([0, []]);
  });

  test('compressed is the same, and the objects may be one file', async () => {
    const flows = file('flows.gz', gzipSync(readFileSync(RECORDING)));
    const policies = await audit({ flows, objects: join(RECORDED_WORLD, 'policies.yaml'), json: true });
    const { counts, tuples } = JSON.parse(policies.said) as AuditJson;
    expect(counts.lines).toBe(expected.counts.lines);
    const asked = tuples.filter(({ note = '' }) => /named port/.test(note));
    expect(asked.length).toBeGreaterThan(0); // no pod tells which number `otlp` has
    expect(asked.every(({ agree }) => agree === 'not judgeable')).toBe(true);
  });

  test('as text names what was found, the first thing to look at, and hides nothing dangerous', async () => {
    const { said } = await audit();
    expect(said).toMatch(/587 kinds of traffic/);
    expect(said).toMatch(/ERROR {2}Let through what policy denies \(enforcement-gap, 1\)/);
    expect(said).toMatch(/monitoring\/grafana > payments\/ledger TCP\/9090: 12 flows on ip-10-20-1-11/);
    expect(said).toMatch(/the cluster does not have cnp:payments\/ledger-open/);
    expect(said).toMatch(/Look first: /);
    // oxlint-disable-next-line no-control-regex -- that none is there is the point
    expect(said).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  test('ends with status 1 for kinds that it was asked to fail on', async () => {
    expect((await audit({ failOn: 'enforcement-gap' })).status).toBe(1);
    expect((await audit({ failOn: 'unexplained, rare-edge' })).status).toBe(1);
    expect((await audit({ failOn: 'unexplained' })).status).toBe(0);
  });

  test('with lines that cannot be read counts them and says which is the first', async () => {
    const lines = readFileSync(RECORDING, 'utf8').split('\n').slice(0, 3);
    const flows = file('broken.jsonl', ['{"flow":', ...lines, '', 'x'].join('\n'));
    expect((await audit({ flows })).said).toMatch(/2 lines could not be read; the first: line 1: .*ends in the middle/);
    const { counts } = JSON.parse((await audit({ flows, json: true })).said) as AuditJson;
    expect(counts).toMatchObject({ lines: 5, leftOut: { unreadable: 2 } });
  });
});

describe('bad input is said in one line, with its place, and ends with status 2', () => {
  const objects = file('objects.yaml', 'apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n');
  const flows = file('none.jsonl', 'not a flow\n');
  test.each([
    [{ flows: '/nowhere/flows.jsonl', objects }, /^causeway: .*\/nowhere\/flows\.jsonl.*ENOENT/],
    [{ flows, objects }, /none\.jsonl holds no flow; line 1: column 1: the line is not JSON/],
    [{ flows, objects: '/nowhere' }, /cannot read \/nowhere: ENOENT/],
    [{ flows, objects: file('tab.yaml', 'kind: Namespace\nmetadata:\n\tname: a\n') }, /tab\.yaml:3: /],
    [{ flows, objects: file('other.json', '{"a": 1}') }, /other\.json.*it has no kind/],
    [{ flows, objects: file('empty.yaml', '') }, /empty\.yaml holds no Kubernetes objects/],
    [{ flows, objects, failOn: 'gap' }, /gap is no kind of finding; there are enforcement-gap, /],
  ])('%j', async (options, complaint) => {
    const { status, said, complaints } = await audit(options);
    expect(status).toBe(2);
    expect(said).toBe('');
    expect(complaints).toEqual([expect.stringMatching(complaint)]);
  });
});

test.skipIf(recordingMissing())('a recording without flows has nothing to find', async () => {
  const { status, said } = await audit({ flows: RECORDED_EVENTS });
  expect(status).toBe(0);
  expect(said).toMatch(/Nothing was found\.$/);
});
