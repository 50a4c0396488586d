import 'server-only';
import { Auditor } from '#lib/audit/audit.ts';
import { reportAudit, type ReportedAudit } from '#lib/audit/audit-report.ts';
import { auditingWorkloads, auditLedger, type SetsAtItsTime } from '#lib/audit/ledger-audit.ts';
import type { CountedTuple } from '#lib/audit/replay-tuples.ts';
import { type ForceTime, readForceTimes, readPoliciesAt } from '#lib/db/policies/versions.ts';
import { readIdentities } from '#lib/db/traffic/read-labels.ts';
import { readLedger } from '#lib/db/traffic/read-ledger.ts';
import { type CompiledPolicies, compilePolicies } from '#lib/policy/compile.ts';
import { decide } from '#lib/policy/decide.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import type { AskOf } from '../asks.ts';
import type { Desk } from '../desk.ts';

/** Sets of the past that are compiled for one audit. */
const MOST_SETS = 8;

interface Answer extends ReportedAudit {
  readonly from: number;
  readonly to: number;
  readonly set: { readonly hash: string; readonly policies: number };
  readonly assumed?: { readonly tuples: number; readonly flows: number };
  readonly incompleteMinutes: number;
}

/** Expected against observed for a window of the ledger, or for a capture flow by flow. */
export async function answerAudit(desk: Desk, cluster: string, { traffic }: AskOf<'audit'>): Promise<Answer> {
  const input = await desk.input(cluster, traffic);
  const { policies, hash } = desk.inForce(cluster);
  const audit =
    traffic.capture === undefined
      ? await ofLedger(desk, cluster, input.from, input.to)
      : await ofCapture(desk, cluster, traffic.capture, input.from, input.to);
  return {
    from: input.from,
    to: input.to,
    set: { hash, policies: policies.length },
    ...audit,
    incompleteMinutes: input.incompleteMinutes,
  };
}

/** Each tuple by the sets that were in force while it was seen. Facts other than policies are those of now. */
async function ofLedger(desk: Desk, cluster: string, from: number, to: number): Promise<ReportedAudit & Pick<Answer, 'assumed'>> {
  const { inventory, policies } = desk.facts(cluster);
  const rows = await readLedger(desk.db, cluster, from, to);
  const identities = await readIdentities(desk.db, cluster);
  const { labelSets } = await desk.input(cluster, { range: { from, to } });
  const history = await setsInForce(desk, cluster, from, to);
  const assumed = { tuples: 0, flows: 0 };
  const setsOf = (row: CountedTuple): SetsAtItsTime => {
    const then = history.filter((force) => force.from <= row.last_seen_ms && force.to >= row.first_seen_ms);
    if (then.length === 0) {
      assumed.tuples += 1;
      assumed.flows += row.flows;
      return { sets: [desk.inForce(cluster).compiled] };
    }
    const sets = [...new Set(then.flatMap(({ compiled }) => compiled ?? []))];
    if (then.some(({ compiled }) => compiled === undefined))
      return { unknown: 'Policies changed too often in the window to look at each set.' };
    return { sets };
  };
  const labelSetOf = (identity: number): string | undefined => identities.get(identity);
  const { tuples, findings } = auditLedger(rows, {
    inventory,
    policies: policies.map(refOf),
    labelSets,
    labelSetOf,
    setsOf,
    audits: auditingWorkloads(inventory),
  });
  return { ...reportAudit(tuples, findings), ...(assumed.tuples > 0 && { assumed }) };
}

/** The sets in force in a window, compiled; the newest, where there are too many. */
async function setsInForce(
  desk: Desk,
  cluster: string,
  from: number,
  to: number,
): Promise<(ForceTime & { readonly compiled: CompiledPolicies | undefined })[]> {
  const { compiled, hash } = desk.inForce(cluster);
  const forces = await readForceTimes(desk.db, cluster, from, to);
  const sets = new Map([[hash, compiled]]);
  for (const force of forces.toReversed()) {
    if (sets.has(force.hash) || sets.size >= MOST_SETS) continue;
    const then = await readPoliciesAt(desk.db, cluster, force.from);
    sets.set(
      force.hash,
      compilePolicies(
        desk.facts(cluster).world,
        then.map(({ object }) => object),
      ),
    );
  }
  return forces.map((force) => ({ ...force, compiled: sets.get(force.hash) }));
}

async function ofCapture(desk: Desk, cluster: string, id: string, from: number, to: number): Promise<ReportedAudit> {
  const auditor = new Auditor(desk.facts(cluster));
  for await (const flow of desk.flowsOf(id, { from, to })) auditor.add(flow);
  const compiled = compilePolicies(auditor.world(), desk.facts(cluster).policies);
  const { tuples, findings } = auditor.audit((question) => decide(compiled, question));
  return reportAudit(tuples, findings);
}
