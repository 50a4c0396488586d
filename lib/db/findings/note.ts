import 'server-only';
import { systemActor } from '#lib/audit-log/event.ts';
import { boundText } from '#lib/flow/text.ts';
import { findingId } from '#lib/receipts/rules/finding-id.ts';
import { type RuleReport, SEVERITIES, type Sighting } from '#lib/receipts/rules/rule.ts';
import { appendAuditBy } from '../audit-log/append.ts';
import type { Statements, TrafficDb } from '../traffic/connection.ts';

/** A sighting with the receipts that were asked for it. */
export interface NotedSighting {
  readonly sighting: Sighting;
  readonly receipts: readonly string[];
}

/** What the rules made of a window of a cluster. Unix milliseconds. */
export interface RuleWindow {
  readonly cluster: string;
  readonly from: number;
  readonly to: number;
  readonly reports: readonly RuleReport[];
}

/** As in a receipt, in UTF-16 units. */
const MOST_TEXT = 512;
/** Receipts that are remembered of a finding: the newest. */
const MOST_RECEIPTS = 50;

/**
 * Notes what was seen: each finding is one row, counted. A finding that was fixed and is seen in something newer is open again, with a line in the
 * audit log. A finding keeps its gravest severity until it is fixed. Gives the ids of those that are new or open again.
 */
export async function noteSightings(
  db: TrafficDb,
  window: RuleWindow,
  noted: readonly NotedSighting[],
  now: number,
): Promise<string[]> {
  return db.transaction(async (tx) => {
    const fresh: string[] = [];
    // In the order of their ids, so that two writers never wait for each other in a circle.
    const inOrder = noted
      .map((one) => ({ ...one, id: findingId(window.cluster, one.sighting.rule, one.sighting.key) }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const reopened: { id: string; rule: string }[] = [];
    for (const { id, sighting, receipts } of inOrder) {
      const row = await upsert(tx, window.cluster, id, sighting, now);
      if (row.reopened) reopened.push({ id, rule: sighting.rule });
      if (row.reopened || row.isNew) fresh.push(id);
      await keepReceipts(tx, id, receipts, now);
    }
    await writeStandings(tx, window);
    for (const { id, rule } of reopened) {
      await appendAuditBy(tx, {
        actor: systemActor('ingest'),
        action: 'finding.reopen',
        object: { type: 'finding', id },
        outcome: 'ok',
        cluster: window.cluster,
        reason: 'seen again after it had been fixed',
        details: { rule },
      });
    }
    return fresh;
  });
}

async function upsert(
  tx: Statements,
  cluster: string,
  id: string,
  { rule, severity, title, subject, reasons, about, first, last, count }: Sighting,
  now: number,
): Promise<{ readonly isNew: boolean; readonly reopened: boolean }> {
  const [before] = await tx.rows<{ state: string; severity: string; changedAt: number | null }>(
    'SELECT state, severity, changed_at_ms AS "changedAt" FROM finding WHERE id = $1 FOR UPDATE',
    [id],
  );
  const reopened = before?.state === 'fixed' && last > (before.changedAt ?? 0);
  const gravest = before && !reopened && graver(before.severity, severity) ? before.severity : severity;
  await tx.rows(
    `INSERT INTO finding AS f (id, cluster, rule, severity, title, subject, reasons, about, first_at_ms, last_at_ms, count)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (id) DO UPDATE SET severity = $4, title = $5, subject = $6, about = $8,
       reasons = CASE WHEN $4 = $12 THEN $7 ELSE f.reasons END,
       first_at_ms = LEAST(f.first_at_ms, $9), last_at_ms = GREATEST(f.last_at_ms, $10), count = f.count + $11`,
    [
      id,
      cluster,
      rule,
      gravest,
      title,
      boundText(subject, MOST_TEXT),
      reasons.map((reason) => boundText(reason, MOST_TEXT)),
      JSON.stringify(about),
      first,
      last,
      count,
      severity,
    ],
  );
  if (reopened)
    await tx.rows(`UPDATE finding SET state = 'open', version = version + 1, reopened_at_ms = $2 WHERE id = $1`, [id, now]);
  return { isNew: before === undefined, reopened };
}

/** Whether the first severity is graver than the second. */
const graver = (one: string, other: string): boolean => {
  const order: readonly string[] = SEVERITIES;
  return order.indexOf(one) < order.indexOf(other);
};

async function keepReceipts(tx: Statements, finding: string, receipts: readonly string[], now: number): Promise<void> {
  if (receipts.length === 0) return;
  await tx.rows(
    `INSERT INTO finding_receipt (finding_id, receipt_id, at_ms) SELECT $1, unnest($2::text[]), $3 ON CONFLICT DO NOTHING`,
    [finding, [...receipts], now],
  );
  await tx.rows(
    `DELETE FROM finding_receipt WHERE finding_id = $1 AND receipt_id NOT IN
       (SELECT receipt_id FROM finding_receipt WHERE finding_id = $1 ORDER BY at_ms DESC, receipt_id LIMIT ${MOST_RECEIPTS})`,
    [finding],
  );
}

async function writeStandings(tx: Statements, { cluster, from, to, reports }: RuleWindow): Promise<void> {
  for (const { rule, looked, notEvaluable } of reports.toSorted((a, b) => (a.rule < b.rule ? -1 : 1))) {
    await tx.rows(
      `INSERT INTO rule_standing (cluster, rule, from_ms, to_ms, looked, reasons) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (cluster, rule) DO UPDATE SET from_ms = excluded.from_ms, to_ms = excluded.to_ms, looked = excluded.looked, reasons = excluded.reasons
       WHERE rule_standing.to_ms <= excluded.to_ms`,
      [cluster, rule, from, to, looked, [...notEvaluable]],
    );
  }
}
