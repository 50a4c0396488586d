import ipaddr from 'ipaddr.js';
import type { World } from '#lib/policy/model.ts';
import type { Inventory } from '#lib/world/inventory.ts';
import type { KnownPorts } from './server-side.ts';

/** An end of a connection, as the ledger names it. */
export interface BaselineNode {
  /** `payments/ledger`, `entity:remote-node`, `entity:kube-apiserver`, `fqdn:...`, `aws:S3`, `cidr:...` */
  readonly id: string;
  /** Empty outside the cluster. */
  readonly namespace: string;
  readonly workload: string;
}

/** Who had an address, and when: Unix seconds, `to` not included. */
export interface Owner {
  readonly node: BaselineNode;
  readonly from: number;
  readonly to: number;
  readonly ports: KnownPorts;
}

/** The cluster's addresses by owner, as they are and as they were. */
export class AddressBook {
  readonly #owners = new Map<string, Owner[]>();

  /** The latest word counts first. */
  add(address: string, owner: Owner): void {
    if (owner.from >= owner.to) return;
    const key = canonical(address);
    if (key === undefined) return;
    const owners = this.#owners.get(key);
    const last = owners?.at(-1);
    const isSame =
      last?.node.id === owner.node.id && last.ports === owner.ports && last.to >= owner.from && owner.to >= last.from;
    if (isSame) owners?.splice(-1, 1, { ...last, from: Math.min(last.from, owner.from), to: Math.max(last.to, owner.to) });
    else if (owners) owners.push(owner);
    else this.#owners.set(key, [owner]);
  }

  /** By dotted IPv4 or canonical IPv6 text; the last one is asked first. */
  ownersOf(address: string): readonly Owner[] {
    return this.#owners.get(address) ?? [];
  }

  get size(): number {
    return this.#owners.size;
  }

  /** As JSON can hold it, for another process. */
  toRows(): AddressRow[] {
    return [...this.#owners].flatMap(([address, owners]) =>
      owners.map(({ node, from, to, ports }): AddressRow => [
        address,
        node.id,
        node.namespace,
        node.workload,
        Number.isFinite(from) ? from : null,
        Number.isFinite(to) ? to : null,
        [...(ports ?? [])],
      ]),
    );
  }

  static ofRows(rows: readonly AddressRow[]): AddressBook {
    const book = new AddressBook();
    const portsOf = portSets();
    for (const [address, id, namespace, workload, from, to, ports] of rows) {
      const span = { from: from ?? Number.NEGATIVE_INFINITY, to: to ?? Number.POSITIVE_INFINITY };
      book.add(address, { node: { id, namespace, workload }, ...span, ports: portsOf(ports) });
    }
    return book;
  }
}

/** Address, node, namespace, workload, from, to (null: for ever), ports. */
export type AddressRow = readonly [string, string, string, string, number | null, number | null, readonly number[]];

/** A world that was stored, and for how long it was the last one. Unix milliseconds. */
export interface PastWorld {
  readonly from: number;
  readonly to: number;
  readonly world: World;
}

/** What a cluster is now. */
export interface PresentWorld {
  readonly inventory: Inventory;
  readonly world: World;
}

/**
 * The book of a cluster: worlds of the past in their order, then what is there now, where that is known. A pod of now has its address since it was
 * created, no earlier: what was sent before belongs to whoever had the address then, or to nobody known. Pods in the host's network share their
 * node's addresses and are taken for it; of nodes, flow logs see only what leaves one for another.
 */
export function addressBookOf(present: PresentWorld | undefined, past: readonly PastWorld[]): AddressBook {
  const book = new AddressBook();
  const portsOf = portSets();
  for (const { from, to, world } of past) addPast(book, world, { from: from / 1000, to: to / 1000 }, portsOf);
  if (present) addPresent(book, present, portsOf);
  return book;
}

type PortsOf = ReturnType<typeof portSets>;

function addPast(book: AddressBook, world: World, span: { from: number; to: number }, portsOf: PortsOf): void {
  for (const { ip, namespace, workload, cluster, namedPorts } of world.endpoints) {
    if (ip === undefined || workload === undefined || cluster !== undefined) continue;
    const ports = portsOf(namedPorts?.map(({ port }) => port));
    book.add(ip, { node: workloadNode(namespace, workload), ...span, ports });
  }
  for (const { ip } of world.nodes) if (ip !== undefined) book.add(ip, { node: REMOTE_NODE, ...span, ports: undefined });
  addServices(book, world, span);
  for (const { ip, kubeApiServer } of world.ips) if (kubeApiServer) book.add(ip, { node: API_SERVER, ...span, ports: undefined });
}

function addPresent(book: AddressBook, { inventory, world }: PresentWorld, portsOf: PortsOf): void {
  addServices(book, world, ALWAYS);
  const endpoints = new Map(world.endpoints.map((endpoint) => [endpoint.id, endpoint]));
  for (const [ip, pod] of inventory.podByIp) {
    const ports = portsOf(endpoints.get(pod.id)?.namedPorts?.map(({ port }) => port));
    book.add(ip, { node: workloadNode(pod.namespace, pod.workload.name), ...since(pod.createdAt), ports });
  }
  for (const [ip, node] of inventory.nodeByIp) book.add(ip, { node: REMOTE_NODE, ...since(node.createdAt), ports: undefined });
  for (const ip of inventory.apiServers) book.add(ip, { node: API_SERVER, ...ALWAYS, ports: undefined });
}

/** Services that stand for addresses: the others' backends are pods. */
function addServices(book: AddressBook, { services }: World, span: { from: number; to: number }): void {
  for (const { name, namespace, backends } of services) {
    if (namespace === 'default' && name === 'kubernetes') continue;
    const node = outsideNode(`fqdn:${name}.${namespace}.svc`);
    for (const address of backends ?? []) book.add(address, { node, ...span, ports: undefined });
  }
}

const ALWAYS = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

export const outsideNode = (id: string): BaselineNode => ({ id, namespace: '', workload: '' });

/** The network that an address nobody is known for is counted in: its /24, or its /56 for IPv6 (what AWS gives a VPC). */
export function networkOf(address: string): string {
  const parsed = ipaddr.parse(address);
  const [kept, length] = parsed.kind() === 'ipv4' ? [3, 24] : [7, 56];
  const bytes = parsed.toByteArray().map((byte, index) => (index < kept ? byte : 0));
  return `cidr:${ipaddr.fromByteArray(bytes).toString()}/${length}`;
}

const REMOTE_NODE = outsideNode('entity:remote-node');
const API_SERVER = outsideNode('entity:kube-apiserver');

const workloadNode = (namespace: string, workload: string): BaselineNode => ({
  id: `${namespace}/${workload}`,
  namespace,
  workload,
});

const since = (createdAt: number | undefined): { from: number; to: number } => ({
  // A record says whole seconds: the second in which the pod was made is its own already.
  from: createdAt === undefined ? Number.NEGATIVE_INFINITY : Math.floor(createdAt / 1000),
  to: Number.POSITIVE_INFINITY,
});

/** Equal sets are the same object: most pods are one of many of their workload. */
function portSets(): (ports: readonly number[] | undefined) => KnownPorts {
  const sets = new Map<string, ReadonlySet<number>>();
  return (ports) => {
    if (!ports || ports.length === 0) return undefined;
    const numbers = ports.toSorted((a, b) => a - b);
    const key = numbers.join(' ');
    const known = sets.get(key) ?? new Set(numbers);
    sets.set(key, known);
    return known;
  };
}

function canonical(address: string): string | undefined {
  return ipaddr.isValid(address) ? ipaddr.parse(address).toString() : undefined;
}
