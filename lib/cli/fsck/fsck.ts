import { readFileSync, statSync } from 'node:fs';
import { SingleBar } from 'cli-progress';
import { fsckClusters, logExtent } from '#lib/db/receipts/fsck.ts';
import { openTrafficDb, type Statements } from '#lib/db/traffic/connection.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { keccak256 } from '#lib/receipts/hash.ts';
import { MOST_BYTES } from '#lib/receipts/strict-json.ts';
import { parseTrust, type Trust } from '#lib/receipts/trust.ts';
import { openDataDir } from '../data-dir.ts';
import { type DatabaseOptions, withTables } from '../database.ts';
import { readHead } from './check-heads.ts';
import { checkLog, type LogCounts } from './check-log.ts';
import { Findings, MOST_TOLD } from './findings.ts';
import type { NotedHead } from './head-walk.ts';
import { checkKeyRows, readKnown } from './known-keys.ts';
import { hex } from './texts.ts';

export interface FsckOptions extends DatabaseOptions {
  readonly cluster?: string;
  readonly trust?: string;
  /** Files of checkpoints that were kept elsewhere. */
  readonly checkpoint?: readonly string[];
  readonly json?: boolean;
}

export interface Checked {
  readonly logs: readonly LogCounts[];
  readonly findings: Findings;
}

/** `causeway fsck`: 0 when all is what was written, 1 when a row is not. Throws what is for the person at the terminal when it cannot be read. */
export async function fsck(options: FsckOptions, root: string, say: (line: string) => void): Promise<0 | 1> {
  const trust = options.trust === undefined ? undefined : parseTrust(readText(options.trust));
  const noted = (options.checkpoint ?? []).map(notedHead);
  if (options.databaseUrl === undefined) openDataDir(options.data);
  const bar = new SingleBar({
    format: '{bar} {percentage} %  {value} of {total} receipts',
    hideCursor: true,
    noTTYOutput: false,
  });
  const checked = await withTables(options, root, async (url) => {
    const db = openTrafficDb(url, 1);
    try {
      const isShown = options.json !== true && process.stderr.isTTY;
      return await checkLogs(db, {
        trust,
        noted,
        ...(options.cluster !== undefined && { cluster: options.cluster }),
        ...(isShown && {
          onStart: (total: number) => bar.start(total, 0),
          onProgress: (leaves: number) => bar.increment(leaves),
        }),
      });
    } finally {
      bar.stop();
      await db.close();
    }
  });
  for (const line of options.json ? [JSON.stringify(reportOf(checked))] : linesOf(checked)) say(line);
  return checked.findings.count === 0 ? 0 : 1;
}

export interface CheckOptions {
  readonly trust?: Trust | undefined;
  readonly noted?: readonly (NotedHead & { readonly origin: string })[];
  /** This log alone. */
  readonly cluster?: string;
  readonly onStart?: (receipts: number) => void;
  readonly onProgress?: (receipts: number) => void;
}

/** Checks the logs of all clusters, or of one, one after the other. Throws `not-found` for a cluster that nothing speaks of. */
export async function checkLogs(
  db: Statements,
  { trust, noted = [], cluster, onStart, onProgress }: CheckOptions,
): Promise<Checked> {
  const all = await fsckClusters(db);
  if (cluster !== undefined && !all.includes(cluster))
    throw new CausewayError('not-found', `there is no log of a cluster ${cluster}`);
  const clusters = cluster === undefined ? all : [cluster];
  const known = await readKnown(db, trust);
  if (onStart) {
    let total = 0;
    for (const each of clusters) total += (await logExtent(db, each)).receipts;
    onStart(total);
  }
  const findings = new Findings();
  const logs: LogCounts[] = [];
  const keccak = await keccak256();
  for (const each of clusters)
    logs.push(
      await checkLog(each, {
        db,
        keccak,
        findings,
        origin: `causeway.${known.rows.organisation}/${each}`,
        keys: known.keys,
        witnesses: known.witnesses,
        noted: noted.filter(({ origin }) => origin.endsWith(`/${each}`)),
        onProgress: onProgress ?? (() => {}),
      }),
    );
  await checkKeyRows(known, logs, findings);
  return { logs, findings };
}

/** A checkpoint in a file; whoever kept it knows why to believe it, so that its signatures are not asked. */
function notedHead(file: string): NotedHead & { readonly origin: string } {
  const read = readHead(readText(file));
  if (typeof read === 'string') throw new CausewayError('bad-input', `${file}: ${read}`);
  return { origin: read.head.origin, size: read.head.size, root: hex(read.head.root) };
}

function readText(file: string): string {
  try {
    if (statSync(file).size > MOST_BYTES) throw new CausewayError('too-large', `${file} is larger than ${MOST_BYTES} bytes`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof CausewayError) throw error;
    throw new CausewayError('bad-input', `${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

const reportOf = ({ logs, findings }: Checked) => ({
  ok: findings.count === 0,
  logs: logs.map(({ keyEvents, isWhole: _isWhole, ...counts }) => ({ ...counts, keyEvents: keyEvents.size })),
  broken: findings.count,
  findings: findings.told,
});

function linesOf({ logs, findings }: Checked): string[] {
  const counts = logs.map(
    ({ cluster, batches, receipts, gone, heads, cosignatures, unknownWitnesses, keyEvents }) =>
      `${cluster}: ${amount(batches, 'batch', 'batches')}, ${amount(receipts, 'receipt')}${gone > 0 ? ` (${amount(gone, 'summary', 'summaries')} gone by their retention)` : ''}, ${amount(heads, 'signed head')}, ${amount(cosignatures, 'cosignature')}${unknownWitnesses > 0 ? ` (${unknownWitnesses} of witnesses whose key is not known here: not verified)` : ''}, ${amount(keyEvents.size, 'change of a key', 'changes of keys')}`,
  );
  if (logs.length === 0) return ['there is no log yet'];
  if (findings.count === 0) return [...counts, 'every row is what was written'];
  return [
    ...counts,
    `${amount(findings.count, 'row')} not what was written:`,
    ...findings.told.map(({ table, row, problem }) => shown(`  ${table} ${row}: ${problem}`)),
    ...(findings.count > MOST_TOLD ? [`  and ${findings.count - MOST_TOLD} more`] : []),
  ];
}

const amount = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** What was changed in a row may be anything: nothing of it reaches a terminal as a command. */
const shown = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`);
