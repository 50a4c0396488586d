import type { World } from '#lib/policy/model.ts';

/** What is really there, for completion: small enough to hand to a page. Most used first. */
export interface Facts {
  /** Label keys of pods and of nodes, with their values. */
  readonly labels: readonly { readonly key: string; readonly values: readonly string[]; readonly pods: number }[];
  readonly namespaces: readonly string[];
  /** Ports that traffic goes to or that containers name; `name` where one is given. */
  readonly ports: readonly { readonly port: string; readonly protocol: string; readonly detail: string }[];
  /** DNS names that were asked for or connected to. */
  readonly names: readonly string[];
  readonly services: readonly { readonly name: string; readonly namespace: string }[];
  readonly cidrGroups: readonly string[];
  /** Prefixes and addresses outside that traffic goes to. */
  readonly cidrs: readonly string[];
}

export const NO_FACTS: Facts = { labels: [], namespaces: [], ports: [], names: [], services: [], cidrGroups: [], cidrs: [] };

/** What of a traffic tuple completion needs. */
export interface SeenTuple {
  readonly destination: string;
  readonly protocol: string;
  readonly port: number;
  readonly flows: number;
  /** Name asked for, of DNS traffic. */
  readonly query?: string | undefined;
}

const MOST_VALUES = 200;
const MOST = 500;
/** Labels that change with every roll-out select nothing that lasts. */
const FLEETING =
  /^(pod-template-hash|controller-revision-hash|pod-template-generation|controller-uid|batch\.kubernetes\.io\/|statefulset\.kubernetes\.io\/pod-name|apps\.kubernetes\.io\/pod-index)/;

/** Gathers what can be named from a world and the traffic seen. Bounded. */
export function factsOf(world: World, tuples: readonly SeenTuple[]): Facts {
  const labels = new Map<string, Map<string, number>>();
  const ports = new Map<string, { port: string; protocol: string; detail: string; weight: number }>();
  for (const endpoint of world.endpoints) {
    for (const [key, value] of Object.entries(endpoint.labels)) if (!FLEETING.test(key)) add(labels, key, value);
    for (const { name, port, protocol } of endpoint.namedPorts ?? [])
      weigh(ports, name, protocol, `container port ${port} of ${endpoint.namespace}`, 1);
  }
  const names = new Map<string, number>();
  const cidrs = new Map<string, number>();
  for (const { destination, protocol, port, flows, query } of tuples) {
    if (port > 0) weigh(ports, String(port), protocol, `seen, e.g. ${destination}`, flows);
    if (destination.startsWith('fqdn:')) count(names, destination.slice(5), flows);
    if (destination.startsWith('cidr:')) count(cidrs, destination.slice(5), flows);
    if (query) count(names, query.replace(/\.$/, ''), flows);
  }
  for (const name of Object.keys(world.fqdnCache)) count(names, name.replace(/\.$/, ''), 0);
  return {
    labels: [...labels]
      .map(([key, values]) => ({
        key,
        values: [...values]
          .toSorted(byCount)
          .slice(0, MOST_VALUES)
          .map(([value]) => value),
        pods: [...values.values()].reduce((sum, pods) => sum + pods, 0),
      }))
      .toSorted((a, b) => b.pods - a.pods || (a.key < b.key ? -1 : 1))
      .slice(0, MOST),
    namespaces: [...new Set([...Object.keys(world.namespaces), ...world.endpoints.map(({ namespace }) => namespace)])].toSorted(),
    ports: [...ports.values()]
      .toSorted((a, b) => b.weight - a.weight)
      .slice(0, MOST)
      .map(({ port, protocol, detail }) => ({ port, protocol, detail })),
    names: [...names]
      .toSorted(byCount)
      .slice(0, MOST)
      .map(([name]) => name),
    services: world.services.map(({ name, namespace }) => ({ name, namespace })).slice(0, MOST),
    cidrGroups: world.cidrGroups.map(({ name }) => name).slice(0, MOST),
    cidrs: [...cidrs]
      .toSorted(byCount)
      .slice(0, MOST)
      .map(([prefix]) => prefix),
  };
}

const byCount = ([a, x]: readonly [string, number], [b, y]: readonly [string, number]) => y - x || (a < b ? -1 : 1);

function count(of: Map<string, number>, key: string, by: number): void {
  of.set(key, (of.get(key) ?? 0) + by);
}

function add(labels: Map<string, Map<string, number>>, key: string, value: string): void {
  const values = labels.get(key) ?? new Map<string, number>();
  count(values, value, 1);
  labels.set(key, values);
}

function weigh(
  ports: Map<string, { port: string; protocol: string; detail: string; weight: number }>,
  port: string,
  protocol: string,
  detail: string,
  by: number,
): void {
  const key = `${port}/${protocol}`;
  const known = ports.get(key);
  ports.set(key, { port, protocol, detail: known?.detail ?? detail, weight: (known?.weight ?? 0) + by });
}
