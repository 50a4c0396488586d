import { rfc3339 } from '#lib/flow/time.ts';
import type { TuplePeer } from '#lib/ledger/tuple.ts';
import type { CompiledPolicies } from '#lib/policy/compile.ts';
import { decide } from '#lib/policy/decide.ts';
import type { DirectionDecision, PolicyDecision, PolicyRef } from '#lib/policy/model.ts';
import { type Inventory, isUnknownIdentity } from '#lib/world/inventory.ts';
import { policyProtocolOf } from '#lib/world/question.ts';
import { agreementOf, connectionKey, type JudgedTuple, sideOf } from './agreement.ts';
import { TUPLE_RULES } from './audit.ts';
import type { Finding } from './finding.ts';
import { FINDING_KINDS } from './finding-kinds.ts';
import { replay } from './replay.ts';
import { type CountedTuple, NOT_POLICY, replayTuples } from './replay-tuples.ts';
import { type AuditEnd, type AuditEvent, type AuditRequest, type AuditTuple, isBefore, type Moment, shortNode } from './tuple.ts';

/** The sets of policies that were in force while a tuple was seen, one or several; `unknown` says why that cannot be told. */
export type SetsAtItsTime = { readonly sets: readonly CompiledPolicies[] } | { readonly unknown: string };

export interface LedgerAuditFacts {
  readonly inventory: Inventory;
  /** Policies that the cluster has. */
  readonly policies: Iterable<PolicyRef>;
  readonly labelSets: ReadonlyMap<string, readonly string[]>;
  readonly labelSetOf: (identity: number) => string | undefined;
  /** Whether the endpoints of a workload only report denials in a direction. */
  readonly audits: (workload: string, side: 'egress' | 'ingress') => boolean;
  readonly setsOf: (row: CountedTuple) => SetsAtItsTime;
}

export interface LedgerAudit {
  readonly tuples: readonly JudgedTuple[];
  /** By kind, worst first; within a kind by their first flow. */
  readonly findings: readonly Finding[];
}

/**
 * Expected against observed for stored traffic: each tuple of the ledger in the direction in which it was seen, by the set in force at its time. The
 * ledger does not keep which kind of event a flow was: what a policy is named in, is audited or was dropped is taken for a verdict, the rest for traces.
 */
export function auditLedger(rows: readonly CountedTuple[], facts: LedgerAuditFacts): LedgerAudit {
  const verdicts = new Map<string, 'gap' | 'audit'>();
  const judged = new Map<CountedTuple, JudgedTuple>();
  const audited = rows.filter(({ verdict, direction }) => !NOT_POLICY.has(verdict) && direction !== 'TRAFFIC_DIRECTION_UNKNOWN');
  const byTime = audited.toSorted((a, b) => a.first_seen_ms - b.first_seen_ms || (a.id < b.id ? -1 : 1));
  for (const row of byTime) {
    if (eventOf(row) !== 'policy-verdict') continue;
    const tuple = judgeRow(row, facts, undefined);
    judged.set(row, tuple);
    if (tuple.finding === 'enforcement-gap') verdicts.set(connectionKey(tuple), 'gap');
    else if (row.verdict === 'AUDIT') verdicts.set(connectionKey(tuple), 'audit');
  }
  const rest = byTime.map((row) => judged.get(row) ?? judgeRow(row, facts, verdicts));
  const tuples = withoutRefusals(rest);
  const context = { tuples, policies: new Set(facts.policies), revisions: {} };
  const findings = TUPLE_RULES.flatMap((rule) => rule(context));
  return { tuples, findings: findings.toSorted(byKindAndTime) };
}

/**
 * The ledger counts a request and the response to it alike. What a proxy answers to a request that it denied is a forwarded response: where no more was
 * forwarded than denied, nothing else went through.
 */
function withoutRefusals(tuples: readonly JudgedTuple[]): JudgedTuple[] {
  const denied = new Map<string, number>();
  const keyOf = (tuple: JudgedTuple): string => `${connectionKey(tuple)} ${JSON.stringify(tuple.l7)}`;
  for (const tuple of tuples) {
    if (tuple.finding === 'l7-denied') denied.set(keyOf(tuple), (denied.get(keyOf(tuple)) ?? 0) + tuple.count);
  }
  return tuples.map((tuple) => {
    if (tuple.finding !== 'l7-outside-policy' || tuple.count > (denied.get(keyOf(tuple)) ?? 0)) return tuple;
    const { finding: _, ...rest } = tuple;
    return { ...rest, agree: true, note: 'the answers of the proxy to requests that it denied' };
  });
}

function judgeRow(
  row: CountedTuple,
  facts: LedgerAuditFacts,
  verdicts: ReadonlyMap<string, 'gap' | 'audit'> | undefined,
): JudgedTuple {
  const tuple = auditTupleOf(row);
  const unknown = [row.source, row.destination].find(({ identity }) => isUnknownIdentity(identity, facts.inventory));
  if (unknown) {
    const note = `identity ${unknown.identity} is no CiliumIdentity`;
    return { ...tuple, expected: null, agree: 'not judgeable', finding: 'unknown-identity', note };
  }
  const side = sideOf(tuple);
  const { expected, why } = expectedOf(row, side, facts);
  const subject = side === 'egress' ? row.source : row.destination;
  const earlier = verdicts?.get(connectionKey(tuple)) ?? (facts.audits(subject.node, side) ? 'audit' : undefined);
  return { ...tuple, expected, ...agreementOf(tuple, expected && expected[side], earlier, why) };
}

/** What the policies of its time say of a row in a direction. Forms of it that get different answers have no one answer. */
function expectedOf(
  row: CountedTuple,
  side: 'egress' | 'ingress',
  { labelSets, labelSetOf, setsOf }: LedgerAuditFacts,
): { readonly expected: PolicyDecision | null; readonly why: string } {
  const then = setsOf(row);
  if ('unknown' in then) return { expected: null, why: then.unknown };
  const [replayed] = replay({ tuples: replayTuples([row], labelSetOf), labelSets });
  if (!replayed) return { expected: null, why: 'It is no traffic that policy sees.' };
  if ('unknown' in replayed) return { expected: null, why: replayed.unknown.detail };
  const [first, ...others] = then.sets.map((compiled) => replayed.questions.map((question) => decide(compiled, question)));
  const [answer, ...forms] = first ?? [];
  if (!answer || forms.some((form) => !isSame(answer[side], form[side]))) {
    return { expected: null, why: 'It was seen with addresses or paths that get different answers.' };
  }
  if (others.flat().some((other) => !isSame(answer[side], other[side]))) {
    return { expected: null, why: 'Policies changed while it was seen, and those before and after disagree about it.' };
  }
  return { expected: answer, why: '' };
}

const isSame = (one: DirectionDecision, two: DirectionDecision): boolean =>
  one.verdict === two.verdict && one.l7 === two.l7 && one.reason === two.reason;

function eventOf({ l7, verdict, policies }: CountedTuple): AuditEvent {
  if (l7) return 'l7';
  if (policies.length > 0 || verdict === 'AUDIT' || verdict === 'REDIRECTED') return 'policy-verdict';
  return verdict === 'DROPPED' ? 'drop' : 'trace';
}

function auditTupleOf(row: CountedTuple): AuditTuple {
  const { protocol, port, l7, verdict, drop_reason: dropReason, auth, policies } = row;
  const request = requestOf(l7);
  return {
    id: row.id,
    event: eventOf(row),
    direction: row.direction === 'EGRESS' ? 'EGRESS' : 'INGRESS',
    source: endOf(row.source),
    destination: endOf(row.destination),
    protocol: protocol === 'NONE' ? null : (policyProtocolOf(protocol) ?? protocol),
    port: protocol === 'NONE' ? null : port,
    ...(request && { l7: request }),
    observed: {
      verdict,
      ...(dropReason !== '' && { dropReason }),
      ...(auth !== '' && auth !== 'DISABLED' && { auth }),
      ...(policies.length > 0 && { policies: policies.filter((policy) => /^(cnp|ccnp|knp):/.test(policy)) }),
    },
    count: row.flows,
    first: momentOf(row.first_seen_ms),
    last: momentOf(row.last_seen_ms),
    uuids: row.example_uuid === '' ? [] : [row.example_uuid],
    nodes: row.nodes.map(shortNode).toSorted(),
    opens: false,
    examples: [],
  };
}

const momentOf = (time: number): Moment => ({ time, text: rfc3339(time) });

function endOf({ node, namespace, workload, identity }: TuplePeer): AuditEnd {
  return namespace === '' ? { identity, labels: [node.replace(/^entity:/, 'reserved:')] } : { identity, namespace, workload };
}

function requestOf(l7: CountedTuple['l7']): AuditRequest | undefined {
  switch (l7?.kind) {
    case 'http':
      return { http: { method: l7.method, ...(l7.host !== '' && { host: l7.host }), path: l7.path } };
    case 'dns':
      return { dns: l7.name };
    case 'kafka':
      return { kafka: { apiKey: l7.api, topic: l7.topic } };
    default:
      return undefined;
  }
}

const byKindAndTime = (a: Finding, b: Finding): number =>
  FINDING_KINDS.indexOf(a.kind) - FINDING_KINDS.indexOf(b.kind) || (isBefore(a.first, b.first) ? -1 : 1);

/** Workloads with an endpoint that reports denials instead of making them: `LedgerAuditFacts.audits`. */
export function auditingWorkloads({ pods }: Inventory): LedgerAuditFacts['audits'] {
  const auditing = new Set<string>();
  for (const { namespace, workload, audits } of pods.values()) {
    for (const side of ['egress', 'ingress'] as const) if (audits[side]) auditing.add(`${side} ${namespace}/${workload.name}`);
  }
  return (workload, side) => auditing.has(`${side} ${workload}`);
}
