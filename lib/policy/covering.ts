import type { Entry } from './normalise.ts';
import type { PortSection } from './sections.ts';

/** A part of an entry that may cover a flow of one subject and one peer: its peers select the peer, or may. */
export interface Cover {
  readonly entry: Entry;
  /** Undefined: every port of every protocol. */
  readonly section: PortSection | undefined;
  /** Ports it is for, names looked up; both included. */
  readonly first: number;
  readonly last: number;
  /** False when a fact that nobody told decides whether it covers. */
  readonly certain: boolean;
  /** Why not; undefined when certain. */
  readonly doubt: Doubt | undefined;
  /** How the peer comes to be selected: as everybody, by a selector that is just the local host, or by another. */
  readonly by: 'everybody' | 'host' | 'selector';
}

/** A fact that is missing. */
export interface Doubt {
  readonly code: string;
  readonly detail: string;
}

/** Whether the peer is the local host, which the setting `allow-localhost` lets in; or why nobody can tell. */
export type Localhost = 'yes' | 'no' | Doubt;

export const LOCAL_OR_NOT: Doubt = {
  code: 'local-or-remote-node',
  detail:
    'a node’s address is the local host on its own node and a remote node elsewhere; which of them this is was not recorded',
};
