import 'server-only';
import type { Flow, Gap } from '#lib/flow/flow.ts';
import type { RelayClient, RelayNode } from './client.ts';
import type { FlowsRequest } from './request.ts';

/** How far before the newest known flow to ask: flows of a node come a little out of order. */
export const OVERLAP_MS = 1000;
/** Nodes whose newest flow is this much older than the cluster's are asked on their own, so that the busy ones need not repeat so much. */
const STRAGGLING_MS = 30_000;
const OLDEST_MS = 3_600_000;

/** Where each node's flows are known up to, in Unix milliseconds by its own clock. */
export type KnownUpTo = ReadonlyMap<string, number>;

/**
 * The queries that bring what came after `knownUpTo`: one for the nodes that talk, one for those that have been quiet for long.
 * Each query's `since` is an agent's own clock's, so a node whose clock is behind is a quiet one here, and loses nothing.
 */
export function catchUpRequests(knownUpTo: KnownUpTo): FlowsRequest[] {
  if (knownUpTo.size === 0) return [];
  const newest = Math.max(...knownUpTo.values());
  const talking = [...knownUpTo].filter(([, time]) => time >= newest - STRAGGLING_MS);
  const quiet = [...knownUpTo].filter(([, time]) => time < newest - STRAGGLING_MS);
  const from = (nodes: readonly (readonly [string, number])[]) =>
    Math.max(newest - OLDEST_MS, Math.min(...nodes.map(([, time]) => time))) - OVERLAP_MS;
  return [
    { since: from(talking) },
    ...(quiet.length > 0 ? [{ since: from(quiet), whitelist: [{ node_name: quiet.map(([node]) => node) }] }] : []),
  ];
}

/** Told of the flows of an answer one by one; true from the one on with which there are enough. */
export type Enough = (flow: Flow) => boolean;

export function afterFlows(count: number): Enough {
  let left = count;
  return () => left-- <= 0;
}

/** Flows that a relay and an agent may put out of order. */
const DISORDER = 1000;

/**
 * Enough is a little more than all up to where a live stream begins: `starts` has the time of each node's first flow on that. Nodes of whose flows before it
 * the request asks none are not waited for.
 */
export function afterMeeting(starts: ReadonlyMap<string, number>, { since = 0, whitelist }: FlowsRequest): Enough {
  const asked = whitelist && new Set(whitelist.flatMap(({ node_name }) => node_name ?? []));
  const left = new Map([...starts].filter(([node, time]) => time >= since && (asked?.has(node) ?? true)));
  const rest = afterFlows(DISORDER);
  return (flow) => {
    if (flow.time >= (left.get(flow.nodeName) ?? Infinity)) left.delete(flow.nodeName);
    return left.size === 0 && rest(flow);
  };
}

/** Time of the oldest flow that each node still holds. */
export async function ringStarts(relay: RelayClient, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
  const starts = new Map<string, number>();
  for await (const batch of relay.getFlows({ first: true, number: 1, mask: ['time', 'node_name'] }, signal)) {
    for (const event of batch) {
      if (event.kind !== 'flow') continue;
      const { nodeName, time } = event.flow;
      starts.set(nodeName, Math.min(time, starts.get(nodeName) ?? Infinity));
    }
  }
  return starts;
}

/** What a catch-up found out about one node. */
export interface Replay {
  /** A flow that was known came again: the node's memory reaches back far enough. */
  readonly overlapped: boolean;
}

/**
 * What is really gone: nodes whose memory begins after the last flow that was known, unless it holds all there ever was.
 * When it is every node, that is one gap of the cluster.
 */
export function findGaps(
  knownUpTo: KnownUpTo,
  starts: ReadonlyMap<string, number>,
  replays: ReadonlyMap<string, Replay>,
  nodes: readonly RelayNode[],
  reason: Gap['reason'],
  now: number,
): Gap[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const gaps = [...knownUpTo].flatMap(([nodeName, from]): Gap[] => {
    const to = starts.get(nodeName);
    if (to === undefined || to <= from || replays.get(nodeName)?.overlapped) return [];
    const node = byName.get(nodeName);
    if (node && node.seenFlows <= node.maxFlows && now - node.uptimeMs <= from) return [];
    return [{ from, to, reason, nodeName }];
  });
  if (gaps.length < 2 || gaps.length < knownUpTo.size) return gaps;
  return [{ from: Math.min(...gaps.map(({ from }) => from)), to: Math.max(...gaps.map(({ to }) => to)), reason, nodeName: '' }];
}
