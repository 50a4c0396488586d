import 'server-only';
import type { KubernetesTarget } from '#lib/api/clusters.ts';
import { KubernetesConnection } from './connection.ts';
import { ASIDE_KINDS, WATCHED_KINDS, type WatchedKind } from './kinds.ts';
import { ListWatch } from './list-watch.ts';
import type { KindState, ObjectSink, ObjectSource } from './object.ts';

/**
 * Follows the objects of a cluster at its API server, reading only (list and watch). Throws `not-configured` when the target names no server;
 * one that does not answer, or does not let us in, is a state.
 */
export function followKubernetes(target: KubernetesTarget, sink: ObjectSink, now: () => number = Date.now): ObjectSource {
  const connection = new KubernetesConnection(target);
  const watches = WATCHED_KINDS.map((kind) => ({
    kind,
    parts: namespacesOf(kind, target).map(
      (namespace) =>
        new ListWatch({
          connection,
          kind,
          namespace,
          now,
          changed: (changes) => sink.changed(changes),
          stateChanged: () => sink.stateChanged(),
        }),
    ),
  }));
  const states = (): KindState[] => watches.map(({ kind, parts }) => summed(kind.kind, parts));
  return {
    name: `the API server ${connection.server}`,
    problem: '',
    get isRead() {
      return states().every(({ kind, state }) => state !== 'starting' || ASIDE_KINDS.has(kind));
    },
    states,
    async close() {
      await Promise.all(watches.flatMap(({ parts }) => parts.map((part) => part.close())));
    },
  };
}

/** Where a kind is listed: in the whole cluster (undefined), or in each namespace that we may read. */
function namespacesOf({ namespaced, only }: WatchedKind, { namespaces }: KubernetesTarget): (string | undefined)[] {
  if (only) return [only.namespace];
  return namespaced && namespaces ? namespaces : [undefined];
}

const WORST_FIRST = ['failed', 'forbidden', 'starting', 'not-installed', 'ready'] as const;

/** A kind stands as its worst namespace does, and says which that is. */
function summed(kind: string, parts: readonly ListWatch[]): KindState {
  const objects = parts.reduce((sum, part) => sum + part.objects, 0);
  const state = WORST_FIRST.find((candidate) => parts.some(({ standing }) => standing.state === candidate)) ?? 'ready';
  const worst = parts.filter(({ standing }) => standing.state === state).map(({ standing }) => standing);
  const messages = [...new Set(worst.map(({ message }) => message).filter(Boolean))];
  const more = messages.length > 3 ? `; and ${messages.length - 3} more` : '';
  return {
    kind,
    state,
    objects,
    message: messages.slice(0, 3).join('; ') + more,
    since: Math.min(...worst.map(({ since }) => since)),
  };
}
