import { k8sValue, POD_NAMESPACE } from './labels.ts';
import type { Entry, Subject } from './normalise.ts';
import { meetsAll, requirementsKey } from './selector.ts';
import type { SubjectOf } from './world-index.ts';

/** Entries with one subject selector, each with its place among all. */
interface Group {
  readonly subject: Subject;
  readonly entries: { readonly order: number; readonly entry: Entry }[];
}

/** Finds the entries that select a subject. A selector that is confined to a namespace is looked at for the pods of that namespace only. */
export class SubjectIndex {
  readonly entries: readonly Entry[];
  readonly #ofNamespace = new Map<string, Group[]>();
  readonly #ofAll: Group[] = [];
  readonly #ofNodes: Group[] = [];

  constructor(entries: readonly Entry[]) {
    this.entries = entries;
    const groups = new Map<string, Group>();
    const keys = new Map<Subject, string>();
    for (const [order, entry] of entries.entries()) {
      const { subject } = entry;
      const key = keys.get(subject) ?? `${subject.node} ${requirementsKey(subject.requirements)}`;
      keys.set(subject, key);
      let group = groups.get(key);
      if (!group) {
        group = { subject, entries: [] };
        groups.set(key, group);
        this.#placeOf(subject).push(group);
      }
      group.entries.push({ order, entry });
    }
  }

  /** The entries that select a subject, in their order. Of a subject that is not known: all that might. */
  of({ identity, role }: SubjectOf): Entry[] {
    const isHost = role === 'host' || (role === 'unknown' && identity.kind === 'host');
    const groups = isHost
      ? this.#ofNodes
      : role === 'unknown'
        ? this.#endpointGroups()
        : this.#candidates(k8sValue(identity.labels, POD_NAMESPACE));
    return groups
      .filter(({ subject }) => role === 'unknown' || meetsAll(subject.requirements, identity.labels) !== 'no')
      .flatMap(({ entries }) => entries)
      .toSorted((a, b) => a.order - b.order)
      .map(({ entry }) => entry);
  }

  #candidates(namespace: string | undefined): readonly Group[] {
    const own = namespace === undefined ? undefined : this.#ofNamespace.get(namespace);
    return own ? [...own, ...this.#ofAll] : this.#ofAll;
  }

  #endpointGroups(): readonly Group[] {
    return [...[...this.#ofNamespace.values()].flat(), ...this.#ofAll];
  }

  #placeOf({ node, requirements }: Subject): Group[] {
    if (node) return this.#ofNodes;
    const namespace = requirements.find(
      ({ source, key, operator }) => source === 'k8s' && key === POD_NAMESPACE && operator === 'equals',
    )?.values[0];
    if (namespace === undefined) return this.#ofAll;
    const known = this.#ofNamespace.get(namespace);
    if (known) return known;
    const place: Group[] = [];
    this.#ofNamespace.set(namespace, place);
    return place;
  }
}
