'use client';
import { useSyncExternalStore } from 'react';

/** The streams of this page and how they fare, so that the frame can say when what is shown stands still. */
export interface Connection {
  readonly url: string;
  readonly state: StreamState;
  /** Unix milliseconds since which `state` holds. */
  readonly since: number;
  /** Unix milliseconds of the last event, or of the opening. */
  readonly lastEvent: number;
  /** Unix milliseconds of the next attempt, when one is planned. */
  readonly retryAt: number | undefined;
}
export type StreamState = 'connecting' | 'live' | 'reconnecting' | 'closed';

let connections: ReadonlyMap<string, Connection> = new Map();
const listeners = new Set<() => void>();

/** Notes the state of one stream; `undefined` forgets it. */
export function reportConnection(id: string, connection: Connection | undefined): void {
  const next = new Map(connections);
  if (connection) next.set(id, connection);
  else next.delete(id);
  connections = next;
  for (const listener of listeners) listener();
}

const nothing: ReadonlyMap<string, Connection> = new Map();

/** All streams that are open on this page. */
export const useConnections = (): ReadonlyMap<string, Connection> =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => connections,
    () => nothing,
  );
