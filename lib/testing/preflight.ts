import type { JsonRecord } from '#lib/flow/json-record.ts';
import type { PolicyObject, World } from '#lib/policy/model.ts';
import type { PreflightCheck, PreflightOutcome } from '#lib/preflight/check.ts';
import { clusterObjectsOf, preflightInputs } from '#lib/preflight/gather.ts';
import { helmValues } from '#lib/preflight/helm-values.ts';
import type { PreflightInputs } from '#lib/preflight/inputs.ts';
import type { SeenEnd, SeenTraffic, TrafficFacts } from '#lib/preflight/traffic.ts';

export interface Given extends Partial<
  Pick<
    PreflightInputs,
    'version' | 'target' | 'status' | 'encryption' | 'agentConf' | 'entries' | 'flows' | 'relay' | 'policies' | 'world'
  >
> {
  /** Helm values. */
  readonly values?: JsonRecord;
  /** Data of cilium-config. */
  readonly config?: Readonly<Record<string, string>>;
  /** As kubectl prints them. */
  readonly objects?: readonly object[];
  /** Kinds of which it is known which there are, be it none. */
  readonly known?: readonly string[];
  readonly policies?: readonly PolicyObject[];
  readonly world?: World;
}

/** Inputs of preflight checks as a test gives them; what it does not give is not known. */
export function givenInputs({ values, config, objects = [], known = [], policies, world, ...parts }: Given): PreflightInputs {
  const configMap = config && {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cilium-config', namespace: 'kube-system' },
    data: config,
  };
  const all = configMap ? [...objects, configMap] : objects;
  const inputs = preflightInputs({
    now: Date.UTC(2026, 10, 1),
    ...parts,
    ...(values && { values: helmValues(values) }),
    ...((all.length > 0 || known.length > 0) && { cluster: clusterObjectsOf(all, known) }),
  });
  return { ...inputs, ...(policies && { policies }), ...(world && { world }) };
}

/** What a check says of what is given. */
export const decided = (check: PreflightCheck, given: Given): PreflightOutcome => check.decide(givenInputs(given));

/** Messages of the findings with that status, each behind its object. */
export const told = ({ findings }: PreflightOutcome, status?: 'pass' | 'fail' | 'unknown'): string[] =>
  findings
    .filter((finding) => status === undefined || finding.status === status)
    .map(({ object, message }) => `${object}: ${message}`);

/** A name that means something to a page, a shell, a prototype or a regular expression. */
export const HOSTILE = '__proto__<img src=x>$(id)(a+)+\u202e';

/** A node as kubectl prints it: labels and, below `status`, what is given. */
export const aNode = (
  name: string,
  {
    labels = {},
    status = {},
    spec = {},
    createdAt,
  }: { labels?: object; status?: object; spec?: object; createdAt?: string } = {},
): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels, ...(createdAt && { creationTimestamp: createdAt }) },
  spec,
  status: { addresses: [{ type: 'InternalIP', address: `10.0.0.${name.length}` }], ...status },
});

export const aKubePod = (
  name: string,
  {
    namespace = 'shop',
    labels = {},
    spec = {},
    status = {},
  }: { namespace?: string; labels?: object; spec?: object; status?: object } = {},
): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels },
  spec: { nodeName: 'a', containers: [{ name: 'main', image: 'example/main:1' }], ...spec },
  status: { phase: 'Running', ...status },
});

export const aDaemonSet = (name: string, podSpec: object = {}, metadata: object = {}): object => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name, namespace: 'kube-system', ...metadata },
  spec: { template: { spec: { containers: [{ name, image: `example/${name}:1` }], ...podSpec } } },
});

const AN_END: SeenEnd = { node: '', namespace: '', workload: '', identity: 0, labels: [], addresses: [], names: [] };

/** A workload of the cluster as an end of traffic. */
export const anEnd = (namespace: string, workload: string, labels: readonly string[] = []): SeenEnd => ({
  ...AN_END,
  node: `${namespace}/${workload}`,
  namespace,
  workload,
  identity: 1000,
  labels: [`k8s:io.kubernetes.pod.namespace=${namespace}`, 'k8s:io.cilium.k8s.policy.cluster=default', ...labels].toSorted(),
});

/** A reserved entity, or something outside the cluster. */
export const outside = (node: string, more: Partial<SeenEnd> = {}): SeenEnd => ({
  ...AN_END,
  node,
  labels: node.startsWith('entity:') ? [`reserved:${node.slice('entity:'.length)}`] : ['reserved:world'],
  ...more,
});

export const someTraffic = (more: Partial<SeenTraffic> = {}): SeenTraffic => ({
  source: anEnd('shop', 'web'),
  destination: anEnd('shop', 'cart'),
  direction: 'EGRESS',
  protocol: 'TCP',
  port: 8080,
  l7: '',
  dnsName: '',
  verdict: 'FORWARDED',
  dropReason: '',
  encryption: '',
  auth: '',
  policies: [],
  nodes: ['c/a'],
  flows: 10,
  ...more,
});

/** An hour of traffic. */
export const trafficOf = (...traffic: readonly SeenTraffic[]): TrafficFacts => ({
  from: Date.UTC(2026, 9, 31, 23),
  to: Date.UTC(2026, 10, 1),
  flows: traffic.reduce((sum, { flows }) => sum + flows, 0),
  lost: 0,
  nodes: [...new Set(traffic.flatMap(({ nodes }) => nodes))].toSorted(),
  traffic,
});
