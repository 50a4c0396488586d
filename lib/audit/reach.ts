import type { CompiledPolicies } from '#lib/policy/compile.ts';
import { peerOf } from '#lib/policy/decide.ts';
import { selects } from '#lib/policy/identity.ts';
import type { Entity } from '#lib/policy/model.ts';
import type { JudgedPeer } from '#lib/policy/world-index.ts';
import { workloadIdOf } from './isolated.ts';
import type { ReplayPeer, ReplayTuple } from './judge-input.ts';
import { both, type OpenPorts, portTexts, SideReach, union } from './reach-ports.ts';
import type { Replayed } from './replay.ts';

export interface ReachCell {
  /** Places in `names`. */
  readonly source: number;
  readonly destination: number;
  readonly policy: 'allowed' | 'denied' | 'conditional' | 'unknown';
  /** At most 12, in words. */
  readonly ports: readonly string[];
  /** `http`, `dns`, `auth`, ...: what it depends on; `address` where only some addresses or names of the outside are allowed. */
  readonly conditions: readonly string[];
  /** Flows let through and flows denied in the window. */
  readonly used: number;
  readonly tried: number;
}

export interface Reach {
  /** Sources and destinations in the same order: namespaces or workloads, then entities and `world`. */
  readonly names: readonly string[];
  /** Cells that are not plainly denied and untried, by source and destination. */
  readonly cells: readonly ReachCell[];
}

export interface ReachOptions {
  readonly level: 'namespace' | 'workload';
  /** At workload level: this namespace and whom it reaches or is reached by. */
  readonly namespace?: string | undefined;
  /** Ports of a cell at most; 12 by default. */
  readonly mostPorts?: number;
}

const ENTITIES: readonly Entity[] = ['host', 'remote-node', 'kube-apiserver', 'health', 'ingress'];
const WORLD = 'world';
const MOST_PORTS = 12;

/** A row and column: identities that stand for it. */
interface ReachNode {
  readonly name: string;
  readonly peers: readonly JudgedPeer[];
  /** Of the outside: an address or name that rules or traffic single out. */
  readonly singled: readonly JudgedPeer[];
}

/**
 * Who may reach whom by the policies, and whether that was used or tried. Judged by identity: pods with the same labels are one. Of two endpoints of one
 * name that policy treats differently the wider answer is shown.
 */
export function reachOf(compiled: CompiledPolicies, traffic: readonly Replayed[], options: ReachOptions): Reach {
  const nodes = nodesOf(compiled, traffic, options.level);
  const places = new Map(nodes.map(({ name }, place) => [name, place]));
  const flows = flowsOf(traffic, places, options.level);
  const [egress, ingress] = [new SideReach(compiled, 'egress'), new SideReach(compiled, 'ingress')];
  const isShown = rowFilter(nodes, options);
  const cells: ReachCell[] = [];
  for (const [source, from] of nodes.entries())
    for (const [destination, to] of nodes.entries()) {
      if (!isShown(source, destination) || !(isPods(from) || isPods(to))) continue;
      const { used, tried } = flows.get(source * nodes.length + destination) ?? NO_FLOWS;
      const said = policyOf(from, to, egress, ingress);
      const ports = said.ports.slice(0, options.mostPorts ?? MOST_PORTS);
      if (said.policy !== 'denied' || used + tried > 0) cells.push({ source, destination, ...said, ports, used, tried });
    }
  return options.namespace === undefined
    ? { names: nodes.map(({ name }) => name), cells }
    : onlyNamed(nodes, cells, options.namespace);
}

const isPods = ({ name }: ReachNode): boolean => name !== WORLD && !(ENTITIES as readonly string[]).includes(name);

function nodesOf(compiled: CompiledPolicies, traffic: readonly Replayed[], level: ReachOptions['level']): ReachNode[] {
  const pods = new Map<string, Set<JudgedPeer>>();
  const bySubject = new Map<string, JudgedPeer>();
  const outside = new Map<number, JudgedPeer>();
  const put = (name: string, peer: JudgedPeer) => {
    const key = `${peer.identity.id} ${peer.subject?.id}`;
    const one = bySubject.get(key) ?? peer;
    bySubject.set(key, one);
    const known = pods.get(name);
    if (known) known.add(one);
    else pods.set(name, new Set([one]));
  };
  for (const endpoint of compiled.world.endpoints)
    put(level === 'namespace' ? endpoint.namespace : workloadIdOf(endpoint), peerOf(compiled, { endpoint: endpoint.id }));
  for (const replayed of traffic) {
    if ('unknown' in replayed) continue;
    for (const { src, dst } of replayed.questions)
      for (const [seen, peer] of [
        [replayed.tuple.source, peerOf(compiled, src)],
        [replayed.tuple.destination, peerOf(compiled, dst)],
      ] as const) {
        if (seen.namespace !== '') put(level === 'namespace' ? seen.namespace : seen.name, peer);
        else if (peer.identity.kind === 'outside') outside.set(peer.identity.id, peer);
      }
  }
  const named = [...pods]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, peers]): ReachNode => ({ name, peers: [...peers], singled: [] }));
  const entities = ENTITIES.map((entity): ReachNode => ({ name: entity, peers: [peerOf(compiled, { entity })], singled: [] }));
  const world: ReachNode = {
    name: WORLD,
    peers: [peerOf(compiled, { entity: 'world' })],
    singled: singledOut(compiled, outside),
  };
  return [...named, ...entities, world];
}

/** Outside peers that rules single out by address, group or name, one of each kind that rules tell apart: of the traffic, and one address of each prefix. */
function singledOut(compiled: CompiledPolicies, outside: ReadonlyMap<number, JudgedPeer>): JudgedPeer[] {
  const { index } = compiled.peers;
  const selectors = [...new Set(compiled.entries.flatMap(({ peers }) => (typeof peers === 'string' ? [] : peers)))].filter(
    ({ kind }) => kind !== 'labels',
  );
  const ruled = selectors.flatMap((selector): JudgedPeer[] => {
    if (selector.kind !== 'cidr' || selector.prefix.bits === 0) return [];
    const address = { ...selector.prefix, bits: selector.prefix.family === 4 ? 32 : 128 };
    return [{ identity: index.outsideIdentity(address, []), subject: undefined }];
  });
  const byMatches = new Map<string, JudgedPeer>();
  for (const peer of [...outside.values(), ...ruled]) {
    const matches = selectors.map((selector) => selects(selector, peer.identity, index)[0]).join('');
    if (/[^n]/.test(matches)) byMatches.set(matches, peer);
  }
  return [...byMatches.values()];
}

function policyOf(
  from: ReachNode,
  to: ReachNode,
  egress: SideReach,
  ingress: SideReach,
): Pick<ReachCell, 'policy' | 'ports' | 'conditions'> {
  const between = (sources: readonly JudgedPeer[], destinations: readonly JudgedPeer[]) =>
    union(
      sources.flatMap((source) =>
        destinations.map((destination) => both(egress.open(source, destination), ingress.open(destination, source))),
      ),
    );
  const open = between(from.peers, to.peers);
  const singled =
    from.singled.length + to.singled.length === 0
      ? []
      : between([...from.peers, ...from.singled], [...to.peers, ...to.singled]).filter((ports) => !open.includes(ports));
  const isWholly = open.some(({ unknown }) => !unknown);
  const shown: readonly OpenPorts[] = isWholly ? open : [...open, ...singled];
  const conditions = new Set(shown.flatMap((ports) => ports.conditions));
  if (!isWholly && singled.length > 0) conditions.add('address');
  return {
    policy: verdictOf(open, singled),
    ports: portTexts(shown),
    conditions: [...conditions].toSorted(),
  };
}

function verdictOf(open: readonly OpenPorts[], singled: readonly OpenPorts[]): ReachCell['policy'] {
  if (open.some(({ unknown, conditions }) => !unknown && conditions.length === 0)) return 'allowed';
  if ([...open, ...singled].some(({ unknown }) => !unknown)) return 'conditional';
  return open.length + singled.length > 0 ? 'unknown' : 'denied';
}

interface Flows {
  readonly used: number;
  readonly tried: number;
}
const NO_FLOWS: Flows = { used: 0, tried: 0 };

/** Flows of each cell, by its place in the matrix read row by row. */
function flowsOf(
  traffic: readonly Replayed[],
  places: ReadonlyMap<string, number>,
  level: ReachOptions['level'],
): Map<number, Flows> {
  const found = new Map<number, Flows>();
  for (const { tuple } of traffic) {
    const [source, destination] = [places.get(placeOf(tuple.source, level)), places.get(placeOf(tuple.destination, level))];
    if (source === undefined || destination === undefined || !tuple.oriented) continue;
    const key = source * places.size + destination;
    const known = found.get(key) ?? NO_FLOWS;
    const tried = deniedFlows(tuple);
    found.set(key, { used: known.used + passedFlows(tuple), tried: known.tried + tried });
  }
  return found;
}

const placeOf = ({ name, namespace }: ReplayPeer, level: ReachOptions['level']): string => {
  if (namespace !== '') return level === 'namespace' ? namespace : name;
  const entity = name.startsWith('entity:') ? name.slice(7) : WORLD;
  return (ENTITIES as readonly string[]).includes(entity) ? entity : WORLD;
};

const POLICY_DROPS: ReadonlySet<string> = new Set(['POLICY_DENIED', 'POLICY_DENY', 'AUTH_REQUIRED', '']);

const deniedFlows = ({ seen }: ReplayTuple): number =>
  seen.reduce(
    (sum, { verdict, dropReason, flows }) => sum + (verdict === 'DROPPED' && POLICY_DROPS.has(dropReason) ? flows : 0),
    0,
  );

const passedFlows = ({ seen }: ReplayTuple): number =>
  seen.reduce((sum, { verdict, flows }) => sum + (verdict === 'DROPPED' || verdict === 'ERROR' ? 0 : flows), 0);

function rowFilter(
  nodes: readonly ReachNode[],
  { level, namespace }: ReachOptions,
): (source: number, destination: number) => boolean {
  if (level === 'namespace' || namespace === undefined) return () => true;
  const own = new Set(nodes.flatMap(({ name }, place) => (name.startsWith(`${namespace}/`) ? [place] : [])));
  return (source, destination) => own.has(source) || own.has(destination);
}

/** Only rows and columns of a namespace and of whom it has a cell with. */
function onlyNamed(nodes: readonly ReachNode[], cells: readonly ReachCell[], namespace: string): Reach {
  const kept = new Set(cells.flatMap(({ source, destination }) => [source, destination]));
  const shown = nodes.flatMap(({ name }, place) =>
    kept.has(place) || name.startsWith(`${namespace}/`) || name === namespace ? [{ name, place }] : [],
  );
  const newPlace = new Map(shown.map(({ place }, index) => [place, index]));
  return {
    names: shown.map(({ name }) => name),
    cells: cells.map((cell) => ({
      ...cell,
      source: newPlace.get(cell.source) ?? 0,
      destination: newPlace.get(cell.destination) ?? 0,
    })),
  };
}
