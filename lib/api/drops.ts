import * as z from 'zod';
import { Coverage, RangeQuery, Time } from './common.ts';

/** Query of `GET /api/v1/clusters/{id}/drops`. The filter may name ends by namespace and workload, port, protocol, reason, verdict and node: what rollups keep. Other keys are refused by name. */
export const DropsQuery = RangeQuery.extend({
  filter: z.string().max(4096).default(''),
  capture: z.string().max(64).optional(),
});
export type DropsQuery = z.infer<typeof DropsQuery>;

const Ranked = z.object({ key: z.string(), count: z.number(), before: z.number() });

/** One pair of workloads (or entities, names) with a port and a reason. */
export const DropPair = z.object({
  /** `source->destination:PROTO/port reason`: stable, used in links. */
  key: z.string(),
  source: z.string(),
  destination: z.string(),
  protocol: z.string(),
  port: z.number(),
  reason: z.string(),
  direction: z.enum(['INGRESS', 'EGRESS', 'TRAFFIC_DIRECTION_UNKNOWN']),
  count: z.number(),
  before: z.number(),
  series: z.array(z.number()),
  firstSeen: Time,
  lastSeen: Time,
  /** Not seen in all that the ledger holds before the window (at most 30 days, and at least as long as the window: else nothing is called new). */
  newlySeen: z.boolean(),
  /** `kind:namespace/name` that Hubble named as denying; empty for a default deny. */
  policies: z.array(z.string()),
  nodes: z.array(z.string()),
  /** All flows of the pair and port in the window, whatever became of them. */
  flows: z.number(),
  exampleUuid: z.string(),
});
export type DropPair = z.infer<typeof DropPair>;

/** `GET /api/v1/clusters/{id}/drops`. `before` is the window of the same length just before. A packet that two events report is counted once. */
export const DropsReport = z.object({
  from: Time,
  to: Time,
  stepMs: z.number(),
  /** Start of each bucket; all `series` have this length. */
  times: z.array(Time),
  total: z.number(),
  before: z.number(),
  flows: z.number(),
  flowsBefore: z.number(),
  series: z.array(z.number()),
  seriesBefore: z.array(z.number()),
  /** Of `series`, those that policy decided. */
  seriesPolicy: z.array(z.number()),
  /** Events lost in each bucket: drawn as a hatch. */
  lost: z.array(z.number()),
  /** Whether nothing at all was received in a bucket: no cluster is that quiet, so its zeros mean "not known". */
  silent: z.array(z.boolean()),
  /** Whether the window before is known whole; a change is not shown where it is not. */
  comparable: z.boolean(),
  /** Whether traffic is remembered from long enough before the window to call a drop new; without it none is. */
  remembers: z.boolean(),
  reasons: z.array(Ranked.extend({ series: z.array(z.number()) })),
  pairs: z.array(DropPair),
  namespaces: z.array(Ranked),
  /** By `kind:namespace/name`; `default-deny` where Hubble named none. */
  policies: z.array(Ranked),
  nodes: z.array(Ranked),
  coverage: Coverage,
});
export type DropsReport = z.infer<typeof DropsReport>;
