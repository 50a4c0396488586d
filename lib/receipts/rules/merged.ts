import { MOST_EXAMPLES, MOST_REASONS, SEVERITIES, type Sighting } from './rule.ts';

/** Sightings of one rule in a window, those of one finding made one. */
export class Merged {
  readonly #byKey = new Map<string, Sighting>();

  add(sighting: Sighting): void {
    const known = this.#byKey.get(sighting.key);
    this.#byKey.set(sighting.key, known ? merge(known, sighting) : bounded(sighting));
  }

  all(): Sighting[] {
    return [...this.#byKey.values()];
  }
}

const merge = (a: Sighting, b: Sighting): Sighting =>
  bounded({
    ...a,
    severity: SEVERITIES.indexOf(b.severity) < SEVERITIES.indexOf(a.severity) ? b.severity : a.severity,
    reasons: [...new Set([...a.reasons, ...b.reasons])],
    about: {
      ...a.about,
      policies: [...new Set([...a.about.policies, ...b.about.policies])].toSorted(),
      nodes: [...new Set([...a.about.nodes, ...b.about.nodes])].toSorted(),
    },
    count: a.count + b.count,
    first: Math.min(a.first, b.first),
    last: Math.max(a.last, b.last),
    flows: [...a.flows, ...b.flows],
  });

const bounded = (sighting: Sighting): Sighting => ({
  ...sighting,
  reasons: sighting.reasons.slice(0, MOST_REASONS),
  flows: sighting.flows.slice(0, MOST_EXAMPLES),
});
