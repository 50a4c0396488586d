import * as z from 'zod';
import { FilterText } from './flows.ts';
import { Time, Title, VerdictCounts } from './common.ts';

/** A bounded recording of raw flows, taken on demand or imported from a file. */
export const Capture = z.object({
  id: z.string(),
  cluster: z.string(),
  name: z.string(),
  source: z.enum(['live', 'ring', 'file']),
  state: z.enum(['running', 'complete', 'failed']),
  /** Why it failed or what was left out, for a person. */
  note: z.string(),
  filter: z.string(),
  flows: z.number(),
  verdicts: VerdictCounts,
  /** Lines of the file that could not be read, and the first of them with place and reason. */
  badLines: z.number(),
  firstBadLines: z.array(z.object({ line: z.number(), reason: z.string() })),
  sizeBytes: z.number(),
  from: Time.optional(),
  to: Time.optional(),
  createdAt: Time,
  createdBy: z.string(),
});
export type Capture = z.infer<typeof Capture>;
export const CaptureList = z.object({ captures: z.array(Capture) });

/** Body of `POST /api/v1/clusters/{id}/captures` as JSON: record what matches, from the ring now (`seconds` 0) or live for so long. */
export const CaptureInput = z.object({
  name: Title,
  filter: FilterText,
  seconds: z.number().int().min(0).max(3600).default(0),
});
export type CaptureInput = z.infer<typeof CaptureInput>;
