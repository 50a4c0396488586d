import 'server-only';
import { shortNode } from '#lib/audit/tuple.ts';
import { dropReasonOf } from '#lib/flow/drop-reasons.ts';
import { addressOf, dnsNameOf, entityOf, type Side, workloadOf } from '#lib/flow/endpoint-name.ts';
import { type Endpoint, EVENT_TYPE, type Flow } from '#lib/flow/flow.ts';
import { flowKey } from '#lib/flow/flow-key.ts';
import { boundText } from '#lib/flow/text.ts';
import { momentOf } from '#lib/receipts/moment.ts';
import { type Evidence, RECEIPT_SCHEMA } from '#lib/receipts/receipt.ts';
import { ENCRYPTION_KINDS } from '#lib/topology/encryption.ts';
import { requestTargetOf } from '#lib/world/question.ts';

type FlowEvidence = NonNullable<Evidence['flow']>;
type Observation = Evidence['observation'];
export type ReceiptClass = Observation['class'];
export type GoverningPolicy = Evidence['policy'][number];
export type FoundBy = NonNullable<Observation['finding']>;

/** Longest text of a receipt, in UTF-16 units; most policies and circumstances. */
const MOST_TEXT = 512;
const MOST_POLICIES = 20;
const MOST_GRACE = 10;

/** Where a flow was seen, as far as its relay says. */
export interface Origin {
  readonly cluster: string;
  /** e.g. `hubble-relay`. */
  readonly source: string;
  readonly ciliumVersion: string | undefined;
}

/** Which policies governed a flow, and whose word that is. */
export interface Governed {
  readonly policies: readonly GoverningPolicy[];
  readonly by: Observation['policy_attribution'];
  readonly policySetHash: string | undefined;
  /** Circumstances in which a disagreement proves little. */
  readonly grace: readonly string[];
}

/** What is known of encryption: index into `ENCRYPTION_KINDS`, -1 when nothing is. */
export type EncryptionKind = number;

export interface AboutFlow {
  readonly class: ReceiptClass;
  readonly encryption: EncryptionKind;
  readonly governed: Governed;
  readonly finding?: FoundBy | undefined;
}

/** `cilium v1.19.0`, as agents call themselves, without what goes without saying. */
const versionOf = (version: string): string => text(version.replace(/^cilium v?/, ''));

/** The evidence of one flow. Throws a RangeError for one without a verdict. All text is bounded, and nothing is in it that the flow or the cluster's objects do not say. */
export function evidenceOf(flow: Flow, { cluster, source, ciliumVersion }: Origin, about: AboutFlow): Evidence {
  const { governed, finding } = about;
  return {
    schema: RECEIPT_SCHEMA,
    cluster_id: cluster,
    observed_at: momentOf(flow.time),
    policy: governed.policies.slice(0, MOST_POLICIES),
    flow: flowEvidence(flow),
    observation: {
      source,
      ...(ciliumVersion !== undefined && { cilium_version: versionOf(ciliumVersion) }),
      class: about.class,
      ...eventOf(flow),
      node: text(shortNode(flow.nodeName)),
      ...encryptedOf(flow, about.encryption),
      policy_attribution: governed.by,
      ...(governed.policySetHash !== undefined && { policy_set_hash: governed.policySetHash }),
      ...graceField([...governed.grace, ...graceOf(flow)]),
      ...(finding && { finding: boundFinding(finding) }),
    },
  };
}

/** What a receipt of one flow is about: the same for whoever saw it, and after a restart. */
export const flowAbout = (flow: Flow): string => `${momentOf(flow.time)} ${flowKey(flow)}`;

function flowEvidence(flow: Flow): FlowEvidence {
  const { verdict, isReply, l4 } = flow;
  if (verdict === 'VERDICT_UNKNOWN') throw new RangeError('a flow without a verdict has no receipt');
  const l7 = requestOf(flow);
  return {
    uuid: text(flow.uuid),
    verdict,
    ...(verdict === 'DROPPED' && { drop_reason: text(dropReasonOf(flow)) }),
    direction: directionOf(flow),
    ...(isReply !== undefined && { is_reply: isReply }),
    source: peerOf(flow, 'source'),
    destination: peerOf(flow, 'destination'),
    protocol: l4?.protocol ?? 'NONE',
    port: portOf(l4?.icmpType ?? l4?.destinationPort ?? 0),
    ...(l7 && { l7 }),
  };
}

export const directionOf = ({ trafficDirection }: Pick<Flow, 'trafficDirection'>): FlowEvidence['direction'] =>
  trafficDirection === 'INGRESS' ? 'ingress' : trafficDirection === 'EGRESS' ? 'egress' : 'unknown';

/** One side of a flow. */
export function peerOf(flow: Flow, side: Side): FlowEvidence['source'] {
  const ip = addressOf(flow, side);
  return { ...identityOf(flow, side), ...(flow[side].podName && { pod: text(flow[side].podName) }), ...(ip && { ip: text(ip) }) };
}

/** What all flows of one identity have in common: no pod, no address. */
export function identityOf(flow: Flow, side: Side): FlowEvidence['source'] {
  const endpoint: Endpoint = flow[side];
  const workload = workloadOf(endpoint)?.name;
  const entity = endpoint.podName === '' ? outsideOf(flow, side) : undefined;
  return {
    identity: endpoint.identity,
    ...(endpoint.namespace && { namespace: text(endpoint.namespace) }),
    ...(workload && { workload: text(workload) }),
    ...(entity && { entity: text(entity) }),
  };
}

/** The entity, and for the world the name or range that its identity stands for. */
function outsideOf(flow: Flow, side: Side): string | undefined {
  const entity = entityOf(flow[side]);
  if (entity !== undefined && entity !== 'world') return entity;
  const range = flow[side].labels.find((label) => label.startsWith('cidr:'))?.slice('cidr:'.length);
  return dnsNameOf(flow, side) ?? range ?? entity;
}

function requestOf({ l7 }: Flow): FlowEvidence['l7'] {
  if (!l7 || l7.type === 'UNKNOWN_L7_TYPE') return undefined;
  const type = l7.type.toLowerCase();
  if (l7.http) {
    const { host, path } = requestTargetOf(l7.http.url);
    const { code, method } = l7.http;
    return {
      type: `http-${type}`,
      ...(method && { method: text(method) }),
      ...(path && { path: text(path) }),
      ...(host && { host: text(host) }),
      ...(code > 0 && code <= 999 && { status: code }),
    };
  }
  if (l7.dns) return { type: `dns-${type}`, ...(l7.dns.query && { query: text(l7.dns.query) }) };
  if (l7.kafka) return { type: `kafka-${type}`, ...(l7.kafka.apiKey && { method: text(l7.kafka.apiKey) }) };
  return { type };
}

const EVENTS: ReadonlyMap<number, string> = new Map([
  [EVENT_TYPE.drop, 'drop'],
  [EVENT_TYPE.debug, 'debug'],
  [EVENT_TYPE.capture, 'capture'],
  [EVENT_TYPE.trace, 'trace'],
  [EVENT_TYPE.policyVerdict, 'policy-verdict'],
  [EVENT_TYPE.socket, 'socket'],
  [EVENT_TYPE.l7, 'l7'],
  [EVENT_TYPE.agent, 'agent'],
]);

const SAID_IN_WORDS: ReadonlySet<number> = new Set([EVENT_TYPE.drop, EVENT_TYPE.trace]);

function eventOf({
  eventType,
  traceObservationPoint,
}: Flow): Pick<Observation, 'event_type' | 'event_sub_type' | 'observation_point'> {
  return {
    event_type: EVENTS.get(eventType.type) ?? String(eventType.type),
    // Of a drop it is the number of its reason, of a trace that of its point: both are said in words.
    ...(eventType.subType !== 0 && !SAID_IN_WORDS.has(eventType.type) && { event_sub_type: String(eventType.subType) }),
    ...(traceObservationPoint !== undefined && {
      observation_point: text(traceObservationPoint.toLowerCase().replaceAll('_', '-')),
    }),
  };
}

const [ENCRYPTED, PLAINTEXT, SAME_NODE] = [0, 1, 2].map((index) => ENCRYPTION_KINDS[index]);

/** Three-valued, with what it rests on: the bit of the flow alone, and its absence, prove nothing. */
export function encryptedOf(
  flow: Pick<Flow, 'ip'>,
  encryption: EncryptionKind,
): Pick<Observation, 'encrypted' | 'encrypted_basis'> {
  switch (ENCRYPTION_KINDS[encryption]) {
    case ENCRYPTED:
      return { encrypted: 'yes', encrypted_basis: flow.ip?.encrypted ? 'flow-bit' : 'device-trace' };
    case PLAINTEXT:
      return { encrypted: 'no', encrypted_basis: 'device-trace' };
    case SAME_NODE:
      return { encrypted: 'no', encrypted_basis: 'same-node' };
    default:
      return { encrypted: 'unknown' };
  }
}

/** A letter for each answer of `encryptedOf`: it is asked of every flow. */
export const encryptionKeyOf = ({ ip }: Pick<Flow, 'ip'>, encryption: EncryptionKind): string =>
  ENCRYPTION_KINDS[encryption] === ENCRYPTED && ip?.encrypted ? 'f' : (KEYS[encryption] ?? 'u');

const KEYS = ENCRYPTION_KINDS.map((kind) =>
  kind === ENCRYPTED ? 'e' : kind === PLAINTEXT ? 'p' : kind === SAME_NODE ? 's' : 'u',
);

/** Circumstances, where there are any. */
export const graceField = (grace: readonly string[]): Pick<Observation, 'grace'> =>
  grace.length > 0 ? { grace: grace.slice(0, MOST_GRACE) } : {};

function graceOf({ isReply, verdict }: Flow): string[] {
  return [...(isReply ? ['reply'] : []), ...(verdict === 'AUDIT' ? ['audit-mode'] : [])];
}

/** A finding that is not about a flow. `at`: Unix milliseconds. */
export function subjectEvidence(
  { cluster, source, ciliumVersion }: Origin,
  finding: FoundBy & { readonly subject: string },
  governed: Governed,
  at: number,
): Evidence {
  return {
    schema: RECEIPT_SCHEMA,
    cluster_id: cluster,
    observed_at: momentOf(at),
    policy: governed.policies.slice(0, MOST_POLICIES),
    observation: {
      source,
      ...(ciliumVersion !== undefined && { cilium_version: versionOf(ciliumVersion) }),
      class: 'finding',
      event_type: 'finding',
      node: '',
      encrypted: 'unknown',
      policy_attribution: governed.by,
      ...(governed.policySetHash !== undefined && { policy_set_hash: governed.policySetHash }),
      ...graceField(governed.grace),
      finding: boundFinding(finding),
    },
  };
}

const MOST_REASONS = 10;

const boundFinding = ({ rule, severity, reasons, subject }: FoundBy): FoundBy => ({
  rule,
  severity,
  reasons: reasons.slice(0, MOST_REASONS).map(text),
  ...(subject !== undefined && { subject: text(subject) }),
});

const text = (given: string): string => boundText(given, MOST_TEXT);
const portOf = (port: number): number => (Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : 0);
