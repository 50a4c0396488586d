import { POLICY_KINDS, WORLD_PARTS, type PolicyObject, type World, type WorldPart } from '#lib/policy/model.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { DEFAULT_SETTINGS, isAgentConfig, settingsOf } from './agent-config.ts';
import { EndpointJoin } from './endpoint-join.ts';
import { identityOf, type Inventory, type InventoryIdentity, type InventoryNode } from './inventory.ts';
import { apiServersOf, cidrGroupOf, nodeOf, outsideAddresses, serviceOf, worldNode } from './network-objects.ts';
import { ObjectTables } from './object-tables.ts';
import { objectsIn, worldObjectOf, type WorldKind, type WorldObject } from './object.ts';
import { shared } from './shared.ts';

/** The facts of a cluster as its objects say them. */
export interface ClusterFacts {
  readonly world: World;
  /** In the order of their references. */
  readonly policies: readonly PolicyObject[];
  readonly inventory: Inventory;
}

/** How long an identity that was deleted is remembered: flows of its last minutes are read later. */
const REMEMBERED_MS = 60 * 60_000;

const NODE_KINDS = ['Node', 'CiliumNode'] as const;
const BACKEND_KINDS = ['EndpointSlice', 'Endpoints'] as const;
const POD_KINDS = ['Pod', 'CiliumEndpoint', 'CiliumEndpointSlice', 'CiliumIdentity', 'ReplicaSet', 'Job', ...NODE_KINDS] as const;

/** The kinds of which one has to be known for a part of the world not to be missing. */
const NEEDED: Readonly<Record<WorldPart, readonly string[]>> = {
  endpoints: ['Pod', 'CiliumEndpoint', 'CiliumEndpointSlice'],
  namespaces: ['Namespace'],
  nodes: NODE_KINDS,
  services: ['Service'],
  cidrGroups: ['CiliumCIDRGroup'],
  config: ['ConfigMap'],
  // Objects do not say which names were looked up: see `withNames`.
  names: [],
};

/**
 * Makes a world of Kubernetes objects, one change at a time. `build` is cheap when little has changed: each part is made anew only when an object of
 * its kinds came, went or changed, and what says the same as before is the same object as before, the whole facts included.
 */
export class WorldBuilder {
  readonly #objects = new ObjectTables();
  readonly #join = new EndpointJoin(this.#objects);
  /** Kinds that are known although there may be none of them. */
  readonly #listed = new Set<string>();
  readonly #goneIdentities = new Map<number, InventoryIdentity>();
  #listings = 0;
  #facts: { readonly version: number; readonly facts: ClusterFacts } | undefined;

  /** Grows with every change of what `build` rests on. */
  get version(): number {
    return this.#objects.version + this.#listings;
  }

  /** Takes an object, new or changed, as JSON. False for one that says nothing about a world. */
  put(value: unknown): boolean {
    const object = worldObjectOf(value);
    if (!object || (object.kind === 'ConfigMap' && !isAgentConfig(object))) return false;
    this.#objects.put(object);
    return true;
  }

  /** Takes an object away: only its kind and name are looked at. `at` is when it went, in Unix milliseconds; 0 where that is not known. */
  delete(value: unknown, at = 0): boolean {
    const object = worldObjectOf(value);
    const gone = object && this.#objects.delete(object);
    if (gone?.kind === 'CiliumIdentity') this.#remember(gone, at);
    return gone !== undefined;
  }

  /** Says that all objects of a kind are known, be it none; or that they no longer are. A kind without objects is missing otherwise. */
  setKnown(kind: string, known = true): void {
    if (this.#listed.has(kind) === known) return;
    if (known) this.#listed.add(kind);
    else this.#listed.delete(kind);
    this.#listings++;
  }

  /** The objects as they are now: a view that changes with them. A ConfigMap other than the agents' configuration is never among them. */
  readonly objects = {
    /** Whether it is known which objects of the kind there are, be it none. */
    known: (kind: WorldKind): boolean => this.#listed.has(kind) || this.#objects.byName(kind).size > 0,
    all: (kind: WorldKind): readonly WorldObject[] => this.#objects.all(kind),
    get: (kind: WorldKind, namespace: string, name: string): WorldObject | undefined => this.#objects.get(kind, namespace, name),
  };

  /** The facts as they are now: the same object until something changes. */
  build(): ClusterFacts {
    if (this.#facts?.version !== this.version)
      this.#facts = { version: this.version, facts: shared(this.#facts?.facts, this.#make()) };
    return this.#facts.facts;
  }

  #make(): ClusterFacts {
    const objects = this.#objects;
    const known: ReadonlySet<string> = new Set([...this.#listed, ...objects.kinds()]);
    const settings = objects.made('settings', ['ConfigMap'], () => {
      const [configMap] = objects.all('ConfigMap');
      return configMap ? settingsOf(configMap) : DEFAULT_SETTINGS;
    });
    const identities = objects.made('identities', ['CiliumIdentity'], () => this.#identities());
    const nodes = objects.made('nodes', NODE_KINDS, () => this.#nodes());
    const nodeByIp = objects.made('node addresses', NODE_KINDS, () => byAddress(nodes.values(), ({ addresses }) => addresses));
    const pods = objects.made('pods', POD_KINDS, () => this.#join.pods(identities, nodeByIp));
    const podByIp = objects.made('pod addresses', POD_KINDS, () =>
      byAddress(pods.byId.values(), ({ hostNetwork, ips }) => (hostNetwork ? [] : ips)),
    );
    const apiServers = objects.made('API servers', BACKEND_KINDS, () =>
      apiServersOf(objects.all('EndpointSlice'), objects.all('Endpoints')),
    );
    const world = this.#world(known, settings.config, pods.endpoints, { nodes, nodeByIp, apiServers });
    const inventory: Inventory = {
      settings,
      pods: pods.byId,
      podByIp,
      identities: known.has('CiliumIdentity') && settings.identitiesAreObjects ? identities : undefined,
      nodes,
      nodeByIp,
      apiServers,
      known,
    };
    return { world, policies: objects.made('policies', POLICY_KINDS, () => this.#policies()), inventory };
  }

  #world(
    known: ReadonlySet<string>,
    config: World['config'],
    endpoints: World['endpoints'],
    { nodes, nodeByIp, apiServers }: Pick<Inventory, 'nodes' | 'nodeByIp' | 'apiServers'>,
  ): World {
    const objects = this.#objects;
    return {
      config,
      namespaces: objects.made('namespaces', ['Namespace'], () =>
        Object.fromEntries(objects.all('Namespace').map(({ name, labels }) => [name, { labels }])),
      ),
      endpoints,
      nodes: objects.made('world nodes', [...NODE_KINDS, ...BACKEND_KINDS], () =>
        Array.from(nodes.values(), (node) => worldNode(node, apiServers)),
      ),
      ips: objects.made('outside addresses', [...NODE_KINDS, ...BACKEND_KINDS], () => outsideAddresses(apiServers, nodeByIp)),
      fqdnCache: {},
      cidrGroups: objects.made('CIDR groups', ['CiliumCIDRGroup'], () => objects.all('CiliumCIDRGroup').map(cidrGroupOf)),
      services: objects.made('services', ['Service', ...BACKEND_KINDS], () => {
        const slices = objects.all('EndpointSlice');
        const lists = objects.all('Endpoints');
        return objects.all('Service').map((service) => serviceOf(service, slices, lists));
      }),
      missing: WORLD_PARTS.filter((part) => !NEEDED[part].some((kind) => known.has(kind))),
    };
  }

  #identities(): ReadonlyMap<number, InventoryIdentity> {
    const there = this.#objects.all('CiliumIdentity').flatMap((object) => identityOf(object) ?? []);
    return new Map([...this.#goneIdentities.values(), ...there].map((identity) => [identity.number, identity]));
  }

  #nodes(): ReadonlyMap<string, InventoryNode> {
    const names = new Set(NODE_KINDS.flatMap((kind) => this.#objects.all(kind).map(({ name }) => name)));
    const nodes = Array.from(names, (name) =>
      nodeOf(name, this.#objects.get('Node', '', name), this.#objects.get('CiliumNode', '', name)),
    );
    return new Map(nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((node) => [node.name, node]));
  }

  #policies(): readonly PolicyObject[] {
    const policies = POLICY_KINDS.flatMap((kind) => this.#objects.all(kind)).map(({ json }) => {
      const policy = json as unknown as PolicyObject; // kind and name were checked when it was put; the rest is for the engine to refuse
      return { policy, ref: refOf(policy) };
    });
    return policies.toSorted((a, b) => (a.ref < b.ref ? -1 : 1)).map(({ policy }) => policy);
  }

  #remember(object: WorldObject, at: number): void {
    const identity = identityOf(object);
    if (!identity || at <= 0) return;
    for (const { number, deletedAt = 0 } of this.#goneIdentities.values())
      if (deletedAt < at - REMEMBERED_MS) this.#goneIdentities.delete(number);
    this.#goneIdentities.set(identity.number, { ...identity, deletedAt: at });
  }
}

/** The facts of all `objects` at once: single ones, or lists as `kubectl get` prints them. A kind that none is of is taken for unknown. */
export function factsOf(objects: Iterable<unknown>): ClusterFacts {
  const builder = new WorldBuilder();
  for (const object of objects) for (const one of objectsIn(object)) builder.put(one);
  return builder.build();
}

/** `world` with the DNS names that are known to have been looked up, by address. */
export function withNames(world: World, addressesByName: ReadonlyMap<string, Iterable<string>>): World {
  return {
    ...world,
    fqdnCache: Object.fromEntries(Array.from(addressesByName, ([name, addresses]) => [name, [...addresses]])),
    missing: (world.missing ?? []).filter((part) => part !== 'names'),
  };
}

const byAddress = <T>(items: Iterable<T>, addressesOf: (item: T) => readonly string[]): ReadonlyMap<string, T> =>
  new Map([...items].flatMap((item) => addressesOf(item).map((address) => [address, item] as const)));
