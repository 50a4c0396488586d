import type { Entry } from './normalise.ts';
import type { L7Section } from './sections.ts';

/** What the entries of one peer selector and one port key ask for together. */
interface Merged {
  /** Parsers, by kind and name. */
  readonly parsers: Set<string>;
  readonly authModes: Set<string>;
  readonly terminating: Set<string>;
  readonly originating: Set<string>;
  /** Listeners by priority. */
  readonly listeners: Map<number, Set<string>>;
}

/** Two rules that cannot both hold: Cilium fails to compute the subject's policy then, in both directions. */
export interface Conflict {
  readonly first: Entry;
  readonly second: Entry;
}

/** The first contradiction among allow entries that select one subject in one direction; undefined when they can be merged. */
export function conflictOf(entries: readonly Entry[]): Conflict | undefined {
  const merged = new Map<string, { readonly merged: Merged; readonly first: Entry }>();
  for (const entry of entries) {
    if (entry.deny || entry.peers === 'nobody') continue;
    const selectors = entry.peers === 'everybody' ? ['*'] : entry.peers.map(({ id }) => id);
    for (const section of entry.ports ?? [undefined]) {
      if (!entry.auth && !section?.l7) continue;
      for (const selector of selectors) {
        const key = `${section?.key ?? '*'} ${selector}`;
        const known = merged.get(key) ?? { merged: nothing(), first: entry };
        merged.set(key, known);
        if (!add(known.merged, entry.auth, section?.l7)) return { first: known.first, second: entry };
      }
    }
  }
  return undefined;
}

const nothing = (): Merged => ({
  parsers: new Set(),
  authModes: new Set(),
  terminating: new Set(),
  originating: new Set(),
  listeners: new Map(),
});

/** False when what is added contradicts what is there. */
function add(merged: Merged, auth: string | undefined, l7: L7Section | undefined): boolean {
  if (auth) merged.authModes.add(auth);
  if (l7) {
    merged.parsers.add(l7.parser);
    if (l7.terminating) merged.terminating.add(l7.terminating);
    if (l7.originating) merged.originating.add(l7.originating);
    if (l7.listener) merged.listeners.set(l7.priority, (merged.listeners.get(l7.priority) ?? new Set()).add(l7.listener));
  }
  return (
    merged.authModes.size < 2 &&
    merged.terminating.size < 2 &&
    merged.originating.size < 2 &&
    areParsersAlike(merged.parsers) &&
    [...merged.listeners.values()].every(({ size }) => size < 2)
  );
}

/** A TLS section can become one of any other kind but DNS. */
function areParsersAlike(parsers: ReadonlySet<string>): boolean {
  const others = [...parsers].filter((parser) => parser !== 'tls');
  return others.length < 2 && !(parsers.has('tls') && parsers.has('dns'));
}
