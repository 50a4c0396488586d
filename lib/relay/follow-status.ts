import 'server-only';
import type { RELAY_STATES } from '#lib/api/clusters.ts';
import type { RelayNode } from './client.ts';

export type RelayState = Exclude<(typeof RELAY_STATES)[number], 'paused'>;

/** How following a relay goes, kept up to date by `followRelay`; read it at any time. */
export interface FollowStatus {
  /** `failed` when waiting will not help (TLS, not a relay, refused); it is tried again all the same. */
  state: RelayState;
  /** Why it is not `live`, in one line; empty when it is. */
  detail: string;
  /** Unix milliseconds since which `state` holds. */
  since: number;
  relayVersion: string;
  /** As of the last poll, at most five seconds ago while live. */
  nodes: readonly RelayNode[];
  /** Unix milliseconds of that poll; 0 before the first. */
  nodesAt: number;
  /** Flows handed on, flows left out because they had come before, and frames that could not be read; since the start. */
  received: number;
  duplicates: number;
  malformed: number;
  /** What was wrong with the last unreadable frame. */
  lastMalformed: string;
  /** Times the relay had to be connected to again. */
  reconnects: number;
}

export const followStatus = (): FollowStatus => ({
  state: 'connecting',
  detail: '',
  since: Date.now(),
  relayVersion: '',
  nodes: [],
  nodesAt: 0,
  received: 0,
  duplicates: 0,
  malformed: 0,
  lastMalformed: '',
  reconnects: 0,
});
