import { compilePolicies } from '#lib/policy/compile.ts';
import { decide } from '#lib/policy/decide.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import type { RuleContext, Sample } from '#lib/receipts/rules/sample.ts';
import { factsOf } from '#lib/world/world-builder.ts';
import { aFlow, anEndpoint, ledger } from './flows.ts';

/** When the flows of `lib/testing/flows.ts` are seen, in Unix milliseconds. */
export const SEEN_AT = Date.UTC(2026, 2, 2, 14);
const OLD = '2026-03-01T00:00:00Z';

/** The endpoints of `lib/testing/flows.ts` carry no label of their cluster. */
const ANY_CLUSTER = { 'policy-default-local-cluster': 'false' };

const NODES = [
  { name: 'ip-10-20-2-11', ip: '10.20.2.11' },
  { name: 'ip-10-20-2-12', ip: '10.20.2.12' },
];

export interface RulesCluster {
  readonly policies?: readonly Readonly<Record<string, unknown>>[];
  readonly config?: Readonly<Record<string, string>>;
  /** More objects, or ones that replace those of before. */
  readonly objects?: readonly unknown[];
  /** Kinds that nobody may read. */
  readonly unreadable?: readonly string[];
  /** Of the ledger's pod. */
  readonly audits?: boolean;
  readonly propagation?: Partial<RuleContext['propagation']>;
  readonly seenBefore?: readonly string[];
}

/** Two nodes with WireGuard keys, `payments/checkout-api` on the second and `payments/ledger` on the first, and policies to judge by. */
export function aRuleContext({
  policies = [],
  config = { 'enable-wireguard': 'true' },
  objects = [],
  unreadable = [],
  audits = false,
  propagation = {},
  seenBefore = [],
}: RulesCluster = {}): RuleContext {
  const all: unknown[] = [
    {
      kind: 'Namespace',
      apiVersion: 'v1',
      metadata: { name: 'payments', labels: { 'kubernetes.io/metadata.name': 'payments' } },
    },
    {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: 'cilium-config', namespace: 'kube-system' },
      data: { ...ANY_CLUSTER, ...config },
    },
    ...NODES.flatMap(({ name, ip }) => [
      {
        kind: 'Node',
        apiVersion: 'v1',
        metadata: { name },
        spec: {},
        status: { addresses: [{ type: 'InternalIP', address: ip }] },
      },
      {
        kind: 'CiliumNode',
        apiVersion: 'cilium.io/v2',
        metadata: { name, annotations: { 'network.cilium.io/wg-pub-key': 'k' } },
        spec: { addresses: [{ type: 'InternalIP', ip }] },
      },
    ]),
    ...podObjects(anEndpoint(), '10.0.4.33', 'ip-10-20-2-12'),
    ...podObjects(ledger, '10.0.2.40', 'ip-10-20-2-11', audits),
    ...policies,
    ...objects,
  ];
  const readable = all.filter((object) => !unreadable.includes((object as { readonly kind: string }).kind));
  const facts = factsOf(readable);
  const compiled = compilePolicies(facts.world, facts.policies);
  return {
    inventory: facts.inventory,
    decide: (question) => decide(compiled, question),
    policies: new Set(facts.policies.map(refOf)),
    propagation: { changedAt: SEEN_AT - 3_600_000, before: new Map(), since: new Map(), ...propagation },
    seenBefore: new Set(seenBefore),
  };
}

/** A pod with its endpoint and identity, as `end` says them. */
export function podObjects(
  end: ReturnType<typeof anEndpoint>,
  ip: string,
  nodeName: string,
  audits = false,
  createdAt = OLD,
): unknown[] {
  const { podName: name, namespace, identity, labels } = end;
  const nodeIp = NODES.find((node) => node.name === nodeName)?.ip ?? '';
  const plain = Object.fromEntries(labels.map((label) => label.slice('k8s:'.length).split('=') as [string, string]));
  const { 'io.kubernetes.pod.namespace': _namespace, ...own } = plain;
  return [
    {
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { name, namespace, labels: own, creationTimestamp: createdAt },
      spec: { nodeName },
      status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], hostIP: nodeIp },
    },
    {
      kind: 'CiliumEndpoint',
      apiVersion: 'cilium.io/v2',
      metadata: { name, namespace, creationTimestamp: createdAt },
      status: {
        identity: { id: identity, labels },
        networking: { addressing: [{ ipv4: ip }], node: nodeIp },
        policy: { ingress: { enforcing: !audits, state: audits ? 'non-enforcing' : 'enforcing' } },
      },
    },
    {
      kind: 'CiliumIdentity',
      apiVersion: 'cilium.io/v2',
      metadata: { name: String(identity), creationTimestamp: createdAt },
      'security-labels': Object.fromEntries(labels.map((label) => label.split('=') as [string, string])),
    },
  ];
}

/** `payments/checkout-api` opens a connection to `payments/ledger`, and the ledger's node says so. */
export const aVerdict = (more: Partial<Flow> = {}): Flow =>
  aFlow({ eventType: { type: 5, subType: 0 }, traceObservationPoint: undefined, traceReason: undefined, ...more });

export const aSample = (flow: Flow, more: Partial<Omit<Sample, 'flow'>> = {}): Sample => ({
  flow,
  count: 2,
  first: flow.time,
  last: flow.time,
  names: [],
  ...more,
});

/** A policy that closes the ledger for all but `allowed`. */
export const closingLedger = (allowed: string, rules?: unknown): Readonly<Record<string, unknown>> => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'ledger', namespace: 'payments' },
  spec: {
    endpointSelector: { matchLabels: { app: 'ledger' } },
    ingress: [
      {
        fromEndpoints: [{ matchLabels: { app: allowed } }],
        toPorts: [{ ports: [{ port: '9090', protocol: 'TCP' }], ...(rules !== undefined && { rules }) }],
      },
    ],
  },
});
