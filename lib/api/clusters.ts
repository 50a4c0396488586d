import * as z from 'zod';
import { NODE_STATES } from '#lib/flow/flow.ts';
import { ClusterId, Coverage, Environment, Time, Title } from './common.ts';

/** How the console reaches a relay. Files are paths on the console's host; their content never crosses the wire. */
export const RelayTarget = z.object({
  address: z.string().regex(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'HOST:PORT'),
  tls: z.boolean().default(false),
  tlsCaFile: z.string().optional(),
  tlsCertFile: z.string().optional(),
  tlsKeyFile: z.string().optional(),
  tlsServerName: z.string().optional(),
});
export type RelayTarget = z.infer<typeof RelayTarget>;

const NamespaceName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'a namespace');

/** How the console reads a cluster's API server. The file is a path on the console's host; without one the pod's own service account serves. */
export const KubernetesTarget = z.object({
  kubeconfig: z.string().min(1).max(4096).optional(),
  /** Of the kubeconfig; absent: its current one. */
  context: z.string().min(1).max(253).optional(),
  /** Where the rights do not reach the whole cluster: only these namespaces are read. */
  namespaces: z.array(NamespaceName).min(1).max(100).optional(),
});
export type KubernetesTarget = z.infer<typeof KubernetesTarget>;

/** Where a cluster's Kubernetes objects (policies, pods, ...) are read; where none is set they may be uploaded. */
export const ObjectsTarget = z.discriminatedUnion('from', [
  KubernetesTarget.extend({ from: z.literal('kubernetes') }),
  /** A folder on the console's host with what `kubectl get -o yaml` or `json` printed. */
  z.object({ from: z.literal('folder'), path: z.string().min(1).max(4096) }),
]);
export type ObjectsTarget = z.infer<typeof ObjectsTarget>;

export const RELAY_STATES = ['connecting', 'live', 'reconnecting', 'failed', 'paused'] as const;

/** A cluster as listed: `GET /api/v1/clusters`. */
export const Cluster = z.object({
  id: ClusterId,
  name: z.string().min(1).max(100),
  environment: Environment,
  /** Played by the built-in demo relay. Shown as "Demo" wherever the cluster's name stands. */
  demo: z.boolean(),
  /** How relay and objects are reached: for those only who may change it. */
  relay: RelayTarget.optional(),
  objects: ObjectsTarget.optional(),
  /** Whether the caller may see and change `relay`. */
  state: z.enum(RELAY_STATES),
  /** Why the state is not `live`, for a person; empty when it is. */
  stateDetail: z.string(),
});
export type Cluster = z.infer<typeof Cluster>;

export const ClusterList = z.object({ clusters: z.array(Cluster) });

/** What ingest says of the clusters it follows (its own `GET /clusters`). */
export const ClusterStateList = z.object({ clusters: z.array(Cluster.pick({ id: true, state: true, stateDetail: true })) });

/** Body of `POST /api/v1/clusters` and `PUT /api/v1/clusters/{id}`. */
export const ClusterInput = z.object({
  id: ClusterId,
  name: Title,
  environment: Environment,
  /** `null`: it has none, its flows come from NATS alone. */
  relay: RelayTarget.nullable(),
  /** `null` takes it away; absent leaves it as it is. */
  objects: ObjectsTarget.nullable().optional(),
});
export type ClusterInput = z.infer<typeof ClusterInput>;

/** One node behind the relay: `GET /api/v1/clusters/{id}/nodes`. Numbers of an unavailable node are absent. */
export const NodeInfo = z.object({
  name: z.string(),
  version: z.string(),
  address: z.string(),
  state: z.enum(NODE_STATES),
  uptimeMs: z.number().optional(),
  numFlows: z.number().optional(),
  maxFlows: z.number().optional(),
  seenFlows: z.number().optional(),
  /** Measured here, over the last minute. */
  flowsPerSecond: z.number(),
  lostLastHour: z.number(),
  newestFlow: Time.optional(),
  /** Last error the relay gave for this node, with its time. */
  message: z.string().optional(),
});
export type NodeInfo = z.infer<typeof NodeInfo>;
export const NodeList = z.object({ nodes: z.array(NodeInfo) });

export const NamespaceList = z.object({
  namespaces: z.array(z.object({ name: z.string(), cluster: z.string(), flows: z.number() })),
});

/** `GET /api/v1/clusters/{id}/status`, and the `status` event of both streams (every second). */
export const ClusterStatus = z.object({
  cluster: ClusterId,
  state: z.enum(RELAY_STATES),
  stateDetail: z.string(),
  /** Unix milliseconds since which `state` holds. */
  stateSince: Time,
  relayVersion: z.string(),
  /** Flows per second received here, over the last ten seconds and minute. */
  flowsPerSecond: z.number(),
  flowsPerSecondMinute: z.number(),
  /** Since this ingest started. */
  received: z.number(),
  duplicates: z.number(),
  malformed: z.number(),
  coverage: Coverage,
  /** Unix milliseconds of the console's clock. */
  now: Time,
});
export type ClusterStatus = z.infer<typeof ClusterStatus>;
