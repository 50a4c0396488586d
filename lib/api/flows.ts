import * as z from 'zod';
import type { Flow } from '#lib/flow/flow.ts';
import { AUTH_TYPES, FLOW_TYPES, L4_PROTOCOLS, L7_TYPES, TRAFFIC_DIRECTIONS, VERDICTS } from '#lib/flow/flow.ts';
import { Coverage, RangeQuery, VerdictCounts } from './common.ts';

/** The text form of a filter, see `lib/flow/filter-text.ts`. */
export const FilterText = z
  .string()
  .max(4096)
  .regex(/^[^\0\p{Cs}]*$/u, 'text without NUL and half characters')
  .default('');

/** Query of `GET /api/v1/clusters/{id}/flows`: newest first from the ring (or from a capture). */
export const FlowsQuery = RangeQuery.extend({
  filter: FilterText,
  capture: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  /** Opaque; from `nextCursor` of the page before. */
  cursor: z.string().max(200).optional(),
});
export type FlowsQuery = z.infer<typeof FlowsQuery>;

/** Query of `GET /api/v1/clusters/{id}/flows/stream`. */
export const FlowStreamQuery = z.object({
  filter: FilterText,
  /** Most rows in one batch (of 100 ms); what matches beyond it is counted, not sent. */
  rows: z.coerce.number().int().min(1).max(1000).default(20),
  /** `id` of the last event taken, for a reader that opens a new stream; the header `Last-Event-ID`, of one that comes back by itself, wins. */
  cursor: z.string().max(200).optional(),
});
export type FlowStreamQuery = z.infer<typeof FlowStreamQuery>;

const Workload = z.object({ name: z.string(), kind: z.string() });
const Endpoint = z.object({
  id: z.number(),
  identity: z.number(),
  clusterName: z.string(),
  namespace: z.string(),
  podName: z.string(),
  labels: z.array(z.string()),
  workload: Workload.optional(),
});
const PolicyRef = z.object({
  name: z.string(),
  namespace: z.string(),
  kind: z.string(),
  revision: z.number(),
  labels: z.array(z.string()),
});
const ServiceRef = z.object({ name: z.string(), namespace: z.string() });

/** A flow on the wire: `Flow` of `lib/flow/flow.ts` as JSON, absent where undefined. */
export const FlowJson = z.object({
  time: z.number(),
  uuid: z.string(),
  verdict: z.enum(VERDICTS),
  dropReason: z.string().optional(),
  authType: z.enum(AUTH_TYPES).optional(),
  ip: z
    .object({
      source: z.string(),
      destination: z.string(),
      sourceXlated: z.string(),
      version: z.union([z.literal(4), z.literal(6), z.literal(0)]),
      encrypted: z.boolean(),
    })
    .optional(),
  l4: z
    .object({
      protocol: z.enum(L4_PROTOCOLS),
      sourcePort: z.number(),
      destinationPort: z.number(),
      flags: z.array(z.string()).optional(),
      icmpType: z.number().optional(),
      icmpCode: z.number().optional(),
    })
    .optional(),
  source: Endpoint,
  destination: Endpoint,
  type: z.enum(FLOW_TYPES),
  nodeName: z.string(),
  sourceNames: z.array(z.string()),
  destinationNames: z.array(z.string()),
  l7: z
    .object({
      type: z.enum(L7_TYPES),
      latencyNs: z.number(),
      http: z
        .object({
          code: z.number(),
          method: z.string(),
          url: z.string(),
          protocol: z.string(),
          headers: z.array(z.object({ key: z.string(), value: z.string() })),
        })
        .optional(),
      dns: z
        .object({
          query: z.string(),
          ips: z.array(z.string()),
          cnames: z.array(z.string()),
          rcode: z.number(),
          qtypes: z.array(z.string()),
          rrtypes: z.array(z.string()),
          ttl: z.number(),
          observationSource: z.string(),
        })
        .optional(),
      kafka: z
        .object({
          errorCode: z.number(),
          apiVersion: z.number(),
          apiKey: z.string(),
          correlationId: z.number(),
          topic: z.string(),
        })
        .optional(),
    })
    .optional(),
  isReply: z.boolean().optional(),
  eventType: z.object({ type: z.number(), subType: z.number() }),
  sourceService: ServiceRef.optional(),
  destinationService: ServiceRef.optional(),
  trafficDirection: z.enum(TRAFFIC_DIRECTIONS),
  policyMatchType: z.number(),
  traceObservationPoint: z.string().optional(),
  traceReason: z.string().optional(),
  proxyPort: z.number(),
  traceId: z.string(),
  egressAllowedBy: z.array(PolicyRef),
  ingressAllowedBy: z.array(PolicyRef),
  egressDeniedBy: z.array(PolicyRef),
  ingressDeniedBy: z.array(PolicyRef),
  summary: z.string(),
});
/** A flow as JSON carries it: absent instead of undefined. */
export type FlowJson = z.infer<typeof FlowJson>;

/** `GET /api/v1/clusters/{id}/flows`, newest first. */
export const FlowPage = z.object({
  flows: z.array(FlowJson),
  nextCursor: z.string().optional(),
  /** Unix milliseconds of the oldest flow that is still held. */
  oldest: z.number().optional(),
  coverage: Coverage,
});
export type FlowPage = z.infer<typeof FlowPage>;

/** Event `flows`: what matched since the batch before. `id:` of the event is the cursor. */
export const FlowBatch = z.object({
  /** Oldest first; at most `rows` of them, the newest. Without labels of endpoints and policies: `GET .../flows?filter=uuid:...` has them. */
  flows: z.array(FlowJson),
  /** Flows that matched, exact, whether sent or not. */
  matched: z.number(),
  verdicts: VerdictCounts,
  /** Flows that this connection was too slow to be sent (whole batches left out), since the batch before. */
  skipped: z.number(),
});
export type FlowBatch = z.infer<typeof FlowBatch>;

/** Event `gap`: flows between these times are not in this stream and cannot be had any more. */
export const GapEvent = z.object({ from: z.number(), to: z.number(), reason: z.string(), nodeName: z.string() });
export type GapEvent = z.infer<typeof GapEvent>;

/** A wire flow as the domain's type. JSON leaves out what is undefined; reading an absent property gives undefined again. */
export const flowOfJson = (json: FlowJson): Flow => json as Flow;
