import { domainTest, workloadName } from '#lib/flow/filter-patterns.ts';
import { parseFilter } from '#lib/flow/filter-text.ts';
import { filterTokens } from '#lib/flow/filter-tokens.ts';
import type { FlowFilter } from '#lib/flow/filter.ts';
import type { MapEdge, MapNode, Topology } from '#lib/topology/topology.ts';

/**
 * The find and hide boxes of the map: the filter language of Flows, as far as a map can answer it. A map knows who talks to whom on which
 * port with which verdicts; what it does not know (paths, flags, labels, ...) is a problem that says so, never a silent match.
 * Bare words are parts of names.
 */
export type MapSearch =
  | {
      readonly ok: true;
      readonly empty: boolean;
      readonly edge: (edge: MapEdge) => boolean;
      readonly node: (node: MapNode) => boolean;
    }
  | { readonly ok: false; readonly problem: string };

type EdgeTest = (edge: MapEdge) => boolean;
type NodeOf = (id: string) => MapNode | undefined;

export function searchMap(text: string, topology: Topology): MapSearch {
  const tokens = filterTokens(text);
  const words = tokens.flatMap((token) => (token.kind === 'word' ? [token.text.toLowerCase()] : []));
  let rest = text;
  for (const token of tokens.toReversed()) if (token.kind === 'word') rest = rest.slice(0, token.from) + rest.slice(token.to);
  const parsed = parseFilter(rest.trim());
  if (!parsed.ok) return { ok: false, problem: parsed.problems[0]?.message ?? 'This filter cannot be read.' };

  const nodes = new Map(topology.nodes.map((node) => [node.id, node]));
  const unknown = [...parsed.query.include, ...parsed.query.exclude].flatMap((filter) =>
    Object.keys(filter).filter((key) => !(key in EDGE_TESTS)),
  );
  const first = unknown[0];
  if (first !== undefined) return { ok: false, problem: `A map does not keep ${WORDS[first] ?? first}: search for it in Flows.` };

  const compile = (filter: FlowFilter) => edgeTest(filter, (id) => nodes.get(id));
  const include = parsed.query.include.map(compile);
  const exclude = parsed.query.exclude.map(compile);
  const named = (id: string) => words.every((word) => id.toLowerCase().includes(word));
  const empty = words.length === 0 && include.length === 0 && exclude.length === 0;
  const edge: EdgeTest = (candidate) =>
    (words.length === 0 || named(candidate.source) || named(candidate.destination)) &&
    (include.length === 0 || include.some((test) => test(candidate))) &&
    !exclude.some((test) => test(candidate));
  const touched = new Set<string>();
  if (!empty)
    for (const candidate of topology.edges) if (edge(candidate)) touched.add(candidate.source).add(candidate.destination);
  const nodeOnly =
    parsed.query.exclude.length === 0 &&
    parsed.query.include.every((filter) => Object.keys(filter).every((key) => key === 'namespace' || key === 'workload'));
  return {
    ok: true,
    empty,
    edge,
    node: (candidate) => {
      if (empty) return true;
      if (words.length > 0 && !named(candidate.id)) return false;
      if (touched.has(candidate.id) && !nodeOnly) return true;
      return (
        nodeOnly && (parsed.query.include.length === 0 || parsed.query.include.some((filter) => nodeMatches(filter, candidate)))
      );
    },
  };
}

/** Fields that a map answers; each value list is ORed. */
const EDGE_TESTS: { readonly [Key in keyof FlowFilter]?: (values: NonNullable<FlowFilter[Key]>, nodeOf: NodeOf) => EdgeTest } = {
  namespace: (values) => (edge) => values.includes(namespaceOf(edge.source)) || values.includes(namespaceOf(edge.destination)),
  sourceNamespace: (values) => (edge) => values.includes(namespaceOf(edge.source)),
  destinationNamespace: (values) => (edge) => values.includes(namespaceOf(edge.destination)),
  workload: (values) => either(values, isWorkload),
  sourceWorkload: (values) => (edge) => values.some((value) => isWorkload(value, edge.source)),
  destinationWorkload: (values) => (edge) => values.some((value) => isWorkload(value, edge.destination)),
  pod: (values) => either(values, isPod),
  sourcePod: (values) => (edge) => values.some((value) => isPod(value, edge.source)),
  destinationPod: (values) => (edge) => values.some((value) => isPod(value, edge.destination)),
  fqdn: (values) => either(values, isName),
  sourceFqdn: (values) => (edge) => values.some((value) => isName(value, edge.source)),
  destinationFqdn: (values) => (edge) => values.some((value) => isName(value, edge.destination)),
  identity: (values, nodeOf) => (edge) =>
    values.some(
      (value) => nodeOf(edge.source)?.identities.includes(value) || nodeOf(edge.destination)?.identities.includes(value),
    ),
  sourceIdentity: (values, nodeOf) => (edge) => values.some((value) => nodeOf(edge.source)?.identities.includes(value)),
  destinationIdentity: (values, nodeOf) => (edge) => values.some((value) => nodeOf(edge.destination)?.identities.includes(value)),
  port: (values) => (edge) => values.includes(edge.port),
  destinationPort: (values) => (edge) => values.includes(edge.port),
  protocol: (values) => (edge) => values.some((value) => isProtocol(value, edge)),
  verdict: (values) => (edge) => values.some((value) => (edge.verdicts[value] ?? 0) > 0),
  dropReason: (values) => (edge) => values.some((value) => Object.hasOwn(edge.drops, value) && (edge.drops[value] ?? 0) > 0),
  encrypted: (values) => (edge) => values.some((value) => (value ? edge.encryption.encrypted : edge.encryption.plaintext) > 0),
};

const WORDS: Readonly<Record<string, string>> = {
  httpPath: 'paths',
  httpUrl: 'URLs',
  httpMethod: 'methods',
  httpStatus: 'single status codes',
  label: 'labels',
  sourceLabel: 'labels',
  destinationLabel: 'labels',
  ip: 'addresses',
  sourceIp: 'addresses',
  destinationIp: 'addresses',
  sourcePort: 'source ports',
  node: 'the node of a flow',
  dnsQuery: 'DNS queries',
  direction: 'directions',
  tcpFlags: 'TCP flags',
  uuid: 'single flows',
  traceId: 'trace ids',
};

function edgeTest(filter: FlowFilter, nodeOf: NodeOf): EdgeTest {
  const tests = Object.entries(filter).flatMap(([key, values]) => {
    // The table ties each key to the type of its values; Object.entries forgets that.
    const make = EDGE_TESTS[key as keyof FlowFilter] as ((values: unknown, nodeOf: NodeOf) => EdgeTest) | undefined;
    return make === undefined || values === undefined ? [] : [make(values, nodeOf)];
  });
  return (edge) => tests.every((test) => test(edge));
}

const nodeMatches = (filter: FlowFilter, node: MapNode): boolean =>
  (filter.namespace === undefined || filter.namespace.includes(node.namespace)) &&
  (filter.workload === undefined || filter.workload.some((value) => isWorkload(value, node.id)));

const either =
  (values: readonly string[], test: (value: string, id: string) => boolean): EdgeTest =>
  (edge) =>
    values.some((value) => test(value, edge.source) || test(value, edge.destination));

/** Namespace of a node id; at level namespace the id itself. Nodes outside the cluster have none. */
function namespaceOf(id: string): string {
  if (/^(entity|fqdn|cidr):/.test(id)) return '';
  const slash = id.indexOf('/');
  return slash < 0 ? id : id.slice(0, slash);
}

function isWorkload(value: string, id: string): boolean {
  const name = workloadName(value);
  if (!name.ok || namespaceOf(id) === '' || !id.includes('/')) return false;
  return (
    (name.value.namespace === '' || name.value.namespace === namespaceOf(id)) && id.slice(id.indexOf('/') + 1) === name.value.name
  );
}

/** Pods by `[namespace/]prefix`, as Hubble does; at workload level the pods of a workload begin with its name. */
function isPod(value: string, id: string): boolean {
  const text = value.endsWith('*') ? value.slice(0, -1) : value;
  if (namespaceOf(id) === '' || !id.includes('/')) return false;
  return text.includes('/') ? id.startsWith(text) : id.slice(id.indexOf('/') + 1).startsWith(text);
}

function isName(value: string, id: string): boolean {
  const test = domainTest(value);
  return test.ok && id.startsWith('fqdn:') && test.value(id.slice('fqdn:'.length));
}

function isProtocol(value: string, edge: MapEdge): boolean {
  const name = edge.protocol.toLowerCase();
  return value === name || value === edge.l7 || (value === 'icmp' && name.startsWith('icmp'));
}
