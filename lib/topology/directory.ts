import type { Level, MapNodeKind } from './topology.ts';

/** A node of the map as one shared object: compare by identity, never by id, on the hot path. */
export class TrafficNode {
  readonly id: string;
  /** Of a workload, labels that come later may tell more. */
  kind: MapNodeKind;
  /** Empty outside the cluster. */
  readonly namespace: string;
  readonly name: string;
  /** May become known later than the node. */
  workloadKind: string;
  /** The same node one level and two levels up; itself outside the cluster and at the top. */
  readonly workload: TrafficNode;
  readonly group: TrafficNode;
  /** Numeric identities seen, at most 8. */
  readonly identities: number[] = [];
  /** Ports (see `portKey`) that clients were seen to be connected to. Kept at workload level. */
  readonly listens = new Set<number>();
  /** Addresses of a node outside the cluster, with the time each was last seen. */
  readonly addresses: Map<string, number> | undefined;
  /** Kubernetes node that a pod runs on; empty until a flow tells. */
  nodeName = '';
  /** Edges from here, by destination and port. Pod level only. */
  readonly edges = new Map<TrafficNode, Map<number, TrafficEdge>>();
  /** Pairs from here, at workload level. */
  readonly pairs = new Map<TrafficNode, TrafficPair>();
  /** Distinct nodes outside the cluster that this workload is paired with. */
  outsidePairs = 0;
  /** Edges and children that keep it in the directory. */
  uses = 0;

  constructor(facts: {
    readonly id: string;
    readonly kind: MapNodeKind;
    readonly namespace: string;
    readonly name: string;
    readonly workloadKind: string;
    readonly workload?: TrafficNode;
    readonly group?: TrafficNode;
  }) {
    this.id = facts.id;
    this.kind = facts.kind;
    this.namespace = facts.namespace;
    this.name = facts.name;
    this.workloadKind = facts.workloadKind;
    this.workload = facts.workload ?? this;
    this.group = facts.group ?? this;
    this.addresses = isOutside(facts.kind) ? new Map() : undefined;
  }

  /** The node that stands for this one in a view at `level`. */
  at(level: Level): TrafficNode {
    return level === 'pod' ? this : level === 'workload' ? this.workload : this.group;
  }
}

/** Two workloads (or what is outside) in the direction of their connections, with the ports that have edges of their own. */
interface TrafficPair {
  readonly ports: Set<number>;
}

/** An edge of the map as one shared object. */
export class TrafficEdge {
  readonly source: TrafficNode;
  readonly destination: TrafficNode;
  readonly protocol: string;
  readonly port: number;
  readonly key: string;
  /** The edges this one is folded into; itself at its own level. */
  readonly workload: TrafficEdge;
  readonly group: TrafficEdge;
  l7: '' | 'http' | 'dns' | 'kafka' = '';
  /** A request for `/metrics` was seen. */
  metricsPath = false;
  /** Hubble said which end opened it: then the destination is known to listen. */
  confirmed = false;
  /** Unix milliseconds of the first flow since it is held and, at pod level, of the newest. */
  firstSeen = Number.POSITIVE_INFINITY;
  lastSeen = 0;

  constructor(
    source: TrafficNode,
    destination: TrafficNode,
    protocol: string,
    port: number,
    parents: { readonly workload?: TrafficEdge; readonly group?: TrafficEdge } = {},
  ) {
    this.source = source;
    this.destination = destination;
    this.protocol = protocol;
    this.port = port;
    this.key = edgeKey(source.id, destination.id, protocol, port);
    this.workload = parents.workload ?? this;
    this.group = parents.group ?? this;
  }

  /** Notes a first flow, also for the edges this one is folded into. */
  seenSince(time: number): void {
    for (const edge of [this, this.workload, this.group]) edge.firstSeen = Math.min(edge.firstSeen, time);
  }

  at(level: Level): TrafficEdge {
    return level === 'pod' ? this : level === 'workload' ? this.workload : this.group;
  }
}

/** `src->dst:proto/port`. */
export const edgeKey = (source: string, destination: string, protocol: string, port: number): string =>
  `${source}->${destination}:${protocol}/${port}`;

/** Protocols of edges; `NONE` for frames without a network layer. */
export const EDGE_PROTOCOLS = ['NONE', 'TCP', 'UDP', 'ICMPv4', 'ICMPv6', 'SCTP', 'VRRP', 'IGMP'] as const;
const PROTOCOL_INDEX: ReadonlyMap<string, number> = new Map(EDGE_PROTOCOLS.map((protocol, index) => [protocol, index]));

/** Protocol and port as one small integer. */
export const portKey = (protocol: string, port: number): number => ((PROTOCOL_INDEX.get(protocol) ?? 0) << 16) | port;

const isOutside = (kind: MapNodeKind): boolean => kind === 'external' || kind === 'entity' || kind === 'host';

/** Bounds against a cluster, or an attacker in it, that would make the map grow without end. */
export interface DirectoryLimits {
  /** Ports of one pair of workloads with an edge of their own; further ones share the edge of port 0. */
  readonly portsPerPair: number;
  /** Outside nodes one workload talks to; further ones are shown as `entity:world`. */
  readonly outsidePerWorkload: number;
  /** Names, and address groups, in all; further ones are shown as `entity:world`. */
  readonly outsideNodes: number;
  /** Pods in all; further ones are shown as one node `other` of their workload. */
  readonly pods: number;
  /** Edges in all at pod level; further ones are shown as one edge between the nodes `entity:other`. */
  readonly edges: number;
}

export const DIRECTORY_LIMITS: DirectoryLimits = {
  portsPerPair: 32,
  outsidePerWorkload: 256,
  outsideNodes: 4_000,
  pods: 20_000,
  edges: 100_000,
};

/** What was folded because a limit was met, and how many flows that were so far. */
export interface FoldFinding {
  readonly kind: 'ports' | 'outside-peers' | 'outside-nodes' | 'pods' | 'edges' | 'l7-shapes' | 'tuples';
  /** Ids at workload level; empty where the limit is one for the whole cluster. */
  readonly source: string;
  readonly destination: string;
  /** Flows counted under `other` so far; pods, for kind `pods`. */
  flows: number;
  readonly firstSeen: number;
  lastSeen: number;
}

const MAX_FINDINGS = 500;

/** All nodes and edges that were seen lately, each once. */
export class Directory {
  readonly #limits: DirectoryLimits;
  readonly #nodes = new Map<string, TrafficNode>();
  readonly #edges = new Set<TrafficEdge>();
  /** Edges above pod level, with the number of edges folded into each. */
  readonly #folded = new Map<string, { edge: TrafficEdge; uses: number }>();
  readonly #findings = new Map<string, FoldFinding>();
  #pods = 0;
  #outside = 0;

  constructor(limits: DirectoryLimits = DIRECTORY_LIMITS) {
    this.#limits = limits;
  }

  /** Edges at pod level. */
  get edgeCount(): number {
    return this.#edges.size;
  }

  get nodeCount(): number {
    return this.#nodes.size;
  }

  /** What was folded, in the order in which it began. */
  get findings(): readonly FoldFinding[] {
    return [...this.#findings.values()];
  }

  /** The node of a pod. `name` is the pod's, or whatever else tells endpoints of a workload apart. */
  pod(facts: {
    readonly namespace: string;
    readonly name: string;
    readonly workload: string;
    readonly workloadKind: string;
    readonly kind: MapNodeKind;
    /** Unix milliseconds. */
    readonly time: number;
  }): TrafficNode {
    const { namespace } = facts;
    const id = `${namespace}/${facts.name}`;
    const known = this.#nodes.get(`p ${id}`);
    if (known) {
      if (known.workloadKind === '' && facts.workloadKind !== '') known.workloadKind = facts.workloadKind;
      if (known.workload.workloadKind === '') known.workload.workloadKind = known.workloadKind;
      if (facts.kind !== 'workload') {
        known.kind = facts.kind;
        known.workload.kind = facts.kind;
      }
      return known;
    }
    const group = this.#intern(`n ${namespace}`, {
      id: namespace,
      kind: 'namespace',
      namespace,
      name: namespace,
      workloadKind: '',
    });
    const workload = this.#intern(`w ${namespace}/${facts.workload}`, {
      id: `${namespace}/${facts.workload}`,
      kind: facts.kind,
      namespace,
      name: facts.workload,
      workloadKind: facts.workloadKind,
      group,
    });
    const full = this.#pods >= this.#limits.pods;
    const name = full ? `${facts.workload} (other)` : facts.name;
    if (full) {
      this.countFolded('pods', workload.id, '', facts.time);
      const other = this.#nodes.get(`p ${namespace}/${name}`);
      if (other) return other;
    }
    const pod = this.#intern(`p ${namespace}/${name}`, {
      id: `${namespace}/${name}`,
      kind: facts.kind,
      namespace,
      name,
      workloadKind: facts.workloadKind,
      workload,
      group,
    });
    this.#pods++;
    workload.uses++;
    group.uses++;
    return pod;
  }

  /** The node of an entity, name or address group outside the cluster, by its id (`entity:host`, `fqdn:…`, `cidr:…`). */
  outside(id: string, kind: MapNodeKind): TrafficNode {
    const known = this.#nodes.get(`o ${id}`);
    if (known) return known;
    const facts = { id, kind, namespace: '', name: id.slice(id.indexOf(':') + 1), workloadKind: '' };
    if (kind !== 'external') return this.#intern(`o ${id}`, facts);
    if (this.#outside >= this.#limits.outsideNodes) return this.outside('entity:world', 'entity');
    this.#outside++;
    return this.#intern(`o ${id}`, facts);
  }

  /** The edge from the client to the server; folded where a limit is met. */
  edge(source: TrafficNode, destination: TrafficNode, protocol: string, port: number, time: number): TrafficEdge {
    return (
      source.edges.get(destination)?.get(portKey(protocol, port)) ?? this.#newEdge(source, destination, protocol, port, time)
    );
  }

  /** Lets go of what no flow touched since `before` (Unix milliseconds). Nodes and edges asked for earlier must not be used again. */
  sweep(before: number): void {
    for (const edge of this.#edges) if (edge.lastSeen < before) this.#forget(edge);
    for (const [key, node] of this.#nodes) {
      if (node.addresses) for (const [ip, seen] of node.addresses) if (seen < before) node.addresses.delete(ip);
      if (node.uses > 0) continue;
      this.#nodes.delete(key);
      if (key.startsWith('p ')) {
        this.#pods--;
        node.workload.uses--;
        node.group.uses--;
      } else if (node.kind === 'external') this.#outside--;
    }
    for (const [key, finding] of this.#findings) if (finding.lastSeen < before) this.#findings.delete(key);
  }

  /** Counts a flow that a limit folded; also for limits kept elsewhere. */
  countFolded(kind: FoldFinding['kind'], source: string, destination: string, time: number): void {
    const key = `${kind} ${source} ${destination}`;
    const known = this.#findings.get(key);
    if (known) {
      known.flows++;
      known.lastSeen = Math.max(known.lastSeen, time);
    } else if (this.#findings.size < MAX_FINDINGS) {
      this.#findings.set(key, { kind, source, destination, flows: 1, firstSeen: time, lastSeen: time });
    }
  }

  #intern(key: string, facts: ConstructorParameters<typeof TrafficNode>[0]): TrafficNode {
    const known = this.#nodes.get(key);
    if (known) return known;
    const node = new TrafficNode(facts);
    this.#nodes.set(key, node);
    return node;
  }

  /** The slow way: once for each edge, and once for each flow that has no edge of its own. */
  #newEdge(source: TrafficNode, destination: TrafficNode, protocol: string, port: number, time: number): TrafficEdge {
    const from = this.#withinPeers(source, destination.workload, true, time);
    const to = this.#withinPeers(destination, from.workload, false, time);
    const pair = pairOf(from.workload, to.workload);
    const wanted = portKey(protocol, port);
    if (port > 0 && !pair.ports.has(wanted) && pair.ports.size >= this.#limits.portsPerPair) {
      this.countFolded('ports', from.workload.id, to.workload.id, time);
      return this.edge(from, to, protocol, 0, time);
    }
    const known = from.edges.get(to)?.get(wanted);
    if (known) return known;
    if (this.#edges.size >= this.#limits.edges) {
      const other = this.outside('entity:other', 'entity');
      const rest = other.edges.get(other)?.get(portKey(protocol, 0));
      this.countFolded('edges', '', '', time);
      if (rest) return rest;
      return this.#addEdge(other, other, protocol, 0);
    }
    if (port > 0) pair.ports.add(wanted);
    return this.#addEdge(from, to, protocol, port);
  }

  /** `node`, or the world where `peer` has too many outside partners already. */
  #withinPeers(node: TrafficNode, peer: TrafficNode, nodeIsSource: boolean, time: number): TrafficNode {
    if (node.kind !== 'external' || isOutside(peer.kind)) return node;
    const paired = nodeIsSource ? node.pairs.has(peer) : peer.pairs.has(node);
    if (paired || peer.outsidePairs < this.#limits.outsidePerWorkload) return node;
    const world = this.outside('entity:world', 'entity');
    this.countFolded('outside-peers', nodeIsSource ? world.id : peer.id, nodeIsSource ? peer.id : world.id, time);
    return world;
  }

  #addEdge(source: TrafficNode, destination: TrafficNode, protocol: string, port: number): TrafficEdge {
    const group = this.#foldedEdge(source.group, destination.group, protocol, port, undefined);
    const workload = this.#foldedEdge(source.workload, destination.workload, protocol, port, group);
    const outside = source.workload === source && destination.workload === destination;
    const edge = outside ? workload : new TrafficEdge(source, destination, protocol, port, { workload, group });
    let ports = source.edges.get(destination);
    if (!ports) source.edges.set(destination, (ports = new Map()));
    ports.set(portKey(protocol, port), edge);
    this.#edges.add(edge);
    for (const node of [source, destination]) node.uses++;
    return edge;
  }

  #foldedEdge(
    source: TrafficNode,
    destination: TrafficNode,
    protocol: string,
    port: number,
    group: TrafficEdge | undefined,
  ): TrafficEdge {
    const level = group ? 'w' : 'n';
    const key = `${level} ${edgeKey(source.id, destination.id, protocol, port)}`;
    let folded = this.#folded.get(key);
    if (!folded) {
      const same = group !== undefined && group.source === source && group.destination === destination;
      const edge = same ? group : new TrafficEdge(source, destination, protocol, port, group ? { group } : {});
      this.#folded.set(key, (folded = { edge, uses: 0 }));
    }
    folded.uses++;
    return folded.edge;
  }

  #forget(edge: TrafficEdge): void {
    const { source, destination, protocol, port } = edge;
    this.#edges.delete(edge);
    const ports = source.edges.get(destination);
    ports?.delete(portKey(protocol, port));
    if (ports?.size === 0) source.edges.delete(destination);
    for (const node of [source, destination]) node.uses--;
    this.#release(`n ${edge.group.key}`);
    if (this.#release(`w ${edge.workload.key}`)) forgetPort(source.workload, destination.workload, portKey(protocol, port));
  }

  #release(key: string): boolean {
    const folded = this.#folded.get(key);
    if (!folded || --folded.uses > 0) return false;
    this.#folded.delete(key);
    return true;
  }
}

function pairOf(source: TrafficNode, destination: TrafficNode): TrafficPair {
  let pair = source.pairs.get(destination);
  if (!pair) {
    source.pairs.set(destination, (pair = { ports: new Set() }));
    if (destination.kind === 'external') source.outsidePairs++;
    if (source.kind === 'external') destination.outsidePairs++;
  }
  return pair;
}

function forgetPort(source: TrafficNode, destination: TrafficNode, port: number): void {
  const pair = source.pairs.get(destination);
  pair?.ports.delete(port);
  if (!pair || pair.ports.size > 0) return;
  source.pairs.delete(destination);
  if (destination.kind === 'external') source.outsidePairs--;
  if (source.kind === 'external') destination.outsidePairs--;
}
