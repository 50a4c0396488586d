import * as z from 'zod';
import { EDGE_STATUSES } from '#lib/topology/topology.ts';
import { VERDICTS } from '#lib/flow/flow.ts';

/** Environments, in the order of promotion. */
export const ENVIRONMENTS = ['DEV', 'TST', 'PRD'] as const;
export const Environment = z.enum(ENVIRONMENTS);
export type Environment = z.infer<typeof Environment>;

/** Id of a cluster in paths: lower-case DNS label, e.g. `aegis-production`. */
export const ClusterId = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'a lower-case name of letters, digits and dashes');

/** A name that a person gives: one line that can be seen and stored. */
export const Title = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u, 'one line without control characters');

/** Unix milliseconds. */
export const Time = z.number();

/** A window of time, in Unix milliseconds; `range` (`5m`, `1h`, `7d`) is "the last so much" and is ignored where `from` is given. */
export const RangeQuery = z.object({
  from: z.coerce.number().int().nonnegative().optional(),
  to: z.coerce.number().int().nonnegative().optional(),
  range: z
    .string()
    .regex(/^[1-9]\d{0,3}[mhd]$/, 'a number with m, h or d, e.g. 15m')
    .optional(),
});
export type RangeQuery = z.infer<typeof RangeQuery>;

/** Counts by verdict; verdicts that did not occur are absent. */
export const VerdictCounts = z.partialRecord(z.enum(VERDICTS), z.number());

export const EdgeStatus = z.enum(EDGE_STATUSES);

/** RFC 9457 problem details. `type` is a path this server answers; `requestId` finds the log lines. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string().optional(),
  requestId: z.string().optional(),
  place: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
});
export type Problem = z.infer<typeof Problem>;

/** What the view can and cannot know; see `Coverage` in `lib/topology/topology.ts`. */
export const Coverage = z.object({
  nodesReporting: z.number(),
  nodesExpected: z.number(),
  missing: z.array(z.string()),
  lost: z.record(z.string(), z.number()),
  lostTotal: z.number(),
  gaps: z.array(z.object({ from: Time, to: Time, reason: z.string(), nodeName: z.string() })),
  newestFlow: Time.optional(),
});
