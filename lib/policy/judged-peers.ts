import type { Peer, SeenPeer, World, WorldEndpoint, WorldNode } from './model.ts';
import { parseAddress } from './schema/words.ts';
import { seenPeer } from './seen-peer.ts';
import { type JudgedPeer, WorldIndex } from './world-index.ts';

/** So many things seen are kept; a judge that lives for long starts over then. */
const MAX_SEEN = 100_000;

/** Finds who is meant by a side of a question. */
export class JudgedPeers {
  readonly index: WorldIndex;
  readonly #endpoints = new Map<string, WorldEndpoint>();
  readonly #nodes = new Map<string, WorldNode>();
  readonly #endpointOfAddress = new Map<string, WorldEndpoint>();
  readonly #nodeOfAddress = new Map<string, WorldNode>();
  readonly #namesOfAddress = new Map<string, string[]>();
  readonly #apiServers: ReadonlySet<string>;
  readonly #known = new Map<string, JudgedPeer>();
  readonly #seen = new Map<string, JudgedPeer>();
  #bySeen = new WeakMap<SeenPeer, JudgedPeer>();
  #endpointsOfLabels: Map<string, WorldEndpoint[]> | undefined;

  constructor(world: World) {
    this.index = new WorldIndex(world);
    for (const endpoint of world.endpoints) {
      this.#endpoints.set(endpoint.id, endpoint);
      if (endpoint.ip) this.#endpointOfAddress.set(endpoint.ip, endpoint);
    }
    for (const node of world.nodes) {
      this.#nodes.set(node.id, node);
      if (node.ip) this.#nodeOfAddress.set(node.ip, node);
    }
    for (const [name, addresses] of Object.entries(world.fqdnCache))
      for (const address of addresses) this.#namesOfAddress.set(address, [...(this.#namesOfAddress.get(address) ?? []), name]);
    this.#apiServers = new Set(world.ips.filter(({ kubeApiServer }) => kubeApiServer).map(({ ip }) => ip));
  }

  /** Who is meant. An endpoint or node that the world does not have is a mistake of the caller: throws a RangeError. */
  find(peer: Peer): JudgedPeer {
    if ('seen' in peer) return this.#findSeen(peer.seen);
    const key =
      'endpoint' in peer
        ? `e${peer.endpoint}`
        : 'node' in peer
          ? `n${peer.node}`
          : 'ip' in peer
            ? `i${peer.ip}`
            : `r${peer.entity}`;
    const known = this.#known.get(key);
    if (known) return known;
    const found = this.#resolve(peer);
    if (this.#known.size >= MAX_SEEN) this.#known.clear();
    this.#known.set(key, found);
    return found;
  }

  #resolve(peer: Exclude<Peer, { seen: unknown }>): JudgedPeer {
    if ('endpoint' in peer) {
      const endpoint = this.#endpoints.get(peer.endpoint);
      if (!endpoint) throw new RangeError(`the world has no endpoint ${peer.endpoint}`);
      return this.index.endpointPeer(endpoint);
    }
    if ('node' in peer) {
      const node = this.#nodes.get(peer.node);
      if (!node) throw new RangeError(`the world has no node ${peer.node}`);
      return this.index.nodePeer(node);
    }
    return 'ip' in peer ? this.#addressPeer(peer.ip) : this.index.entityPeer(peer.entity);
  }

  /** An address is its pod's or its node's where the world has one, else outside. */
  #addressPeer(ip: string): JudgedPeer {
    const endpoint = this.#endpointOfAddress.get(ip);
    if (endpoint) return this.index.endpointPeer(endpoint);
    const node = this.#nodeOfAddress.get(ip);
    if (node) return this.index.nodePeer(node);
    const identity = this.index.outsideIdentity(parseAddress(ip) ?? 'unknown', this.namesOf(ip), this.#apiServers.has(ip));
    return { identity, subject: undefined };
  }

  #findSeen(seen: SeenPeer): JudgedPeer {
    const same = this.#bySeen.get(seen);
    if (same) return same;
    const key = JSON.stringify([seen.labels, seen.ip, seen.names, seen.local]);
    let found = this.#seen.get(key);
    if (!found) {
      found = seenPeer(seen, this);
      if (this.#seen.size >= MAX_SEEN) this.#seen.clear();
      this.#seen.set(key, found);
    }
    this.#bySeen.set(seen, found);
    return found;
  }

  /** Names an address was learned for. */
  namesOf(ip: string): readonly string[] | 'unknown' {
    const names = this.#namesOfAddress.get(ip);
    if (names) return names;
    return this.index.world.missing?.includes('names') ? 'unknown' : [];
  }

  isApiServer(ip: string): boolean {
    return this.#apiServers.has(ip);
  }

  nodeOf(ip: string | undefined): WorldNode | undefined {
    return ip === undefined ? undefined : this.#nodeOfAddress.get(ip);
  }

  /** Pods of the world with exactly these identity labels. */
  podsWith(texts: readonly string[]): readonly WorldEndpoint[] {
    if (!this.#endpointsOfLabels) {
      this.#endpointsOfLabels = new Map();
      for (const endpoint of this.index.world.endpoints) {
        const key = this.index.endpointPeer(endpoint).identity.labels.texts.join('\n');
        const others = this.#endpointsOfLabels.get(key);
        if (others) others.push(endpoint);
        else this.#endpointsOfLabels.set(key, [endpoint]);
      }
    }
    return this.#endpointsOfLabels.get(texts.join('\n')) ?? [];
  }
}
