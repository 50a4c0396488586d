import * as z from 'zod';
import { Time, Title } from './common.ts';

/** `POST /api/v1/clusters/{cluster}/flow-logs?name=...&format=...`: a file of AWS VPC Flow Logs, text or gzip. */
export const FlowLogsQuery = z.object({
  name: Title.optional(),
  /** Fields of a custom format in their order, `${srcaddr} ${dstaddr} ...` or names; for a file without a header line. */
  format: z.string().max(2000).optional(),
});

export const FlowLogsImport = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['reading', 'done', 'failed']),
  bytes: z.number(),
  sha256: z.string().optional(),
  by: z.string(),
  at: Time,
  tookMs: z.number().optional(),
  /** Lines by what became of them. */
  lines: z.object({ total: z.number(), taken: z.number(), noData: z.number(), skipData: z.number(), broken: z.number() }),
  /** The first broken lines with place and reason, at most 20. */
  broken: z.array(z.object({ line: z.number(), reason: z.string() })),
  from: Time.optional(),
  to: Time.optional(),
  tuples: z.number(),
  accepted: z.number(),
  rejected: z.number(),
  /** Share of records whose two sides are known, with what is not: the addresses with most records, at most 50. */
  coverage: z.object({
    bothKnown: z.number(),
    oneKnown: z.number(),
    noneKnown: z.number(),
    /** Minutes of the window in which there was a record, of those there are. */
    minutesSeen: z.number(),
    minutesTotal: z.number(),
    unknown: z.array(z.object({ address: z.string(), records: z.number(), as: z.string() })),
  }),
  problem: z.string(),
});
export type FlowLogsImport = z.infer<typeof FlowLogsImport>;
/** `GET /api/v1/clusters/{cluster}/flow-logs`, newest first. */
export const FlowLogsImportList = z.object({ imports: z.array(FlowLogsImport) });

/** `GET /api/v1/clusters/{cluster}/flow-logs/{import}`: the baseline as pairs, most records first. */
export const FlowLogsBaseline = z.object({
  import: FlowLogsImport,
  pairs: z.array(
    z.object({
      source: z.string(),
      destination: z.string(),
      protocol: z.string(),
      port: z.number(),
      verdict: z.enum(['FORWARDED', 'DROPPED']),
      records: z.number(),
      bytes: z.number(),
      packets: z.number(),
      firstSeen: Time,
      lastSeen: Time,
    }),
  ),
  pairsTotal: z.number(),
});
export type FlowLogsBaseline = z.infer<typeof FlowLogsBaseline>;
