import 'server-only';
import type { FlowPage, FlowsQuery } from '#lib/api/flows.ts';
import { formatCursor, parseCursor } from '#lib/bus/sse.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Flow } from '#lib/flow/flow.ts';
import type { ClusterPipeline } from './cluster-pipeline.ts';
import { readFilter } from './filter.ts';
import { wireCoverage, wireFlows } from './wire.ts';
import { EVER } from './ring.ts';
import { rangeOf } from './time-range.ts';

/** How long a page may search before it is cut short: the ring is scanned on the thread that also receives. */
const BUDGET_MS = 50;
const CHECK_EVERY = 2048;

/** A page of the ring, newest first. A flow asked for by its id that the ring no longer holds is fetched from the relay, whole. */
export async function readFlows(pipeline: ClusterPipeline, query: FlowsQuery, now: number): Promise<FlowPage> {
  const { matches, query: filter } = readFilter(query.filter);
  const range = rangeOf(query, now);
  const { ring } = pipeline;
  const page = scan(pipeline, startOf(pipeline, query.cursor), matches, range ?? EVER, query.limit);
  const [uuid] = filter.include[0]?.uuid ?? [];
  if (page.flows.length === 0 && uuid !== undefined && query.cursor === undefined) {
    const flow = await pipeline.relay.flowByUuid(uuid).catch(() => undefined);
    if (flow && matches(flow)) page.flows.push(flow);
  }
  return {
    flows: wireFlows(page.flows),
    ...(page.next !== undefined && { nextCursor: formatCursor({ epoch: pipeline.epoch, seq: page.next }) }),
    ...(ring.oldestTime !== undefined && { oldest: ring.oldestTime }),
    coverage: wireCoverage(pipeline.coverage(range?.from ?? ring.oldestTime ?? now, range?.to ?? now)),
  };
}

/** The sequence below which to look. Throws `cursor-gone` when what the cursor points at is not held any more. */
function startOf({ epoch, ring }: ClusterPipeline, cursor: string | undefined): number {
  if (cursor === undefined) return ring.newest + 1;
  const parsed = parseCursor(cursor);
  if (!parsed) throw new CausewayError('bad-request', 'the cursor is not one of ours', { place: { parameter: 'cursor' } });
  if (parsed.epoch !== epoch || parsed.seq < ring.oldest) {
    throw new CausewayError('cursor-gone', 'the flows after this page are not held any more; start again from the newest');
  }
  return parsed.seq;
}

function scan(
  { ring }: ClusterPipeline,
  start: number,
  matches: (flow: Flow) => boolean,
  range: { readonly from: number; readonly to: number },
  limit: number,
): { flows: Flow[]; next: number | undefined } {
  const flows: Flow[] = [];
  const deadline = performance.now() + BUDGET_MS;
  let looked = 0;
  for (const { seq, flow } of ring.before(start, range)) {
    looked += 1;
    // The page ends early rather than hold up the stream; its cursor goes on from here.
    if (looked % CHECK_EVERY === 0 && performance.now() > deadline) return { flows, next: seq + 1 };
    if (!matches(flow)) continue;
    if (flows.length === limit) return { flows, next: seq + 1 };
    flows.push(flow);
  }
  return { flows, next: undefined };
}
