import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** A row of the log as it is stored. */
export interface AuditRow {
  readonly seq: number;
  /** Unix milliseconds. */
  readonly at: number;
  /** Hash of the row before; of the first one `GENESIS`. */
  readonly prev: string;
  readonly hash: string;
  /** The event, RFC 8785. */
  readonly body: string;
  /** What the database keeps beside it to search by; absent where only the chain is known. */
  readonly columns?: AuditColumns;
}

export interface AuditColumns {
  readonly actor: string;
  readonly action: string;
  readonly objectType: string;
  readonly objectId: string;
  readonly outcome: string;
  readonly cluster: string | undefined;
}

/** Where a log ends. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

/** A place where the log is not what was written. */
export interface BrokenRow {
  readonly seq: number;
  readonly problem: string;
}

export const GENESIS = '0'.repeat(64);

const TAG = 'causeway.audit.v1';

/** SHA-256 of a text in UTF-8, as lower-case hexadecimal. */
export type Sha256 = (text: string) => string;

const ours: Sha256 = (text) => bytesToHex(sha256(utf8ToBytes(text)));

/** The hash a row must have, as the database makes it (`audit_event_chain`). No line but the last can hold a line break. */
export const hashOfRow = ({ prev, seq, at, body }: Omit<AuditRow, 'hash'>, hash = ours): string =>
  hash([TAG, prev, seq, at, body].join('\n'));

/** Text of a hash, or undefined for anything else. */
export function headOf(text: string): AuditHead | undefined {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  return seq && hash ? { seq: Number(seq), hash } : undefined;
}

/** All broken places of a whole log, given in the order of its numbers. `heads`: where it was seen to end. */
export function verifyChain(rows: Iterable<AuditRow>, heads: readonly AuditHead[] = []): BrokenRow[] {
  const walk = new ChainWalk(heads);
  const broken: BrokenRow[] = [];
  for (const row of rows) broken.push(...walk.add(row));
  return [...broken, ...walk.end()].toSorted((a, b) => a.seq - b.seq);
}

/**
 * Walks a log row by row, from its first one. What was changed in one row is found at that row: its own hash does not fit any more. A row that
 * was written anew together with its hash is found because the next one names the hash it had. Rows cut off at the end leave a whole log behind, and
 * so does a tail that was written anew to its end: only a head that was noted elsewhere tells.
 */
export class ChainWalk {
  readonly #heads: readonly AuditHead[];
  readonly #sha256: Sha256;
  #last: (AuditHead & { readonly computed: string }) | undefined;
  #rows = 0;

  constructor(heads: readonly AuditHead[] = [], hash: Sha256 = ours) {
    this.#heads = heads;
    this.#sha256 = hash;
  }

  /** Rows seen. */
  get rows(): number {
    return this.#rows;
  }

  get head(): AuditHead | undefined {
    return this.#last && { seq: this.#last.seq, hash: this.#last.hash };
  }

  /** What is broken up to this row. */
  add(row: AuditRow): BrokenRow[] {
    const computed = hashOfRow(row, this.#sha256);
    const broken = [...this.#place(row), ...this.#content(row, computed), ...this.#noted(row, computed)];
    this.#last = { seq: row.seq, hash: row.hash, computed };
    this.#rows += 1;
    return broken;
  }

  /** What is missing behind the last row. */
  end(): BrokenRow[] {
    const last = this.#last?.seq ?? 0;
    const highest = Math.max(0, ...this.#heads.map(({ seq }) => seq));
    return highest > last ? [{ seq: last + 1, problem: missing(last + 1, highest) }] : [];
  }

  /** Whether it stands where it belongs, and follows the row before. */
  #place({ seq, prev, hash, ...rest }: AuditRow): BrokenRow[] {
    const last = this.#last;
    const expected = (last?.seq ?? 0) + 1;
    if (seq > expected) return [{ seq: expected, problem: missing(expected, seq - 1) }];
    if (seq < expected) return [{ seq, problem: `row ${seq} stands after row ${expected - 1}` }];
    const before = last ?? { seq: 0, hash: GENESIS, computed: GENESIS };
    if (prev === before.hash || prev === before.computed) return [];
    // A row that is broken itself may have lost its link so; one that was found broken before need not be told again.
    if (hashOfRow({ seq, prev, ...rest }, this.#sha256) !== hash || before.hash !== before.computed) return [];
    return before.seq === 0
      ? [{ seq, problem: 'the first row names a row before it' }]
      : [{ seq: before.seq, problem: `row ${before.seq} was written anew: row ${seq} names another hash for it` }];
  }

  #content(row: AuditRow, computed: string): BrokenRow[] {
    if (computed !== row.hash)
      return [
        { seq: row.seq, problem: 'its hash does not fit: the event, its time, its number, its link or the hash was changed' },
      ];
    const wrong = row.columns && wrongColumn(row.body, row.columns);
    return wrong === undefined ? [] : [{ seq: row.seq, problem: wrong }];
  }

  #noted({ seq, hash }: AuditRow, computed: string): BrokenRow[] {
    const noted = this.#heads.find((head) => head.seq === seq && head.hash !== hash && head.hash !== computed);
    return noted
      ? [{ seq, problem: 'it is not the row that was noted as the head: it, or rows before it, were written anew' }]
      : [];
  }
}

const missing = (from: number, to: number) => (from === to ? `row ${from} is missing` : `rows ${from} to ${to} are missing`);

/** The first thing that is kept beside an event and differs from it. */
function wrongColumn(body: string, columns: AuditColumns): string | undefined {
  const event = parsed(body);
  const { actor, object } = event as { actor?: Record<string, unknown>; object?: Record<string, unknown> };
  const said: Readonly<Record<keyof AuditColumns, unknown>> = {
    actor: actor?.['subject'],
    action: event['action'],
    objectType: object?.['type'],
    objectId: object?.['id'],
    outcome: event['outcome'],
    cluster: event['cluster'],
  };
  const wrong = Object.entries(columns).find(([name, value]) => value !== said[name as keyof AuditColumns]);
  return wrong && `what it is searched by (${wrong[0]}) is not what the event says`;
}

function parsed(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return value instanceof Object ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
