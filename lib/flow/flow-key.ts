import type { Flow } from './flow.ts';

/**
 * What tells a flow from every other: its uuid, or, where an agent gives none, its content (time to the microsecond, node, event, ends and
 * verdict). A relay that resumes a stream repeats flows; the same key is the same flow.
 */
export const flowKey = (flow: Flow): string => (flow.uuid === '' ? contentKey(flow) : flow.uuid);

function contentKey(flow: Flow): string {
  const { ip, l4, l7, eventType, source, destination } = flow;
  return JSON.stringify([
    flow.time,
    flow.nodeName,
    flow.verdict,
    eventType.type,
    eventType.subType,
    ip?.source,
    ip?.destination,
    l4?.protocol,
    l4?.sourcePort,
    l4?.destinationPort,
    source.id,
    destination.id,
    source.identity,
    destination.identity,
    l7?.type,
    l7?.http?.url,
    l7?.dns?.query,
    l7?.kafka?.correlationId,
  ]);
}
