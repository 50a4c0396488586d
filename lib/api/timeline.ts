import * as z from 'zod';
import { VERDICTS } from '#lib/flow/flow.ts';
import { LEVELS } from '#lib/topology/topology.ts';
import { Coverage, RangeQuery, Time, VerdictCounts } from './common.ts';

/** Query of `GET /api/v1/clusters/{id}/timeline`. */
export const TimelineQuery = RangeQuery.extend({
  /** Only this edge (a key at `level`), or only edges between these ends. */
  edge: z.string().max(1024).optional(),
  level: z.enum(LEVELS).default('workload'),
  capture: z.string().max(64).optional(),
  /** Milliseconds of a bucket; a multiple of a minute. Chosen to give at most 120 buckets when absent. */
  step: z.coerce.number().int().min(60_000).optional(),
});
export type TimelineQuery = z.infer<typeof TimelineQuery>;

/** `GET /api/v1/clusters/{id}/timeline`: series by bucket and exact totals over `from..to`. */
export const Timeline = z.object({
  from: Time,
  to: Time,
  stepMs: z.number(),
  times: z.array(Time),
  /** Flows per bucket. */
  flows: z.array(z.number()),
  /** Flows per bucket and verdict; verdicts that never occurred are absent. */
  verdicts: z.partialRecord(z.enum(VERDICTS), z.array(z.number())),
  /** Drops per bucket, each packet once. */
  drops: z.array(z.number()),
  lost: z.array(z.number()),
  encrypted: z.array(z.number()),
  plaintext: z.array(z.number()),
  /** Exact counts of flows over `from..to`; a flow counts for each namespace at its ends (as `hubble observe --namespace` would print it). */
  totals: z.object({
    flows: z.number(),
    drops: z.number(),
    verdicts: VerdictCounts,
    namespaces: z.record(z.string(), z.number()),
    nodes: z.record(z.string(), z.number()),
  }),
  coverage: Coverage,
});
export type Timeline = z.infer<typeof Timeline>;
