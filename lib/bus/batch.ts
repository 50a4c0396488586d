import 'server-only';
import type { Endpoint, Flow, PolicyRef, Verdict } from '#lib/flow/flow.ts';

/** The flows that matched a filter since the batch before: the newest rows, and exact counts of all. */
export interface Batch {
  readonly flows: readonly Flow[];
  readonly matched: number;
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>;
}

/**
 * A `FlowBatch` (`lib/api/flows.ts`) as JSON. The counts stand last, `skipped` at the very end: so one serialisation serves every reader, and a
 * reader that missed batches gets the same bytes with another end. Labels are left out: they are most of the bytes, and `GET .../flows` has them.
 */
export function batchJson({ flows, matched, verdicts }: Batch): string {
  return `{"flows":${JSON.stringify(flows.map(withoutLabels))},"matched":${matched},"verdicts":${JSON.stringify(verdicts)},"skipped":0}`;
}

const bareEndpoints = new WeakMap<Endpoint, Endpoint>();
const barePolicies = new WeakMap<PolicyRef, PolicyRef>();

function withoutLabels(flow: Flow): Flow {
  return {
    ...flow,
    source: bare(flow.source, bareEndpoints),
    destination: bare(flow.destination, bareEndpoints),
    egressAllowedBy: barePolicyList(flow.egressAllowedBy),
    ingressAllowedBy: barePolicyList(flow.ingressAllowedBy),
    egressDeniedBy: barePolicyList(flow.egressDeniedBy),
    ingressDeniedBy: barePolicyList(flow.ingressDeniedBy),
  };
}

const barePolicyList = (policies: readonly PolicyRef[]): readonly PolicyRef[] =>
  policies.length === 0 ? policies : policies.map((policy) => bare(policy, barePolicies));

/** Endpoints and policies are shared between flows, so each is made bare once. */
function bare<T extends { readonly labels: readonly string[] }>(value: T, known: WeakMap<T, T>): T {
  if (value.labels.length === 0) return value;
  let result = known.get(value);
  if (!result) known.set(value, (result = { ...value, labels: [] }));
  return result;
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
