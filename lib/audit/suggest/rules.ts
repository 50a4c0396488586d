import { describePeer, METADATA_ADDRESSES, type RulePeer } from '#lib/policy/nearest-peer.ts';
import type { NewRule } from '#lib/policy/nearest-rule.ts';
import { isDnsPort } from './dns.ts';
import { isDoubtful } from './confidence.ts';
import type { Need } from './needs.ts';

/** A rule with what it was made of. */
export interface SuggestedRule {
  readonly rule: NewRule;
  readonly needs: readonly Need[];
  /** What is to be said beside it in the YAML; empty mostly. */
  readonly comment: string;
}

/** The fewest rules for the needs of one direction: peers that need the same ports and requests share one, rare ones stand apart. */
export function rulesOf(direction: 'ingress' | 'egress', needs: readonly Need[]): SuggestedRule[] {
  return grouped(atomsOf(needs, direction), ({ key }) => key)
    .map((atoms): SuggestedRule => {
      const [first] = atoms;
      const peers = [...new Map(atoms.map(({ peer }) => [describePeer(peer), peer])).values()];
      const parts = atoms.flatMap((atom) => atom.needs);
      const rule: NewRule = {
        direction,
        peers,
        ports: [...new Map(first.needs.map(({ port }) => [`${port.protocol}/${port.port}`, port])).values()],
        ...(first.needs[0]?.requests && { requests: first.needs[0].requests }),
        ...(isAuthenticated(first.needs, direction) && { authenticated: true }),
      };
      return { rule, needs: parts, comment: commentOf(rule) };
    })
    .toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
}

interface Atom {
  readonly peer: RulePeer;
  readonly needs: readonly Need[];
  readonly key: string;
}

/** One peer with the ports that can stand in one rule: ICMP apart from ports, requests of one kind together. */
function atomsOf(needs: readonly Need[], direction: 'ingress' | 'egress'): Atom[] {
  const markOf = (need: Need) => [sectionOf(need), isDoubtful(need), isAuthenticated([need], direction)];
  const perPeer = grouped(needs, (need) => JSON.stringify([need.peer, markOf(need)]));
  return perPeer.map((parts) => {
    const [first] = parts;
    const ports = parts.map(({ port }) => `${port.protocol}/${String(port.port).padStart(5, '0')}`).toSorted();
    return { peer: first.peer, needs: parts, key: JSON.stringify([first.peer.kind, markOf(first), ports]) };
  });
}

/** As the set in force wants it: a suggestion must not take authentication away. */
const isAuthenticated = (needs: readonly Need[], direction: 'ingress' | 'egress'): boolean =>
  needs.some(({ connections }) => connections.some(({ authenticated }) => authenticated.includes(direction)));

const sectionOf = ({ port, requests }: Need): string =>
  port.protocol.startsWith('ICMP')
    ? 'icmp'
    : isDnsPort(port)
      ? `dns ${JSON.stringify(requests)}`
      : JSON.stringify(requests ?? {});

/** Items by key, in the order in which keys first occur; no group is empty. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string): (readonly [T, ...T[]])[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return [...groups.values()];
}

const KIND_ORDER = ['pods', 'entity', 'fqdn', 'cidr'];

const orderOf = ({ rule }: SuggestedRule): string =>
  JSON.stringify([
    rule.ports.some(isDnsPort) ? 0 : 1,
    KIND_ORDER.indexOf(rule.peers[0]?.kind ?? ''),
    rule.peers.map(describePeer),
    rule.ports,
    rule.requests,
  ]);

function commentOf({ peers, ports, requests }: NewRule): string {
  const addresses = peers.flatMap((peer) =>
    peer.kind === 'cidr' ? [METADATA_ADDRESSES.get(peer.cidr.replace(/\/\d+$/, ''))] : [],
  );
  const metadata = addresses.find((name) => name !== undefined);
  if (metadata) return metadata;
  if (requests && 'dns' in requests) return 'DNS through the proxy: what rules by name learn their addresses from';
  if (ports.some(isDnsPort)) return 'DNS';
  return '';
}
