import { dnsRcodeName } from '#lib/flow/dns.ts';
import { VERDICTS, type Verdict } from '#lib/flow/flow.ts';
import { platformOf } from './classify.ts';
import { type EdgeCounters, recordOf } from './counters.ts';
import type { TrafficEdge, TrafficNode } from './directory.ts';
import { percentilesOf } from './histogram.ts';
import type { EdgeStatus, MapEdge, MapNode, VerdictCounts } from './topology.ts';

/** When an edge is called suspicious: a share of its flows that were dropped, of at least so many flows that one bad packet is no alarm. */
export interface SuspicionRule {
  readonly droppedShare: number;
  readonly minimumFlows: number;
}
export const SUSPICION: SuspicionRule = { droppedShare: 0.05, minimumFlows: 20 };

/** The status of an edge from the verdicts in a window; the most pressing one that holds. */
export function statusOf(verdicts: VerdictCounts, rule: SuspicionRule = SUSPICION): EdgeStatus {
  const flows = totalOf(verdicts);
  if (flows === 0) return 'idle';
  if (flows >= rule.minimumFlows && (verdicts.DROPPED ?? 0) > flows * rule.droppedShare) return 'suspicious';
  if ((verdicts.ERROR ?? 0) > 0) return 'error';
  return (verdicts.AUDIT ?? 0) > 0 ? 'audited' : 'active';
}

export function totalOf(verdicts: VerdictCounts): number {
  let sum = 0;
  for (const verdict of VERDICTS) sum += verdicts[verdict] ?? 0;
  return sum;
}

const MAX_POLICIES_SHOWN = 8;

/** What an edge is, apart from what was counted for it. `TrafficEdge` is one; rollups give the same from stored rows. */
export type EdgeFacts = Pick<TrafficEdge, 'key' | 'protocol' | 'port' | 'l7' | 'metricsPath'> & {
  readonly source: Pick<TrafficNode, 'id' | 'name'>;
  readonly destination: Pick<TrafficNode, 'id' | 'kind'>;
  /** Unix milliseconds. */
  readonly firstSeen: number;
  readonly lastSeen: number;
};

/** The edge as the map shows it. */
export function mapEdgeOf(edge: EdgeFacts, counters: EdgeCounters, rule: SuspicionRule = SUSPICION): MapEdge {
  const verdicts = counters.verdicts();
  return {
    key: edge.key,
    source: edge.source.id,
    destination: edge.destination.id,
    protocol: edge.protocol,
    port: edge.port,
    l7: edge.l7,
    platform: platformOf({
      sourceId: edge.source.id,
      sourceName: edge.source.name,
      destinationId: edge.destination.id,
      destinationKind: edge.destination.kind,
      port: edge.port,
      metricsPath: edge.metricsPath,
    }),
    flows: counters.flows,
    verdicts,
    drops: recordOf(counters.drops),
    status: statusOf(verdicts, rule),
    encryption: counters.encryption(),
    authenticated: counters.authenticated,
    authEvaluated: counters.authEvaluated,
    http: recordOf(counters.http),
    dns: recordOf(
      counters.dns && new Map([...counters.dns].map(([rcode, count]) => [rcode < 0 ? 'OTHER' : dnsRcodeName(rcode), count])),
    ),
    latencyMs: counters.latency && percentilesOf(counters.latency),
    policies: [...(counters.policies ?? [])]
      .toSorted(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
      .slice(0, MAX_POLICIES_SHOWN)
      .map(([policy]) => policy),
    firstSeen: edge.firstSeen,
    lastSeen: edge.lastSeen,
  };
}

/** Adds up verdicts of edges into those of a node; what left can be taken off again. */
export class VerdictSum {
  readonly #counts: number[] = VERDICTS.map(() => 0);

  /** Adds counts in the order of `VERDICTS`, or takes them off with `sign` -1. */
  add(counts: readonly number[], sign: 1 | -1 = 1): void {
    counts.forEach((count, index) => (this.#counts[index] = (this.#counts[index] ?? 0) + sign * count));
  }

  counts(): VerdictCounts {
    const counts: Partial<Record<Verdict, number>> = {};
    VERDICTS.forEach((verdict, index) => {
      const count = this.#counts[index];
      if (count) counts[verdict] = count;
    });
    return counts;
  }
}

/** The node as the map shows it; `pods` and `addresses` are the distinct ones of the window. */
export function mapNodeOf(
  node: Pick<TrafficNode, 'id' | 'kind' | 'namespace' | 'name' | 'workloadKind' | 'identities'>,
  pods: number,
  addresses: number,
  verdicts: VerdictCounts,
): MapNode {
  return {
    id: node.id,
    kind: node.kind,
    namespace: node.namespace,
    name: node.name,
    workloadKind: node.workloadKind,
    pods,
    addresses,
    identities: [...node.identities],
    verdicts,
  };
}
