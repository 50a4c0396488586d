import { hasReserved, type LabelSet } from './labels.ts';
import type { GroupChoice, PeerSelector } from './peers.ts';
import { containsPrefix, type Prefix } from './schema/words.ts';
import { type Match, meetsAll } from './selector.ts';

/**
 * Kinds of identities: CIDR, group and name rules select `outside` only (and `remote-node` by a setting); the local host is let in by another.
 * `unknown`: nobody told whose identity it is.
 */
export type IdentityKind = 'pod' | 'outside' | 'host' | 'remote-node' | 'other' | 'unknown';

/** Whom policy is judged for. Two peers that no rule can tell apart are one. */
export interface Identity {
  readonly id: number;
  readonly kind: IdentityKind;
  readonly labels: LabelSet;
  /** Of an outside peer or a node. `unknown`: it has one that nobody told; `none`: there is none (the entity `world`). */
  readonly address: Prefix | 'unknown' | 'none';
  /** DNS names that the address was learned for. */
  readonly names: readonly string[] | 'unknown';
  /** A node of which it is not known whether it is the node of the other side: it is one of these two. */
  readonly either?: readonly [Identity, Identity];
  /** Answers so far by the number of the selector: 0 where it was not asked, else 1 and the place in `MATCHES`. */
  matches: Uint8Array;
}

const MATCHES = ['no', 'yes', 'unknown'] as const satisfies Match[];

export const noMatches = (): Uint8Array => new Uint8Array(64);

/** What is needed to tell whether a selector selects an identity. */
export interface AddressFacts {
  /** Prefixes of the chosen groups; undefined when groups are not known. */
  groupPrefixes(choice: GroupChoice): readonly Prefix[] | undefined;
  /** Remote nodes can be selected by address. */
  readonly cidrSelectsNodes: boolean;
}

/** Whether a selector selects an identity. */
export function selects(selector: PeerSelector, identity: Identity, facts: AddressFacts): Match {
  const known = identity.matches[selector.id];
  if (known) return MATCHES[known - 1] ?? 'unknown';
  const answer = identity.either
    ? both(selects(selector, identity.either[0], facts), selects(selector, identity.either[1], facts))
    : selectsOne(selector, identity, facts);
  if (selector.id >= identity.matches.length) {
    const wider = new Uint8Array(Math.max(selector.id + 1, identity.matches.length * 2));
    wider.set(identity.matches);
    identity.matches = wider;
  }
  identity.matches[selector.id] = MATCHES.indexOf(answer) + 1;
  return answer;
}

const both = (a: Match, b: Match): Match => (a === b ? a : 'unknown');

function selectsOne(selector: PeerSelector, identity: Identity, facts: AddressFacts): Match {
  if (identity.kind === 'unknown') return 'unknown';
  switch (selector.kind) {
    case 'labels':
      return meetsAll(selector.requirements, identity.labels);
    case 'cidr':
      return hasAddresses(identity, facts) ? inPrefixes(identity, [selector.prefix], selector.except) : 'no';
    case 'group': {
      if (!hasAddresses(identity, facts)) return 'no';
      const members = facts.groupPrefixes(selector.group);
      return members ? inPrefixes(identity, members, selector.except) : 'unknown';
    }
    case 'fqdn':
      if (identity.kind !== 'outside' || identity.address === 'none') return 'no';
      if (identity.names === 'unknown') return 'unknown';
      return identity.names.some((name) => selector.pattern.matches(name)) ? 'yes' : 'no';
    case 'unresolved':
      return selector.what === 'services' || identity.kind === 'outside' ? 'unknown' : 'no';
  }
}

const hasAddresses = ({ kind }: Identity, { cidrSelectsNodes }: AddressFacts): boolean =>
  kind === 'outside' || (kind === 'remote-node' && cidrSelectsNodes);

/** Whether an address is inside one of `prefixes` and inside none of `except`. A zero-length prefix is the world's label, which nodes lack. */
function inPrefixes(identity: Identity, prefixes: readonly Prefix[], except: readonly Prefix[]): Match {
  const inside = anyOf(prefixes, (prefix) =>
    prefix.bits === 0 ? carriesFamily(identity, prefix.family) : holds(prefix, identity.address),
  );
  if (inside === 'no') return 'no';
  const excepted = anyOf(except, (prefix) => holds(prefix, identity.address));
  if (excepted === 'yes') return 'no';
  return excepted === 'unknown' ? 'unknown' : inside;
}

/** Whether a prefix holds an address. Of an address only the prefix may be known that it is in. */
function holds(prefix: Prefix, address: Identity['address']): Match {
  if (address === 'none') return 'no';
  if (address === 'unknown') return 'unknown';
  if (containsPrefix(prefix, address)) return 'yes';
  return containsPrefix(address, prefix) ? 'unknown' : 'no';
}

function anyOf<T>(items: readonly T[], test: (item: T) => Match): Match {
  let answer: Match = 'no';
  for (const item of items) {
    const one = test(item);
    if (one === 'yes') return 'yes';
    if (one === 'unknown') answer = 'unknown';
  }
  return answer;
}

/** Single stack: `0.0.0.0/0` is `reserved:world`, `::/0` nobody; dual stack: each has a label of its own. */
function carriesFamily({ kind, labels }: Identity, family: 4 | 6): Match {
  const carries = hasReserved(labels, `world-ipv${family}`) || (family === 4 && hasReserved(labels, 'world'));
  return kind === 'outside' && carries ? 'yes' : 'no';
}
