import type { Entry, Subject } from '../normalise.ts';
import { type Requirement, requirementsKey } from '../selector.ts';
import { coversSubject } from './covers.ts';

/** Entries of one direction for equal subjects. */
interface Group {
  readonly direction: Entry['direction'];
  readonly subject: Subject;
  readonly entries: Entry[];
  /** Entries of this direction that are in force for all of these subjects, in the order given; made when first asked for. */
  wider: readonly Entry[] | undefined;
}

/**
 * Entries by whom they are for. Policies of a cluster have few subjects in common, so what is in force for a subject is looked up by one of the labels
 * that it asks for instead of being searched.
 */
export class Subjects {
  readonly entries: readonly Entry[];
  readonly #order: ReadonlyMap<Entry, number>;
  readonly #groupOf = new Map<Entry, Group>();
  readonly #byLabel = new Map<string, Group[]>();

  constructor(entries: readonly Entry[]) {
    this.entries = entries;
    this.#order = new Map(entries.map((entry, index) => [entry, index]));
    const keys = new Map<Subject, string>();
    const groups = new Map<string, Group>();
    for (const entry of entries) {
      const { subject, direction } = entry;
      const key = keys.get(subject) ?? JSON.stringify([subject.node, requirementsKey(subject.requirements)]);
      keys.set(subject, key);
      let group = groups.get(`${direction} ${key}`);
      if (!group) {
        groups.set(`${direction} ${key}`, (group = { direction, subject, entries: [], wider: undefined }));
        const label = lookupLabel(subject);
        const labelled = this.#byLabel.get(label);
        if (labelled) labelled.push(group);
        else this.#byLabel.set(label, [group]);
      }
      group.entries.push(entry);
      this.#groupOf.set(entry, group);
    }
  }

  /** The entries of the same direction that are for all subjects of `entry` (and maybe for more), in their order; itself included. */
  for(entry: Entry): readonly Entry[] {
    const group = this.#groupOf.get(entry);
    if (!group) return [];
    return (group.wider ??= this.#lookup(group));
  }

  isBefore(a: Entry, b: Entry): boolean {
    return (this.#order.get(a) ?? 0) < (this.#order.get(b) ?? 0);
  }

  #lookup({ subject, direction }: Group): Entry[] {
    const labels = new Set(['', ...subject.requirements.flatMap((requirement) => labelOf(requirement) ?? [])]);
    const groups = [...labels].flatMap((label) => this.#byLabel.get(label) ?? []);
    return groups
      .filter((other) => other.direction === direction && coversSubject(other.subject, subject))
      .flatMap((other) => other.entries)
      .toSorted((a, b) => (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0));
  }
}

/** Only who asks for this label too can be covered; empty for subjects that ask for no single value. */
function lookupLabel({ requirements }: Subject): string {
  const labels = requirements.flatMap((requirement) => labelOf(requirement) ?? []);
  return labels.find((label) => !label.startsWith('io.kubernetes.pod.namespace=')) ?? labels[0] ?? '';
}

/** Key and value where a requirement leaves one value only. */
const labelOf = ({ key, operator, values }: Requirement): string | undefined =>
  (operator === 'equals' || operator === 'in') && values.length === 1 ? `${key}=${values[0] ?? ''}` : undefined;
