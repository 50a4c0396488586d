import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type AuditHead, type BrokenRow, ChainWalk, headOf } from '#lib/audit-log/chain.ts';
import { BY_CONSOLE } from '#lib/audit-log/event.ts';
import { rowOfLine } from '#lib/audit-log/export.ts';
import { closeDatabase } from '#lib/db/client.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { verifyAuditLog } from '#lib/usecases/audit-log/verify-audit-log.ts';
import { openDataDir } from '../data-dir.ts';
import { type DatabaseOptions, withTables } from '../database.ts';
import { actAs } from '../environment.ts';

export interface VerifyOptions extends DatabaseOptions {
  /** `SEQ:HASH`. */
  readonly head?: string;
  readonly file?: string;
  readonly json?: boolean;
}

interface Walked {
  readonly events: number;
  readonly head: AuditHead | undefined;
  /** First first. */
  readonly broken: readonly BrokenRow[];
}

type Say = (line: string) => void;

/** Broken rows that are told one by one. */
const MOST_TOLD = 100;

/** `causeway audit verify`: 0 when the log is what was written, 1 when it is not, 2 when it cannot be read. */
export async function verifyLog(options: VerifyOptions, root: string, say: Say, complain: Say): Promise<0 | 1 | 2> {
  const noted = options.head === undefined ? undefined : headOf(options.head);
  try {
    const walked = options.file === undefined ? await inDatabase(options, root, noted) : await inFile(options.file, noted);
    for (const line of options.json ? [JSON.stringify(reportOf(walked))] : linesOf(walked, noted)) say(line);
    return walked.broken.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    complain(`causeway: ${error.message}`);
    return 2;
  }
}

const inDatabase = (options: VerifyOptions, root: string, noted: AuditHead | undefined): Promise<Walked> =>
  withTables(options, root, async (url) => {
    actAs(openDataDir(options.data), url);
    try {
      return await verifyAuditLog(BY_CONSOLE, noted);
    } finally {
      await closeDatabase();
    }
  });

/** A file of all rows; one of a part of them is not whole, and is told so. */
async function inFile(path: string, noted: AuditHead | undefined): Promise<Walked> {
  const walk = new ChainWalk(noted ? [noted] : []);
  const broken: BrokenRow[] = [];
  let number = 0;
  for await (const line of linesIn(path)) {
    number += 1;
    if (line === '') continue;
    const row = rowOfLine(line);
    if (!row) throw new CausewayError('bad-input', `${path}, line ${number}: not a row of an exported audit log`);
    broken.push(...walk.add(row));
  }
  broken.push(...walk.end());
  return { events: walk.rows, head: walk.head, broken: broken.toSorted((a, b) => a.seq - b.seq).slice(0, MOST_TOLD) };
}

async function* linesIn(path: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    throw new CausewayError('bad-input', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

const textOf = ({ seq, hash }: AuditHead): string => `${seq}:${hash}`;

const reportOf = ({ events, head, broken }: Walked) => ({
  ok: broken.length === 0,
  events,
  ...(head && { head: textOf(head) }),
  broken,
});

function linesOf({ events, head, broken }: Walked, noted: AuditHead | undefined): string[] {
  const count = events === 1 ? '1 event' : `${events} events`;
  if (broken.length > 0)
    return [
      `the audit log is not what was written (${count}):`,
      ...broken.map(({ seq, problem }) => `  row ${seq}: ${problem}`),
      ...(broken.length === MOST_TOLD ? ['  and more'] : []),
    ];
  return [
    `the audit log is what was written: ${count}, each follows the one before${noted ? `, and row ${noted.seq} is the one that was noted` : ''}`,
    ...(head ? [`head ${textOf(head)}`] : []),
  ];
}
