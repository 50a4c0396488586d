import * as z from 'zod';
import { LEVELS, NODE_KINDS, type MapNode } from '#lib/topology/topology.ts';
import { Coverage, EdgeStatus, RangeQuery, Time, VerdictCounts } from './common.ts';

/** Query of `GET /api/v1/clusters/{id}/topology`. Without a range: the live window (300 s). */
export const TopologyQuery = RangeQuery.extend({
  level: z.enum(LEVELS).default('workload'),
  /** Only edges that a flow matching this filter made. Live window and captures only. */
  namespace: z.string().max(253).optional(),
  capture: z.string().max(64).optional(),
});
export type TopologyQuery = z.infer<typeof TopologyQuery>;

export const MapNodeJson = z.object({
  id: z.string(),
  kind: z.enum(NODE_KINDS),
  namespace: z.string(),
  name: z.string(),
  workloadKind: z.string(),
  pods: z.number(),
  addresses: z.number(),
  identities: z.array(z.number()),
  verdicts: VerdictCounts,
}) satisfies z.ZodType<MapNode>;

export const MapEdgeJson = z.object({
  key: z.string(),
  source: z.string(),
  destination: z.string(),
  protocol: z.string(),
  port: z.number(),
  l7: z.enum(['', 'http', 'dns', 'kafka']),
  platform: z.enum(['', 'dns', 'scrape', 'probe']),
  flows: z.number(),
  verdicts: VerdictCounts,
  drops: z.record(z.string(), z.number()),
  status: EdgeStatus,
  encryption: z.object({
    encrypted: z.number(),
    plaintext: z.number(),
    sameNode: z.number(),
    host: z.number(),
    notEvaluable: z.number(),
  }),
  authenticated: z.number(),
  authEvaluated: z.number(),
  http: z.record(z.string(), z.number()),
  dns: z.record(z.string(), z.number()),
  latencyMs: z.object({ count: z.number(), p50: z.number(), p95: z.number(), p99: z.number() }).optional(),
  policies: z.array(z.string()),
  firstSeen: Time,
  lastSeen: Time,
});

/** `GET /api/v1/clusters/{id}/topology`, and the `snapshot` event of `.../topology/stream`. */
export const TopologyJson = z.object({
  cluster: z.string(),
  level: z.enum(LEVELS),
  from: Time,
  to: Time,
  nodes: z.array(MapNodeJson),
  edges: z.array(MapEdgeJson),
  lastUpdated: Time,
  coverage: Coverage,
});
export type TopologyJson = z.infer<typeof TopologyJson>;

/** The `delta` event of `.../topology/stream`, each second. */
export const TopologyDeltaJson = z.object({
  from: Time,
  to: Time,
  nodes: z.array(MapNodeJson),
  edges: z.array(MapEdgeJson),
  removedNodes: z.array(z.string()),
  removedEdges: z.array(z.string()),
  lastUpdated: Time,
  coverage: Coverage,
});
export type TopologyDeltaJson = z.infer<typeof TopologyDeltaJson>;

/** `GET /api/v1/network-map/topology`: for machines, one cluster (`?cluster=`) or all. */
export const NetworkMap = z.object({
  nodes: z.array(MapNodeJson.extend({ cluster: z.string() })),
  edges: z.array(MapEdgeJson.extend({ cluster: z.string() })),
  last_updated: z.iso.datetime(),
});
export type NetworkMap = z.infer<typeof NetworkMap>;
