import { EVENT_TYPE, type Flow, type PolicyRef as NamedPolicy } from '#lib/flow/flow.ts';
import { POLICY_KINDS, type PolicyKind, type PolicyRef } from '#lib/policy/model.ts';
import { policyRef } from '#lib/policy/policy-ref.ts';
import type { Inventory } from '#lib/world/inventory.ts';
import { identityLabelsIn, policyProtocolOf, requestTargetOf } from '#lib/world/question.ts';
import { workloadByName } from '#lib/world/workload.ts';

/** Who makes an event of Cilium: its policy, its datapath, a proxy, or a trace point on a packet's way. */
export type AuditEvent = 'policy-verdict' | 'drop' | 'l7' | 'trace';

/** One end of audited traffic: a workload with its identity; without a pod, the identity with its labels. */
export interface AuditEnd {
  readonly identity: number;
  readonly namespace?: string;
  readonly workload?: string;
  readonly labels?: readonly string[];
}

export type AuditRequest =
  | { readonly http: { readonly method: string; readonly host?: string; readonly path: string } }
  | { readonly dns: string }
  | { readonly kafka: { readonly apiKey: string; readonly topic: string } };

/** What was seen. */
export interface Observed {
  /** As Hubble says it: FORWARDED, REDIRECTED, DROPPED, AUDIT, ERROR. */
  readonly verdict: string;
  readonly dropReason?: string;
  /** Hubble's `auth_type`, e.g. SPIRE. */
  readonly auth?: string;
  /** Policies that the verdict names, sorted; those of the agent's own making left out. */
  readonly policies?: readonly PolicyRef[];
}

/** All flows of a recording that agree in everything here. */
export interface TupleKey {
  readonly event: AuditEvent;
  readonly direction: 'EGRESS' | 'INGRESS';
  readonly source: AuditEnd;
  readonly destination: AuditEnd;
  /** As policies name it: TCP, UDP, SCTP, ICMP, ICMPv6; null where there is none. */
  readonly protocol: string | null;
  /** Destination port, or ICMP type. */
  readonly port: number | null;
  readonly l7?: AuditRequest;
  readonly observed: Observed;
}

/** A moment as it was recorded: RFC 3339 with its nanoseconds, and Unix milliseconds to compare. */
export interface Moment {
  readonly time: number;
  readonly text: string;
}

/** A tuple with what it stands for. */
export interface AuditTuple extends TupleKey {
  /** `t1`, `t2`, ... in the order of their first flow. */
  readonly id: string;
  /** Flows. */
  readonly count: number;
  readonly first: Moment;
  readonly last: Moment;
  /** The first three that have one. */
  readonly uuids: readonly string[];
  /** Names of nodes without the cluster, sorted. */
  readonly nodes: readonly string[];
  /** A trace of a packet that opens a connection is among them. */
  readonly opens: boolean;
  /** Flows that stand for the others: of each pod that is judged and each outside address one, up to a few. */
  readonly examples: readonly Flow[];
}

const EVENTS: ReadonlyMap<number, AuditEvent> = new Map([
  [EVENT_TYPE.policyVerdict, 'policy-verdict'],
  [EVENT_TYPE.drop, 'drop'],
  [EVENT_TYPE.l7, 'l7'],
  [EVENT_TYPE.trace, 'trace'],
]);

/** Why a flow is in no tuple: it belongs to a connection that another flow opened, or nobody knows which way it goes. */
export type LeftOut = 'reply' | 'no-request';

/**
 * The tuple that a flow belongs to. Only what opens a connection or makes a request is judged: replies and responses are let through by connection
 * tracking, socket events come before any policy, and a trace that does not know whether it is a reply (`to-crypto`, `to-network`) may be one.
 */
export function tupleKeyOf(flow: Flow, inventory: Inventory): TupleKey | LeftOut {
  const event = EVENTS.get(flow.eventType.type);
  if (flow.isReply || flow.l7?.type === 'RESPONSE') return 'reply';
  const direction = flow.trafficDirection;
  if (!event || direction === 'TRAFFIC_DIRECTION_UNKNOWN' || (event === 'trace' && flow.isReply === undefined))
    return 'no-request';
  const { l4 } = flow;
  const l7 = requestOf(flow);
  return {
    event,
    direction,
    source: endOf(flow, 'source', inventory),
    destination: endOf(flow, 'destination', inventory),
    protocol: l4 ? (policyProtocolOf(l4.protocol) ?? l4.protocol) : null,
    port: l4 ? (l4.icmpType ?? l4.destinationPort) : null,
    ...(l7 && { l7 }),
    observed: observedOf(flow),
  };
}

/** One end of a flow as tuples name it. */
export function endOf(flow: Flow, side: 'source' | 'destination', inventory: Inventory): AuditEnd {
  const { identity, namespace, podName, workload } = flow[side];
  const known = namespace ? { identity, namespace } : { identity };
  if (podName === '') return { ...known, labels: identityLabelsIn(flow[side], inventory) };
  const named = workload?.name || inventory.pods.get(`${namespace}/${podName}`)?.workload.name || workloadByName(podName).name;
  return { ...known, workload: named };
}

function requestOf({ l7 }: Flow): AuditRequest | undefined {
  if (l7?.http) {
    const { host, path } = requestTargetOf(l7.http.url);
    return { http: { method: l7.http.method, ...(host !== undefined && { host }), path } };
  }
  if (l7?.dns) return { dns: l7.dns.query };
  return l7?.kafka && { kafka: { apiKey: l7.kafka.apiKey, topic: l7.kafka.topic } };
}

function observedOf(flow: Flow): Observed {
  const policies = namedPolicies(flow);
  const isVerdict = flow.eventType.type === EVENT_TYPE.policyVerdict;
  return {
    verdict: flow.verdict,
    ...(flow.dropReason !== undefined && { dropReason: flow.dropReason }),
    ...(isVerdict && flow.authType !== undefined && flow.authType !== 'DISABLED' && { auth: flow.authType }),
    ...(policies.length > 0 && { policies }),
  };
}

/** The policies that a verdict names in its own direction. One without a name is the agent's own (`allow-any`, `allow-localhost`). */
export function namedPolicies(flow: Flow): readonly PolicyRef[] {
  const named =
    flow.trafficDirection === 'INGRESS'
      ? [...flow.ingressAllowedBy, ...flow.ingressDeniedBy]
      : [...flow.egressAllowedBy, ...flow.egressDeniedBy];
  return [...new Set(named.flatMap(refOfNamed))].toSorted();
}

const isPolicyKind = (kind: string): kind is PolicyKind => (POLICY_KINDS as readonly string[]).includes(kind);

const refOfNamed = ({ kind, namespace, name }: NamedPolicy): PolicyRef[] =>
  name !== '' && isPolicyKind(kind) ? [policyRef(kind, namespace, name)] : [];

/** What two events of one connection have in common: ends, protocol and port. */
export const pairKeyOf = ({
  source,
  destination,
  protocol,
  port,
}: Pick<TupleKey, 'source' | 'destination' | 'protocol' | 'port'>): string =>
  JSON.stringify([source, destination, protocol, port]);

/** A node's name without its cluster's. */
export const shortNode = (nodeName: string): string => nodeName.slice(nodeName.indexOf('/') + 1);

/** Whether `a` is earlier; the text decides within a microsecond. */
export const isBefore = (a: Moment, b: Moment): boolean => a.time < b.time || (a.time === b.time && a.text < b.text);
