import type { ReplayPeer } from '#lib/audit/judge-input.ts';
import type { Replayed } from '#lib/audit/replay.ts';
import type { PeerNaming, RulePeer } from '#lib/policy/nearest-peer.ts';
import { isOutside, rulePeerOf } from '#lib/policy/nearest-peer.ts';
import { namespaceOf } from '#lib/policy/nearest-labels.ts';
import type { Connection, ConnectionEnd } from './connection.ts';

/** A side of a workload that is to be closed but for what was seen: all its connections in that direction. */
export interface Side {
  readonly direction: 'ingress' | 'egress';
  readonly passed: readonly Connection[];
  readonly denied: readonly Connection[];
}

/** What naming peers needs to know of the whole capture. */
export interface PeerWorld {
  readonly clusterName?: string | undefined;
  readonly preferredKeys: readonly string[];
  /** Namespace to the identities seen in it, by workload. */
  readonly identities: ReadonlyMap<string, ReadonlyMap<string, readonly (readonly string[])[]>>;
}

/** Addresses of one port that are named one by one; with more of them the rule names the world. */
export const MOST_ADDRESSES = 10;

/** The other end of a connection of a side. */
export const otherEnd = (connection: Connection, direction: Side['direction']): ConnectionEnd =>
  direction === 'ingress' ? connection.source : connection.destination;

/** Identities of every namespace by workload, as the capture shows them. */
export function identitiesOf(replayed: readonly Replayed[]): PeerWorld['identities'] {
  const known = new Set<ReplayPeer>();
  const found = new Map<string, Map<string, Map<string, readonly string[]>>>();
  for (const each of replayed) {
    const { tuple } = each;
    const [question] = 'unknown' in each ? [] : each.questions;
    for (const [peer, side] of [
      [tuple.source, question?.src],
      [tuple.destination, question?.dst],
    ] as const) {
      if (!side || !('seen' in side) || known.has(peer)) continue;
      known.add(peer);
      const { labels } = side.seen;
      const namespace = namespaceOf(labels);
      if (namespace === undefined) continue;
      const workloads = found.get(namespace) ?? new Map<string, Map<string, readonly string[]>>();
      const sets = workloads.get(workloadKey(peer)) ?? new Map<string, readonly string[]>();
      found.set(namespace, workloads.set(workloadKey(peer), sets.set(labels.join('\n'), labels)));
    }
  }
  return new Map(
    [...found].map(([namespace, workloads]) => [
      namespace,
      new Map([...workloads].map(([workload, sets]) => [workload, sorted(sets)])),
    ]),
  );
}

const sorted = (sets: ReadonlyMap<string, readonly string[]>): (readonly string[])[] =>
  [...sets].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, labels]) => labels);

/** Pods without an owner are told apart by their labels. */
export const workloadKey = ({ workload, labels }: ConnectionEnd['peer']): string =>
  workload === '' ? `labels:${labels}` : workload;

/** How rules name the other end of a connection: several peers where it has several addresses. A reason where none can. */
export function namePeers(
  connection: Connection,
  side: Side,
  world: PeerWorld,
): readonly RulePeer[] | { readonly reason: string } {
  const { peer, forms } = otherEnd(connection, side.direction);
  const naming: PeerNaming = { direction: side.direction, clusterName: world.clusterName, preferredKeys: world.preferredKeys };
  const [first] = forms;
  if (!first) return { reason: 'Nothing is known of the other end.' };
  const namespace = namespaceOf(first.labels);
  if (namespace !== undefined) {
    const workloads = world.identities.get(namespace) ?? new Map<string, readonly (readonly string[])[]>();
    const refused = new Set(refusedLabels(side, connection));
    const own = (workloads.get(workloadKey(peer)) ?? [first.labels]).filter((labels) => !refused.has(labels.join('\n')));
    const others = [...workloads].flatMap(([workload, sets]) =>
      workload === workloadKey(peer) ? sets.filter((labels) => refused.has(labels.join('\n'))) : sets,
    );
    const named = rulePeerOf(first, { ...naming, avoid: others }, own);
    return named.kind === 'none' ? { reason: `No rule can name the other end: ${named.reason}.` } : [named];
  }
  if (!isOutside(first.labels) || first.labels.some((label) => label === 'reserved:kube-apiserver')) {
    const named = rulePeerOf(first, naming);
    return named.kind === 'none'
      ? { reason: `No rule can name the other end: ${named.reason}.` }
      : [named, ...hostTwin(named, connection, side)];
  }
  return outsidePeers(connection, side, naming);
}

/** Labels of peers that were refused what this connection was granted. */
function refusedLabels(side: Side, connection: Connection): string[] {
  return side.denied
    .filter((other) => isRefusal(other, connection))
    .flatMap((other) => otherEnd(other, side.direction).forms.map(({ labels }) => labels.join('\n')));
}

/** A connection itself was refused, not just a request on it, that would have come to the same port. */
const isRefusal = (other: Connection, connection: Connection): boolean => other.tuple.l7 === null && samePort(other, connection);

export const samePort = (a: Connection, b: Connection): boolean =>
  a.tuple.protocol === b.tuple.protocol && (a.tuple.protocol.startsWith('ICMP') || a.tuple.port === b.tuple.port);

/** A pod that uses its node's network is `host` from its own node and `remote-node` from all others: egress names both, unless one was refused. */
function hostTwin(named: RulePeer, connection: Connection, side: Side): RulePeer[] {
  if (side.direction !== 'egress' || named.kind !== 'entity') return [];
  const twin = named.entity === 'host' ? 'remote-node' : named.entity === 'remote-node' ? 'host' : undefined;
  if (!twin) return [];
  const refused = side.denied.some(
    (other) => samePort(other, connection) && other.destination.forms.some(({ labels }) => labels.includes(`reserved:${twin}`)),
  );
  return refused ? [] : [{ kind: 'entity', entity: twin }];
}

function outsidePeers(connection: Connection, side: Side, naming: PeerNaming): readonly RulePeer[] | { readonly reason: string } {
  const { peer, forms } = otherEnd(connection, side.direction);
  const name = /^fqdn:(.+)$/.exec(peer.name)?.[1];
  const named = forms.map((form) =>
    rulePeerOf({ ...form, ...(name !== undefined && { names: [name, ...(form.names ?? [])] }) }, naming),
  );
  const known = named.filter((one) => one.kind !== 'none');
  const byName = known.filter(({ kind }) => kind === 'fqdn');
  if (byName.length > 0) return [byName[0] as RulePeer];
  if (known.length === named.length && addressesOf(side, connection) <= MOST_ADDRESSES) return known;
  const refused = side.denied.some(
    (other) => samePort(other, connection) && otherEnd(other, side.direction).forms.some(({ labels }) => isOutside(labels)),
  );
  if (!refused) return [{ kind: 'entity', entity: 'world' }];
  return known.length === named.length
    ? known
    : { reason: 'It came from more outside addresses than are recorded, and others of the outside were refused the same port.' };
}

/** How many outside addresses have the same port on this side. */
function addressesOf(side: Side, connection: Connection): number {
  const addresses = side.passed
    .filter((other) => samePort(other, connection))
    .flatMap((other) => otherEnd(other, side.direction).forms)
    .filter(({ labels }) => isOutside(labels))
    .map(({ ip }) => ip);
  return new Set(addresses).size;
}
