import { endpointLabels } from '#lib/policy/identity-labels.ts';
import { labelFilter } from '#lib/policy/label-filter.ts';
import { DEFAULT_CLUSTER, type LabelSet } from '#lib/policy/labels.ts';
import type { World, WorldEndpoint } from '#lib/policy/model.ts';
import type { Subject } from '#lib/policy/normalise.ts';
import { meetsAll, requirementsKey } from '#lib/policy/selector.ts';

/** Endpoints with equal labels: policy treats them alike. */
interface Alike {
  readonly labels: LabelSet;
  readonly endpoints: WorldEndpoint[];
}

/** Finds the endpoints of a world that policies select. */
export class Selection {
  readonly #alike: readonly Alike[];
  readonly #known = new Map<string, readonly WorldEndpoint[]>();

  constructor(world: World) {
    const filter = labelFilter(world.config.labels);
    const local = world.config.clusterName ?? DEFAULT_CLUSTER;
    const alike = new Map<string, Alike>();
    for (const endpoint of world.endpoints) {
      if ((endpoint.cluster ?? local) !== local) continue;
      const labels = endpointLabels(endpoint, world, filter);
      const key = JSON.stringify(labels.texts);
      const known = alike.get(key);
      if (known) known.endpoints.push(endpoint);
      else alike.set(key, { labels, endpoints: [endpoint] });
    }
    this.#alike = [...alike.values()];
  }

  /** The endpoints that any of these subjects selects, each once. Nodes are none. */
  of(subjects: Iterable<Subject>): WorldEndpoint[] {
    const selected = new Set<WorldEndpoint>();
    for (const subject of subjects) {
      if (!subject.node) for (const endpoint of this.#selectedBy(subject)) selected.add(endpoint);
    }
    return [...selected];
  }

  #selectedBy({ requirements }: Subject): readonly WorldEndpoint[] {
    const key = requirementsKey(requirements);
    let selected = this.#known.get(key);
    if (!selected) {
      selected = this.#alike
        .filter(({ labels }) => meetsAll(requirements, labels) === 'yes')
        .flatMap(({ endpoints }) => endpoints);
      this.#known.set(key, selected);
    }
    return selected;
  }
}

/** Labels of an endpoint's identity, `source:key=value`. */
export const labelTextsOf = (endpoint: WorldEndpoint, world: World): readonly string[] =>
  endpointLabels(endpoint, world, labelFilter(world.config.labels)).texts;
