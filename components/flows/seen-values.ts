import type { DropsReport } from '#lib/api/drops.ts';
import type { SeenValues } from '#lib/flow/filter-complete.ts';
import { SEEN_KINDS, type SeenKind } from '#lib/flow/filter-keys.ts';
import { dnsNameOf } from '#lib/flow/endpoint-name.ts';
import type { Endpoint, Flow } from '#lib/flow/flow.ts';
import { requestPath } from '#lib/flow/http-path.ts';

/** Values that completion can offer: what the rows in this page hold, most often first. */

/** Most values kept of a kind: an attacker chooses names, and nobody reads further. */
const MOST = 200;

export function seenInFlows(flows: Iterable<Flow>): SeenValues {
  const seen = new Counter();
  for (const flow of flows) {
    addEndpoint(seen, flow.source);
    addEndpoint(seen, flow.destination);
    for (const side of ['source', 'destination'] as const) seen.add('fqdn', dnsNameOf(flow, side));
    seen.add('ip', flow.ip?.source);
    seen.add('ip', flow.ip?.destination);
    seen.add('node', nodeName(flow.nodeName));
    if (flow.l4 && flow.l4.destinationPort > 0 && flow.isReply !== true) seen.add('port', String(flow.l4.destinationPort));
    const { destinationService: service, l7 } = flow;
    if (service) seen.add('service', service.namespace ? `${service.namespace}/${service.name}` : service.name);
    if (l7?.dns) seen.add('dns', escaped(l7.dns.query));
    if (l7?.http) seen.add('path', escaped(requestPath(l7.http.url) ?? ''));
  }
  return seen.values();
}

/** What a report of drops names. */
export function seenInDrops(report: DropsReport): SeenValues {
  const seen = new Counter();
  for (const { key, count } of report.namespaces) seen.add('namespace', key, count);
  for (const { key, count } of report.nodes) seen.add('node', nodeName(key), count);
  for (const { source, destination, port, count } of report.pairs) {
    for (const end of [source, destination]) {
      const outside = /^(entity|fqdn|cidr):(.+)$/s.exec(end);
      if (outside?.[1] === 'fqdn') seen.add('fqdn', outside[2], count);
      else if (!outside && end.includes('/')) seen.add('workload', end, count);
    }
    if (port > 0) seen.add('port', String(port), count);
  }
  return seen.values();
}

/** Both, those of `first` before those that only `second` knows. */
export function mergeSeen(first: SeenValues, second: SeenValues): SeenValues {
  return Object.fromEntries(SEEN_KINDS.map((kind) => [kind, [...new Set([...(first[kind] ?? []), ...(second[kind] ?? [])])]]));
}

function addEndpoint(seen: Counter, endpoint: Endpoint): void {
  const { namespace, podName, identity, labels } = endpoint;
  seen.add('namespace', namespace);
  seen.add('pod', podName && (namespace ? `${namespace}/${podName}` : podName));
  const workload = endpoint.workload?.name;
  seen.add('workload', workload && (namespace ? `${namespace}/${workload}` : workload));
  if (identity > 255) seen.add('identity', String(identity));
  for (const label of labels) seen.add('label', label);
}

const nodeName = (name: string): string => name.slice(name.indexOf('/') + 1);

/** A seen text as the pattern that matches it alone. */
const escaped = (text: string): string => (text === '' ? '' : `^${text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)}$`);

/** Counts by kind and value; a Map, since values are names of workloads. */
class Counter {
  readonly #counts = new Map<SeenKind, Map<string, number>>();

  add(kind: SeenKind, value: string | undefined, by = 1): void {
    if (value === undefined || value === '' || value.length > 256) return;
    const counts = this.#counts.get(kind) ?? new Map<string, number>();
    this.#counts.set(kind, counts);
    counts.set(value, (counts.get(value) ?? 0) + by);
  }

  values(): SeenValues {
    return Object.fromEntries([...this.#counts].map(([kind, counts]) => [kind, ranked(counts)]));
  }
}

const ranked = (counts: ReadonlyMap<string, number>): string[] =>
  [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MOST)
    .map(([value]) => value);
