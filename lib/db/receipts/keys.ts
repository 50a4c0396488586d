import 'server-only';
import type { KeyChange, KeyRecord } from '#lib/keys/states.ts';
import { canonicalBytes } from '#lib/receipts/canonical.ts';
import { KeyEvent } from '#lib/receipts/receipt.ts';
import type { Statements } from '../traffic/connection.ts';

/** A stored change of a key. Times are Unix milliseconds. */
export interface StoredKeyChange extends KeyChange {
  readonly signed: KeyEvent;
}

/** Makes this transaction the only one that changes keys until it ends: changes are decided on what was read after it. */
export const lockKeys = (tx: Statements): Promise<unknown> =>
  tx.rows(`SELECT pg_advisory_xact_lock(hashtextextended('signing keys', 0))`);

/** All keys with all that became of them, in its order. */
export async function readKeyRecords(db: Statements): Promise<{ keys: KeyRecord[]; changes: StoredKeyChange[] }> {
  const keys = await db.rows<KeyRecord>('SELECT kid, role, x, source FROM signing_key');
  const rows = await db.rows<ChangeRow>('SELECT id, kid, event, at_ms, planned_ms, body FROM key_event ORDER BY id');
  return { keys, changes: rows.map(changeOf) };
}

/** Writes a key down; one that is there stays as it is. */
export const putKey = (tx: Statements, { kid, role, x, source }: KeyRecord): Promise<unknown> =>
  tx.rows('INSERT INTO signing_key (kid, role, x, source) VALUES ($1, $2, $3, $4) ON CONFLICT (kid) DO NOTHING', [
    kid,
    role,
    x,
    source,
  ]);

/** Writes a change down, to be carried by the next header of every log. Each change happens to a key once: a second one fails. */
export const addKeyEvent = (tx: Statements, event: KeyEvent, plannedMs?: number): Promise<unknown> =>
  tx.rows('INSERT INTO key_event (kid, event, at_ms, planned_ms, body) VALUES ($1, $2, $3, $4, $5)', [
    event.kid,
    event.event,
    Date.parse(event.at),
    plannedMs ?? null,
    new TextDecoder().decode(canonicalBytes(event)),
  ]);

/** Most changes that one header carries. */
const MOST_IN_HEADER = 20;

/**
 * The changes that the next header of a cluster's log carries, in their order. A log that begins now is told of the keys that are in force or about to
 * be, each signed by those among them alone: who held a key that was gone before it began is nothing it could check.
 */
export async function pendingKeyEvents(tx: Statements, cluster: string): Promise<{ id: number; event: KeyEvent }[]> {
  const rows = await tx.rows<{ id: number; body: string }>(
    `SELECT e.id, e.body FROM key_event e
     WHERE NOT EXISTS (SELECT FROM key_event_entry n WHERE n.event_id = e.id AND n.cluster = $1)
     ORDER BY e.id`,
    [cluster],
  );
  const events = rows.map(({ id, body }) => ({ id, event: eventIn(body) }));
  if (!(await beginsNow(tx, cluster))) return events.slice(0, MOST_IN_HEADER);
  const gone = new Set(events.filter(({ event }) => isEnd(event)).map(({ event }) => event.kid));
  return events
    .filter(({ event }) => !gone.has(event.kid))
    .map(({ id, event }) => ({
      id,
      event: { ...event, signatures: event.signatures.filter(({ kid }) => !gone.has(kid)) },
    }))
    .slice(0, MOST_IN_HEADER);
}

/** Writes down that the entry `seq` of a cluster's log carries these changes, as `pendingKeyEvents` gave them in the same transaction. */
export async function noteKeyEventsLogged(tx: Statements, cluster: string, seq: number, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const begins = await beginsNow(tx, cluster);
  await tx.rows('INSERT INTO key_event_entry (cluster, event_id, seq) SELECT $1, id, $2 FROM unnest($3::int[]) id', [
    cluster,
    seq,
    ids,
  ]);
  if (!begins) return;
  // What the log was not told at its beginning it is not told later.
  await tx.rows(
    `INSERT INTO key_event_entry (cluster, event_id, seq, carried)
     SELECT $1, e.id, $2, false FROM key_event e
     WHERE e.kid NOT IN (SELECT kid FROM key_event WHERE id = ANY($3::int[]))
       AND e.kid IN (SELECT kid FROM key_event WHERE event IN ('retired', 'compromised'))`,
    [cluster, seq, ids],
  );
}

/** Entry of a cluster's log that introduced each key, by thumbprint. */
export async function readIntroductions(db: Statements, cluster: string): Promise<Map<string, number>> {
  const rows = await db.rows<{ kid: string; seq: number }>(
    `SELECT e.kid, n.seq FROM key_event_entry n JOIN key_event e ON e.id = n.event_id
     WHERE n.cluster = $1 AND n.carried AND e.event = 'introduced'`,
    [cluster],
  );
  return new Map(rows.map(({ kid, seq }) => [kid, seq]));
}

/** Entry of a cluster's log that carries each change, by the id of the change. */
export async function readEntries(db: Statements, cluster: string): Promise<Map<number, number>> {
  const rows = await db.rows<{ id: number; seq: number }>(
    'SELECT event_id AS id, seq FROM key_event_entry WHERE cluster = $1 AND carried',
    [cluster],
  );
  return new Map(rows.map(({ id, seq }) => [id, seq]));
}

/** Thumbprints of the keys whose introduction is in some log. */
export async function readIntroduced(db: Statements): Promise<Set<string>> {
  const rows = await db.rows<{ kid: string }>(
    `SELECT DISTINCT e.kid FROM key_event_entry n JOIN key_event e ON e.id = n.event_id WHERE n.carried AND e.event = 'introduced'`,
  );
  return new Set(rows.map(({ kid }) => kid));
}

const beginsNow = async (tx: Statements, cluster: string): Promise<boolean> =>
  (await tx.rows('SELECT 1 FROM key_event_entry WHERE cluster = $1 LIMIT 1', [cluster])).length === 0;

const isEnd = ({ event }: KeyEvent): boolean => event === 'retired' || event === 'compromised';
const eventIn = (body: string): KeyEvent => KeyEvent.parse(JSON.parse(body));

interface ChangeRow {
  readonly id: number;
  readonly kid: string;
  readonly event: KeyEvent['event'];
  readonly at_ms: number;
  readonly planned_ms: number | null;
  readonly body: string;
}

function changeOf({ id, kid, event, at_ms, planned_ms, body }: ChangeRow): StoredKeyChange {
  const signed = eventIn(body);
  const { compromised_at } = signed;
  return {
    id,
    kid,
    event,
    atMs: at_ms,
    plannedMs: planned_ms ?? undefined,
    compromisedAtMs: compromised_at === undefined ? undefined : Date.parse(compromised_at),
    signed,
  };
}
