import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { SingleBar } from 'cli-progress';
import type { FlowLogsImport } from '#lib/api/flow-logs.ts';
import { systemActor } from '#lib/audit-log/event.ts';
import { createIngestClient } from '#lib/bus/ingest-client.ts';
import { readPastWorlds } from '#lib/db/flow-logs/past-worlds.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { AddressBook, type AddressRow, addressBookOf } from '#lib/flow-logs/address-book.ts';
import { type LineFormat, parseFormat } from '#lib/flow-logs/format.ts';
import { importFlowLogs } from '#lib/ingest/flow-logs/import-flow-logs.ts';
import { type DatabaseOptions, withTables } from './database.ts';
import { openDataDir } from './data-dir.ts';
import { checkCluster, sizeOf } from './import-flows.ts';

export interface ImportFlowLogsOptions extends DatabaseOptions {
  readonly cluster: string;
  readonly name?: string;
  readonly format?: string;
}

/** Bytes read at once: files are large, and each chunk passes through a few hands. */
const CHUNK = 1 << 20;

/** `causeway import flow-logs FILE...`: one import of all files, read in this process; the running console tells who has which address. */
export async function importFlowLogFiles(
  files: readonly string[],
  options: ImportFlowLogsOptions,
  root: string,
  say: (line: string) => void,
): Promise<void> {
  const size = files.reduce((sum, file) => sum + sizeOf(file), 0);
  const format = formatOf(options.format);
  const done = await withTables(options, root, async (url) => {
    const db = openTrafficDb(url, 2);
    const bar = new SingleBar({ format: '{bar} {percentage} %  {records} records', hideCursor: true, noTTYOutput: false });
    try {
      await checkCluster(db, options.cluster);
      const book = await bookOf(db, options, say);
      bar.start(size, 0, { records: 0 });
      return await importFlowLogs(
        files.map((file) => ({
          name: files.length > 1 ? file : '',
          open: () => createReadStream(file, { highWaterMark: CHUNK }),
        })),
        {
          db,
          cluster: options.cluster,
          name: (options.name ?? nameOf(files)).slice(0, 100),
          format,
          book,
          context: { actor: systemActor('console') },
          onProgress: (bytes, records) => bar.update(bytes, { records }),
        },
      );
    } finally {
      bar.stop();
      await db.close();
    }
  });
  for (const line of reportOf(done, options.cluster)) say(line);
}

function formatOf(text: string | undefined): LineFormat | undefined {
  if (text === undefined) return undefined;
  const parsed = parseFormat(text);
  if (parsed.ok) return parsed.format;
  throw new CausewayError('bad-input', `--format: ${parsed.reason}`);
}

/** As the running ingest knows the addresses, else as they were stored last. */
async function bookOf(db: TrafficDb, options: ImportFlowLogsOptions, say: (line: string) => void): Promise<AddressBook> {
  const data = openDataDir(options.data);
  const client = createIngestClient({
    url: process.env['INGEST_URL'] ?? data.ingestUrl,
    token: process.env['INGEST_TOKEN'] ?? data.ingestToken,
  });
  try {
    const { status, body } = await client.ask(`/clusters/${encodeURIComponent(options.cluster)}/addresses`);
    if (status === 200) return AddressBook.ofRows((JSON.parse(body.toString('utf8')) as { rows: AddressRow[] }).rows);
    say(`the console answers with status ${status}; addresses are taken as it stored them last`);
  } catch {
    say('the console does not run; addresses are taken as it stored them last');
  } finally {
    client.close();
  }
  return addressBookOf(undefined, await readPastWorlds(db, options.cluster, Date.now()));
}

function nameOf(files: readonly string[]): string {
  const first = basename(files[0] ?? '');
  return files.length > 1 ? `${first} and ${files.length - 1} more` : first;
}

function reportOf({ id, lines, tuples, tookMs = 0, coverage, rejected }: FlowLogsImport, cluster: string): string[] {
  const { bothKnown, oneKnown, noneKnown, minutesSeen, minutesTotal, unknown } = coverage;
  const share = (part: number): string => `${((100 * part) / Math.max(1, lines.taken)).toFixed(1)} %`;
  return [
    `imported ${lines.taken.toLocaleString('en')} records as ${tuples.toLocaleString('en')} pairs in ${(tookMs / 1000).toFixed(1)} s (${rejected.toLocaleString('en')} rejected by AWS): open /c/${cluster}/migration/baseline?import=${id}`,
    `both ends known: ${share(bothKnown)}, one: ${share(oneKnown)}, none: ${share(noneKnown)}; minutes with records: ${minutesSeen} of ${minutesTotal}`,
    ...(lines.skipData > 0 ? [`${lines.skipData} lines are SKIPDATA: AWS could not record everything`] : []),
    ...unknown.slice(0, 5).map(({ address, records }) => `  unknown: ${address} (${records.toLocaleString('en')} records)`),
  ];
}
