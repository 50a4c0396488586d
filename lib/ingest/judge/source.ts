import 'server-only';
import type { PolicyObject, World } from '#lib/policy/model.ts';
import type { WorldKind, WorldObject } from '#lib/world/object.ts';
import type { Inventory } from '#lib/world/inventory.ts';

/** What a cluster is judged by at one time. It is never changed: what changed comes as another object with a greater version. */
export interface JudgedFacts {
  readonly world: World;
  readonly policies: readonly PolicyObject[];
  readonly inventory: Inventory;
  /** Hash of the set: equal sets have equal hashes. */
  readonly setHash: string;
  /** Grows with every change of world or policies, within a run of ingest. */
  readonly version: number;
  /** Unix milliseconds: since when the set is in force. */
  readonly since: number;
}

/** The objects of a cluster by kind, as far as it is known which there are. Never changed, as above; a kind whose objects are the same has the same list. */
export interface JudgedObjects {
  readonly known: ReadonlySet<WorldKind>;
  readonly byKind: ReadonlyMap<WorldKind, readonly WorldObject[]>;
}

/** Where the judge learns which objects there are. Undefined as with `FactsOf`. */
export type ObjectsOf = (cluster: string) => JudgedObjects | undefined;

/** Where the judge learns what is in force: `lib/ingest/policies/`. Undefined while a cluster has no source, or it has not told all of it yet. */
export type FactsOf = (cluster: string) => JudgedFacts | undefined;
