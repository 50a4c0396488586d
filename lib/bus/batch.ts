import 'server-only';
import type { Flow, Verdict } from '#lib/flow/flow.ts';

/** The flows that matched a filter since the batch before: the newest rows, and exact counts of all. */
export interface Batch {
  readonly flows: readonly Flow[];
  readonly matched: number;
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>;
}

/**
 * A `FlowBatch` (`lib/api/flows.ts`) as JSON. The counts stand last, `skipped` at the very end: so one serialisation serves every reader, and a
 * reader that missed batches gets the same bytes with another end.
 */
export function batchJson({ flows, matched, verdicts }: Batch): string {
  return `{"flows":${JSON.stringify(flows)},"matched":${matched},"verdicts":${JSON.stringify(verdicts)},"skipped":0}`;
}

/** More than the end of a batch can take: eight verdicts with their counts. */
const TAIL_BYTES = 400;

/** Flows that a reader does not get when this frame is left out: those that matched, and those it says were skipped before. */
export function flowsMissed(frame: Buffer): number {
  const tail = frame.toString('latin1', Math.max(0, frame.length - TAIL_BYTES));
  const match = /"matched":(\d+),"verdicts":\{[^{}]*\},"skipped":(\d+)\}\n\n$/.exec(tail);
  return match ? Number(match[1]) + Number(match[2]) : 0;
}

/** The frame with `missed` added to its `skipped`. */
export function withSkipped(frame: Buffer, missed: number): Buffer {
  const at = frame.lastIndexOf('"skipped":');
  const before = Number.parseInt(frame.toString('latin1', at + '"skipped":'.length), 10);
  return Buffer.concat([frame.subarray(0, at), Buffer.from(`"skipped":${before + missed}}\n\n`)]);
}
