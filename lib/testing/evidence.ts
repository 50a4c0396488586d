import type { Evidence, TrafficEvidence, UploadedFile } from '#lib/migration/evaluate/evidence.ts';
import type { UploadKind } from '#lib/migration/model.ts';
import { readUpload, type UploadContent } from '#lib/preflight/files/upload.ts';
import { clusterObjectsOf, type PreflightParts, preflightInputs } from '#lib/preflight/gather.ts';
import type { SeenTraffic } from '#lib/preflight/traffic.ts';
import { someTraffic as preflightTraffic } from './preflight.ts';

export const EVIDENCE_NOW = Date.UTC(2026, 10, 24, 13);
const DAY = 86_400_000;

export interface EvidenceParts extends Partial<Omit<Evidence, 'inputs' | 'uploads' | 'traffic'>> {
  /** As `kubectl get` prints them. Kinds of which there is one are known, and those in `known`. */
  readonly objects?: readonly object[];
  readonly known?: readonly string[];
  readonly parts?: Partial<PreflightParts>;
  /** Text of files by kind. */
  readonly files?: Partial<Record<Exclude<UploadKind, 'objects'>, string>>;
  readonly traffic?: Partial<TrafficEvidence>;
}

/** Evidence that shows only what matters; nothing else is known. */
export function someEvidence({
  objects = [],
  known = [],
  parts = {},
  files = {},
  traffic,
  ...rest
}: EvidenceParts = {}): Evidence {
  const uploads = new Map<UploadKind, UploadedFile>();
  for (const [kind, text] of Object.entries(files) as [Exclude<UploadKind, 'objects'>, string][])
    uploads.set(kind, { content: contentOf(kind, text), fileName: kind, at: EVIDENCE_NOW - 1000 });
  return {
    inputs: preflightInputs({
      now: EVIDENCE_NOW,
      ...(objects.length + known.length > 0 && { cluster: clusterObjectsOf(objects, known) }),
      ...parts,
    }),
    preflight: new Map(),
    uploads,
    traffic: traffic && {
      recordedSince: EVIDENCE_NOW - 8 * DAY,
      gaps: [],
      drops: undefined,
      authentication: undefined,
      ...traffic,
    },
    judged: undefined,
    baseline: undefined,
    demo: false,
    ...rest,
  };
}

function contentOf(kind: Exclude<UploadKind, 'objects'>, text: string): UploadContent {
  const reading = readUpload(kind, text);
  if (!reading.ok) throw new Error(reading.problem.message);
  return reading.value;
}

export const aNode = (name: string, { kernel = '6.1.158', kubelet = 'v1.31.4-eks-1' } = {}): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { nodeInfo: { kernelVersion: kernel, kubeletVersion: kubelet } },
});

export const aPod = (
  namespace: string,
  name: string,
  node = 'n1',
  labels: Record<string, string> = {},
  owner?: string,
): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    namespace,
    name,
    labels,
    ...(owner !== undefined && { ownerReferences: [{ kind: 'DaemonSet', name: owner, controller: true }] }),
  },
  spec: { nodeName: node },
  status: { phase: 'Running', podIP: '10.0.0.1' },
});

export const anEndpoint = (namespace: string, name: string): object => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumEndpoint',
  metadata: { namespace, name },
});

export const aDaemonSet = (name: string, image: string, container = name): object => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { namespace: 'kube-system', name },
  spec: { template: { spec: { containers: [{ name: container, image }] } } },
});

export const aCiliumNode = (name: string, key = true): object => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNode',
  metadata: { name, annotations: key ? { 'network.cilium.io/wg-pub-key': 'k' } : {} },
});

export const agentConfig = (data: Record<string, string>): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'kube-system', name: 'cilium-config' },
  data,
});

const END = { namespace: 'payments', workload: 'ledger', identity: 1, labels: [], addresses: [], names: [] };

/** Traffic between two pods. */
export const someTraffic = (traffic: Partial<SeenTraffic> = {}): SeenTraffic =>
  preflightTraffic({
    source: { ...END, node: 'payments/ledger' },
    destination: { ...END, node: 'orders/api', namespace: 'orders' },
    nodes: ['c/n1'],
    flows: 1000,
    ...traffic,
  });

export const trafficOf = (...traffic: readonly SeenTraffic[]) => ({
  from: EVIDENCE_NOW - DAY,
  to: EVIDENCE_NOW,
  flows: traffic.reduce((sum, { flows }) => sum + flows, 0),
  lost: 0,
  nodes: [...new Set(traffic.flatMap(({ nodes }) => nodes))],
  traffic,
});
