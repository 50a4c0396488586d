import 'server-only';
import type { ObjectSet } from '#lib/preflight/inputs.ts';
import type { WorldKind, WorldObject } from '#lib/world/object.ts';

/** The objects of clusters by kind, as they were told. */
export class ObjectDesk {
  readonly #clusters = new Map<string, Map<WorldKind, Kind>>();

  /** Takes all objects of a kind; undefined: it is not known any more which there are. */
  know(cluster: string, kind: WorldKind, objects: readonly WorldObject[] | undefined): void {
    let kinds = this.#clusters.get(cluster);
    if (!kinds) this.#clusters.set(cluster, (kinds = new Map()));
    if (objects) kinds.set(kind, new Kind(objects));
    else kinds.delete(kind);
  }

  of(cluster: string): ObjectSet {
    const kinds = this.#clusters.get(cluster);
    return {
      known: (kind) => kinds?.has(kind) ?? false,
      all: (kind) => kinds?.get(kind)?.objects ?? [],
      get: (kind, namespace, name) => kinds?.get(kind)?.get(namespace, name),
    };
  }
}

class Kind {
  #byName: ReadonlyMap<string, WorldObject> | undefined;

  constructor(readonly objects: readonly WorldObject[]) {}

  get(namespace: string, name: string): WorldObject | undefined {
    this.#byName ??= new Map(this.objects.map((object) => [`${object.namespace}/${object.name}`, object]));
    return this.#byName.get(`${namespace}/${name}`);
  }
}
