import { shared } from './shared.ts';
import { WORLD_KINDS, type WorldKind, type WorldObject } from './object.ts';

/** The objects of a cluster by kind, and values made of them that are made again only when an object of their kinds has changed. */
export class ObjectTables {
  readonly #tables = new Map<WorldKind, Map<string, WorldObject>>(WORLD_KINDS.map((kind) => [kind, new Map()]));
  readonly #versions = new Map<WorldKind, number>();
  readonly #made = new Map<string, { readonly version: number; readonly value: unknown }>();
  #version = 0;

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  put(object: WorldObject): void {
    this.#tables.get(object.kind)?.set(keyOf(object), object);
    this.#touch(object.kind);
  }

  /** Takes away the object of this kind and name; gives it as it was, undefined when there was none. */
  delete(object: WorldObject): WorldObject | undefined {
    const table = this.#tables.get(object.kind);
    const known = table?.get(keyOf(object));
    if (!known) return undefined;
    table?.delete(keyOf(known));
    this.#touch(known.kind);
    return known;
  }

  all(kind: WorldKind): readonly WorldObject[] {
    return [...this.byName(kind).values()];
  }

  /** By `namespace/name`; `/name` for objects without a namespace. */
  byName(kind: WorldKind): ReadonlyMap<string, WorldObject> {
    return this.#tables.get(kind) ?? new Map();
  }

  get(kind: WorldKind, namespace: string, name: string): WorldObject | undefined {
    return this.#tables.get(kind)?.get(`${namespace}/${name}`);
  }

  /** Kinds of which there is an object. */
  kinds(): WorldKind[] {
    return [...this.#tables].filter(([, table]) => table.size > 0).map(([kind]) => kind);
  }

  /**
   * What `make` makes of the objects of `kinds`; the same value until one of them changes what it is made of: a pod's conditions or a node's heartbeat
   * do not. `name` says which value it is.
   */
  made<T>(name: string, kinds: readonly WorldKind[], make: () => T): T {
    const version = Math.max(...kinds.map((kind) => this.#versions.get(kind) ?? 0));
    const before = this.#made.get(name);
    if (before?.version === version) return before.value as T; // one name is one value: it was made by the same `make`
    const value = shared(before?.value, make());
    this.#made.set(name, { version, value });
    return value;
  }

  #touch(kind: WorldKind): void {
    this.#versions.set(kind, ++this.#version);
  }
}

const keyOf = ({ namespace, name }: WorldObject): string => `${namespace}/${name}`;
