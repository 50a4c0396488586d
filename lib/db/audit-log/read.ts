import 'server-only';
import { AUDIT_ACTIONS } from '#lib/audit-log/actions.ts';
import type { AuditHead, AuditRow } from '#lib/audit-log/chain.ts';
import { withDatabase } from '../client.ts';
import { Prisma } from '../generated/client.ts';

/** What to look for; all of it has to hold. */
export interface AuditFilter {
  /** Unix milliseconds. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Part of the actor, their name, the action, the object or the reason; case does not matter. */
  readonly q?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  /** `type`, or `type:id`. */
  readonly object?: string | undefined;
  readonly cluster?: string | undefined;
  readonly outcome?: string | undefined;
}

/** Rows of a step of `auditRows`. */
const STEP = 1000;

/** Newest first, those before `before`. */
export const readAuditRows = (filter: AuditFilter, limit: number, before = Number.MAX_SAFE_INTEGER): Promise<AuditRow[]> =>
  withDatabase(async (db) => {
    const rows = await db.$queryRaw<StoredRow[]>`
      SELECT ${COLUMNS} FROM audit_event WHERE seq < ${before} AND ${conditionOf(filter)} ORDER BY seq DESC LIMIT ${limit}`;
    return rows.map(auditRowOf);
  });

/** Oldest first, read in steps: a log of any length is never held whole. Rows added meanwhile are read, too, up to `until`. */
export async function* auditRows(filter: AuditFilter = {}, until = Number.MAX_SAFE_INTEGER): AsyncGenerator<AuditRow[]> {
  const condition = conditionOf(filter);
  for (let after = -1; ;) {
    const rows = await withDatabase(
      (db) => db.$queryRaw<StoredRow[]>`
        SELECT ${COLUMNS} FROM audit_event WHERE seq > ${after} AND seq <= ${until} AND ${condition} ORDER BY seq LIMIT ${STEP}`,
    );
    if (rows.length > 0) yield rows.map(auditRowOf);
    const last = rows.at(-1);
    if (!last || rows.length < STEP) return;
    after = Number(last.seq);
  }
}

/** Where the database says that the log ends. */
export const readAuditHead = (): Promise<AuditHead> =>
  withDatabase(async (db) => {
    const head = await db.auditHead.findUniqueOrThrow({ where: { id: 1 } });
    return { seq: Number(head.seq), hash: head.hash };
  });

/** The actions that occur, by name; each is one look into an index. */
export const readAuditActions = (): Promise<string[]> =>
  withDatabase(async (db) => {
    const rows = await db.$queryRaw<{ action: string }[]>`
      SELECT action FROM unnest(${[...AUDIT_ACTIONS]}::text[]) AS known(action)
      WHERE EXISTS (SELECT FROM audit_event e WHERE e.action = known.action) ORDER BY action`;
    return rows.map(({ action }) => action);
  });

const COLUMNS = Prisma.sql`seq, at_ms, prev, hash, body, actor, action, object_type, object_id, outcome, cluster`;

function conditionOf({ from, to, q, actor, action, object, cluster, outcome }: AuditFilter): Prisma.Sql {
  const [type = '', ...id] = object?.split(':') ?? [];
  const conditions = [
    from !== undefined && Prisma.sql`at_ms >= ${from}`,
    to !== undefined && Prisma.sql`at_ms <= ${to}`,
    actor !== undefined && Prisma.sql`actor = ${actor}`,
    action !== undefined && Prisma.sql`action = ${action}`,
    object !== undefined && Prisma.sql`object_type = ${type}`,
    id.length > 0 && Prisma.sql`object_id = ${id.join(':')}`,
    cluster !== undefined && Prisma.sql`cluster = ${cluster}`,
    outcome !== undefined && Prisma.sql`outcome = ${outcome}`,
    q !== undefined && textHas(q),
  ].filter((condition) => condition !== false);
  return conditions.length > 0 ? Prisma.join(conditions, ' AND ') : Prisma.sql`true`;
}

/**
 * Name and reason are looked for in the event as text, not as JSON: a row that somebody made unreadable must not fail the page that shows it. There
 * they are written as in JSON, and so is what is looked for.
 */
function textHas(q: string): Prisma.Sql {
  const escaped = JSON.stringify(q).slice(1, -1);
  return Prisma.sql`(strpos(lower(concat_ws(' ', actor, action, object_type, object_id)), lower(${q})) > 0
    OR strpos(lower(concat_ws(' ', substring(body from '"name":"((?:[^"\\\\]|\\\\.)*)"'), substring(body from '"reason":"((?:[^"\\\\]|\\\\.)*)"'))), lower(${escaped})) > 0)`;
}

interface StoredRow {
  seq: bigint;
  at_ms: bigint;
  prev: string;
  hash: string;
  body: string;
  actor: string;
  action: string;
  object_type: string;
  object_id: string;
  outcome: string;
  cluster: string | null;
}

const auditRowOf = ({ seq, at_ms: at, prev, hash, body, cluster, ...rest }: StoredRow): AuditRow => ({
  seq: Number(seq),
  at: Number(at),
  prev,
  hash,
  body,
  columns: {
    actor: rest.actor,
    action: rest.action,
    objectType: rest.object_type,
    objectId: rest.object_id,
    outcome: rest.outcome,
    cluster: cluster ?? undefined,
  },
});
