import 'server-only';
import { FindingAbout, type FindingEntry, type FindingList, type FindingsQuery } from '#lib/api/receipts.ts';
import { RULES, SEVERITIES } from '#lib/receipts/rules/rule.ts';
import type { Statements } from '../traffic/connection.ts';

/** Receipts of a finding that are shown. */
const MOST_RECEIPTS = 20;
/** Seen again it is new work, so it comes before what somebody looks after. */
const STATE_ORDER = ['open', 'acknowledged', 'expected', 'fixed'];

export interface FindingFilter extends Pick<FindingsQuery, 'cluster' | 'rule' | 'state' | 'severity' | 'limit'> {
  /** Unix milliseconds: seen within. */
  readonly range?: { readonly from: number; readonly to: number } | undefined;
}

interface FindingRow extends Omit<FindingEntry, 'about' | 'changedBy' | 'changedAt' | 'reopenedAt'> {
  readonly about: string;
  readonly changedBy: string | null;
  readonly changedAt: number | null;
  readonly reopenedAt: number | null;
}

const COLUMNS = `f.id, f.cluster, f.rule, f.severity, f.title, f.subject, f.reasons, f.about, f.first_at_ms AS "firstAt", f.last_at_ms AS "lastAt",
  f.count, f.state, f.note, f.changed_by AS "changedBy", f.changed_at_ms AS "changedAt", f.reopened_at_ms AS "reopenedAt", f.version,
  ARRAY(SELECT receipt_id FROM finding_receipt WHERE finding_id = f.id ORDER BY at_ms DESC, receipt_id LIMIT ${MOST_RECEIPTS}) AS receipts`;

/** Findings of a cluster, open and grave ones first, then those seen last; and whether there are more than `limit`. */
export async function listFindings(
  db: Statements,
  { cluster, rule, state, severity, range, limit }: FindingFilter,
): Promise<{ readonly findings: FindingEntry[]; readonly more: boolean }> {
  const rows = await db.rows<FindingRow>(
    `SELECT ${COLUMNS} FROM finding f
     WHERE f.cluster = $1 AND ($2::text IS NULL OR f.rule = $2) AND ($3::text IS NULL OR f.state = $3)
       AND ($4::text IS NULL OR f.severity = $4) AND f.last_at_ms >= $5 AND f.first_at_ms <= $6
     ORDER BY array_position($7::text[], f.state), array_position($8::text[], f.severity), f.last_at_ms DESC, f.id
     LIMIT $9`,
    [
      cluster,
      rule ?? null,
      state ?? null,
      severity ?? null,
      range?.from ?? 0,
      range?.to ?? Number.MAX_SAFE_INTEGER,
      STATE_ORDER,
      [...SEVERITIES],
      limit + 1,
    ],
  );
  return { findings: rows.slice(0, limit).map(entryOf), more: rows.length > limit };
}

/** A finding; undefined where there is none with this id. */
export async function findFinding(db: Statements, id: string): Promise<FindingEntry | undefined> {
  const [row] = await db.rows<FindingRow>(`SELECT ${COLUMNS} FROM finding f WHERE f.id = $1`, [id]);
  return row && entryOf(row);
}

/** How many findings each rule has in a cluster, and how many of them are open; every rule is there. */
export async function countFindings(db: Statements, cluster: string): Promise<FindingList['counts']> {
  const rows = await db.rows<{ rule: string; open: number; total: number }>(
    `SELECT rule, (count(*) FILTER (WHERE state = 'open'))::int AS open, count(*)::int AS total FROM finding WHERE cluster = $1 GROUP BY rule`,
    [cluster],
  );
  return RULES.map((rule) => {
    const { open, total } = rows.find((row) => row.rule === rule) ?? { open: 0, total: 0 };
    return { rule, open, total };
  });
}

/** What each rule looked at last in a cluster, and why it cannot say that all was well. */
export async function readStandings(db: Statements, cluster: string): Promise<Pick<FindingList, 'windows' | 'notEvaluable'>> {
  const rows = await db.rows<{ rule: (typeof RULES)[number]; from: number; to: number; looked: number; reasons: string[] }>(
    'SELECT rule, from_ms AS "from", to_ms AS "to", looked, reasons FROM rule_standing WHERE cluster = $1 ORDER BY rule',
    [cluster],
  );
  return {
    windows: rows.map(({ rule, from, to, looked }) => ({ rule, from, to, looked })),
    notEvaluable: rows.flatMap(({ rule, reasons }) => reasons.map((reason) => ({ rule, reason }))),
  };
}

/** The window that a rule looked at last; undefined before its first. Unix milliseconds. */
export async function readRuleStanding(
  db: Statements,
  cluster: string,
  rule: string,
): Promise<{ readonly from: number; readonly to: number } | undefined> {
  const [row] = await db.rows<{ from: number; to: number }>(
    'SELECT from_ms AS "from", to_ms AS "to" FROM rule_standing WHERE cluster = $1 AND rule = $2',
    [cluster, rule],
  );
  return row;
}

function entryOf({ about, changedBy, changedAt, reopenedAt, ...row }: FindingRow): FindingEntry {
  return {
    ...row,
    about: FindingAbout.parse(JSON.parse(about)),
    ...(changedBy !== null && { changedBy }),
    ...(changedAt !== null && { changedAt }),
    ...(reopenedAt !== null && { reopenedAt }),
  };
}
