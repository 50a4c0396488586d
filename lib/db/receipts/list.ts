import 'server-only';
import type { SignedReceipt } from '#lib/receipts/receipt.ts';
import type { Statements } from '../traffic/connection.ts';
import type { SearchColumns } from './search-columns.ts';

/** Which receipts; all of it has to hold. */
export interface ReceiptFilter {
  readonly cluster: string;
  /** When it was observed: Unix milliseconds, both inclusive. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly class?: string | undefined;
  readonly verdict?: string | undefined;
  /** Words that the receipt names, in any order; case does not matter. A whole receipt id or flow uuid finds just that. */
  readonly q?: string | undefined;
  /** Sequence of its batch. */
  readonly batch?: number | undefined;
}

/** A place in the order of the list. */
export interface ReceiptPlace {
  readonly observedAt: number;
  readonly id: string;
}

/** A row of the list. */
export interface ListedReceipt extends ReceiptPlace, ListedColumns {
  readonly cluster: string;
  readonly seq: number;
  readonly leaf: number;
  readonly signed: SignedReceipt;
}

type ListedColumns = Pick<
  SearchColumns,
  'class' | 'verdict' | 'source' | 'destination' | 'port' | 'protocol' | 'reason' | 'policies'
>;

export interface ListedReceipts {
  readonly receipts: readonly ListedReceipt[];
  /** Where to go on; absent at the end. There may be one after a page that is not full: the search has looked at as many rows as it may. */
  readonly next: ReceiptPlace | undefined;
}

/** Rows that one search by text or verdict looks at: the rest is for the next page. */
const MOST_LOOKED_AT = 20_000;

/** Newest first, those after `after` in that order. */
export async function listReceipts(
  db: Statements,
  filter: ReceiptFilter,
  { limit, after }: { readonly limit: number; readonly after?: ReceiptPlace | undefined },
): Promise<ListedReceipts> {
  const { from, where, search, values } = conditionsOf(filter, after);
  const most = search === '' ? limit + 1 : MOST_LOOKED_AT;
  const rows = await db.rows<ReceiptRow>(
    `SELECT ${COLUMNS} FROM (SELECT * FROM ${from} WHERE ${where} ${ORDER} LIMIT ${most}) looked ${search} ${ORDER} LIMIT ${limit + 1}`,
    values,
  );
  const receipts = rows.slice(0, limit).map(listedOf);
  if (rows.length > limit) return { receipts, next: placeOf(receipts.at(-1)) };
  if (search === '') return { receipts, next: undefined };
  const inner = conditionsOf({ ...filter, q: wholeOf(filter.q), verdict: undefined }, after);
  const [last] = await db.rows<ReceiptRow>(
    `SELECT id, observed_at_ms FROM ${inner.from} WHERE ${inner.where} ${ORDER} OFFSET ${most - 1} LIMIT 1`,
    inner.values,
  );
  return { receipts, next: last && { id: last.id, observedAt: last.observed_at_ms } };
}

/** How many receipts the filter finds among the newest it looks at. `atLeast`: there are older ones it did not look at. */
export async function countReceipts(db: Statements, filter: ReceiptFilter): Promise<{ total: number; atLeast: boolean }> {
  const { from, where, search, values } = conditionsOf(filter, undefined);
  const [row] = await db.rows<{ total: number; looked: number }>(
    `WITH looked AS (SELECT verdict, search FROM ${from} WHERE ${where} ${ORDER} LIMIT ${MOST_LOOKED_AT + 1})
     SELECT (SELECT count(*) FROM looked ${search})::int AS total, (SELECT count(*) FROM looked)::int AS looked`,
    values,
  );
  const { total = 0, looked = 0 } = row ?? {};
  return { total: Math.min(total, MOST_LOOKED_AT), atLeast: looked > MOST_LOOKED_AT };
}

/** Newest first, and of one moment always in the same order. */
const ORDER = 'ORDER BY observed_at_ms DESC, id DESC';
const COLUMNS =
  'id, cluster, seq, leaf, body, class, verdict, observed_at_ms, source, destination, port, protocol, reason, policies';

/**
 * `where` goes by indexes, `search` over what they leave: it is empty where there is nothing to search. One thing is fetched by its own index before
 * anything is put in order: else the planner may walk all receipts by time until it meets it, which is what `OFFSET 0` is against.
 */
function conditionsOf(filter: ReceiptFilter, after: ReceiptPlace | undefined) {
  const values: unknown[] = [];
  const value = (of: unknown): string => `$${values.push(of)}`;
  const { cluster, from, to, class: kind, verdict, q, batch } = filter;
  const whole = wholeOf(q);
  const words = whole === undefined ? wordsOf(q) : [];
  const ofCluster = `cluster = ${value(cluster)}`;
  const one = whole !== undefined && `${isId(whole) ? 'id' : 'flow_uuid'} = ${value(whole)}`;
  const where = [
    ofCluster,
    from !== undefined && `observed_at_ms >= ${value(from)}`,
    // Times have microseconds: the whole of the last millisecond is meant.
    to !== undefined && `observed_at_ms < ${value(to + 1)}`,
    kind !== undefined && `class = ${value(kind)}`,
    batch !== undefined && `seq = ${value(batch)}`,
    after && `(observed_at_ms, id) < (${value(after.observedAt)}::double precision, ${value(after.id)})`,
  ].filter(Boolean);
  const search = [
    verdict !== undefined && `verdict = ${value(verdict)}`,
    ...words.map((word) => `strpos(search, ${value(word)}) > 0`),
  ].filter(Boolean);
  return {
    from: one ? `(SELECT * FROM receipt WHERE ${ofCluster} AND ${one} OFFSET 0) receipt` : 'receipt',
    where: where.join(' AND '),
    search: search.length === 0 ? '' : `WHERE ${search.join(' AND ')}`,
    values,
  };
}

const MOST_WORDS = 10;

/** Words looked for. NUL has no place in a text of Postgres. */
const wordsOf = (q = ''): string[] =>
  q
    .toLowerCase()
    .split(/[\s\0]+/)
    .filter(Boolean)
    .slice(0, MOST_WORDS);

const isId = (text: string): boolean => /^rcpt_[a-z2-7]{26}$/.test(text);

/** What is found by an index instead of by its words: a receipt id, or the uuid of a flow. */
function wholeOf(q = ''): string | undefined {
  const text = q.trim().toLowerCase();
  return isId(text) || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) ? text : undefined;
}

interface ReceiptRow extends ListedColumns, Pick<SearchColumns, 'observed_at_ms'> {
  readonly id: string;
  readonly cluster: string;
  readonly seq: number;
  readonly leaf: number;
  readonly body: string;
}

const listedOf = ({ body, observed_at_ms, ...row }: ReceiptRow): ListedReceipt => ({
  ...row,
  observedAt: observed_at_ms,
  signed: JSON.parse(body) as SignedReceipt,
});

const placeOf = (row: ListedReceipt | undefined): ReceiptPlace | undefined => row && { id: row.id, observedAt: row.observedAt };
