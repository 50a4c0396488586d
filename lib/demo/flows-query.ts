import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import type { Flow } from '#lib/flow/flow.ts';
import type { ClusterEvent, DemoCluster } from './demo-cluster.ts';
import { type FlowMask, parseMask } from './flow-mask.ts';
import { compileProtoFilters, type ReceivedFilter } from './proto-filter.ts';

/** `observer.GetFlowsRequest` as proto-loader reads it: 64-bit numbers as strings, absent messages as null. */
export interface ReceivedRequest {
  readonly number: string;
  readonly first: boolean;
  readonly follow: boolean;
  readonly since: ReceivedTimestamp | null;
  readonly until: ReceivedTimestamp | null;
  readonly whitelist: readonly ReceivedFilter[];
  readonly blacklist: readonly ReceivedFilter[];
  readonly field_mask: { readonly paths: readonly string[] } | null;
}

interface ReceivedTimestamp {
  readonly seconds: string;
  readonly nanos: number;
}

/** A request understood. */
export interface FlowsQuery {
  /** 0 is no limit. */
  readonly number: number;
  readonly first: boolean;
  readonly follow: boolean;
  /** Unix milliseconds. */
  readonly since: number | undefined;
  readonly until: number | undefined;
  readonly passes: (flow: Flow) => boolean;
  readonly mask: FlowMask | undefined;
}

/** Throws `bad-filter` with the words an agent would use. */
export function parseRequest(request: ReceivedRequest): FlowsQuery {
  const { first, follow } = request;
  if (first && follow) throw refused('first cannot be specified with follow');
  const mask = parseMask(request.field_mask?.paths);
  if (mask === 'invalid') throw refused('invalid fieldmask');
  return {
    number: Number(request.number),
    first,
    follow,
    since: millisecondsOf(request.since),
    until: millisecondsOf(request.until),
    passes: compiled(request),
    mask,
  };
}

function compiled({ whitelist, blacklist }: ReceivedRequest): (flow: Flow) => boolean {
  if (whitelist.length === 0 && blacklist.length === 0) return () => true;
  try {
    return compileProtoFilters(whitelist, blacklist);
  } catch (error) {
    throw refused(messageOf(error));
  }
}

const refused = (message: string): CausewayError =>
  new CausewayError('bad-filter', `rpc error: code = InvalidArgument desc = ${message}`);

const millisecondsOf = (time: ReceivedTimestamp | null): number | undefined =>
  time ? Number(time.seconds) * 1000 + time.nanos / 1e6 : undefined;

/**
 * What the agents hold of a query, sorted by time. As in Cilium, per node: `since` wins over `number` when following; `first` takes the oldest,
 * else `number` the newest; neither is the whole ring, or nothing when following.
 */
export function heldEvents(cluster: DemoCluster, query: FlowsQuery): ClusterEvent[] {
  const { number, first, follow, since, until, passes } = query;
  if (follow && number === 0 && since === undefined) return [];
  const events = cluster.agents
    .filter(({ isAway }) => !isAway)
    .flatMap(({ ring }): ClusterEvent[] => {
      const held = ring.from(since).filter((flow) => (until === undefined || flow.time <= until) && passes(flow));
      const oldest = first || since !== undefined;
      const limited =
        number === 0 || (follow && since !== undefined) ? held : oldest ? held.slice(0, number) : held.slice(-number);
      const lost = number > 0 && since === undefined ? [] : ring.lostFrom(since);
      return [
        ...limited.map((flow) => ({ kind: 'flow' as const, flow })),
        ...lost.map((loss) => ({ kind: 'lost-events' as const, lost: loss })),
      ];
    });
  return events.toSorted((a, b) => timeOf(a) - timeOf(b));
}

export function timeOf(event: ClusterEvent): number {
  switch (event.kind) {
    case 'flow':
      return event.flow.time;
    case 'lost-events':
      return event.lost.time;
    case 'node-status':
      return event.status.time;
  }
}
