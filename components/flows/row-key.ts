import { type Flow, type FlowType } from '#lib/flow/flow.ts';
import { packetKey } from '#lib/flow/drops.ts';

/** Prefix of the key of a flow that has no id: such a row cannot be asked for again. */
export const BY_CONTENT = 'content:';

/** What a row is known by in the table, in links and when a resumed stream repeats it: its id, else what it says. */
export const rowKey = (flow: Flow): string => flow.uuid || `${BY_CONTENT}${contentOf(flow)}`;

function contentOf(flow: Flow): string {
  const { type, verdict, eventType, traceObservationPoint, l7 }: { type: FlowType } & Flow = flow;
  return [flow.time, packetKey(flow), type, verdict, eventType.type, eventType.subType, traceObservationPoint, l7?.type].join(
    ' ',
  );
}
