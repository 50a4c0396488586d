import 'server-only';
import type { Logger } from 'pino';
import type { PolicySource } from '#lib/api/policies.ts';
import type { PolicyInForce } from '#lib/db/policies/in-force.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { messageOf } from '#lib/errors/errors.ts';
import type { ObjectChange, ObjectSink, ObjectSource } from '#lib/kubernetes/object.ts';
import { POLICY_KINDS, type PolicyObject, type World } from '#lib/policy/model.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { setHash, specHash } from '#lib/policy/spec-hash.ts';
import type { Inventory } from '#lib/world/inventory.ts';
import { WORLD_KINDS, type WorldKind, type WorldObject } from '#lib/world/object.ts';
import { WorldBuilder } from '#lib/world/world-builder.ts';
import type { JudgedObjects } from '../judge/source.ts';
import { openSource, type SourceTarget } from './open-source.ts';
import { sourceState } from './source-state.ts';

/** What a cluster is judged by at one time. It is never changed: what changed comes as another one, whose parts are the same where nothing did. */
export interface CurrentPolicies {
  readonly world: World;
  readonly policies: readonly PolicyObject[];
  readonly inventory: Inventory;
  /** `policies` with reference and content hash, in the same order. */
  readonly inForce: readonly PolicyInForce[];
  /** Equal sets have equal hashes. */
  readonly setHash: string;
  /** Grows with every change, within a run of ingest. */
  readonly version: number;
  /** Unix milliseconds: since when this set is in force, as far as this run of ingest knows. */
  readonly since: number;
}

export interface ClusterObjectsOptions {
  readonly cluster: string;
  readonly target: SourceTarget | undefined;
  readonly db: TrafficDb;
  readonly log: Logger;
  readonly changed: (cluster: string) => void;
  readonly now?: () => number;
}

/** Changes come in swarms: they are taken together after a moment, sooner or later by what taking them costs. */
const SETTLE_MS = 250;
const COST_SHARE = 20;
const RETRY_MS = 15_000;

/** The Kubernetes objects of one cluster, from its source to the world and the policies that are judged. */
export class ClusterObjects implements ObjectSink {
  readonly #options: ClusterObjectsOptions;
  readonly #now: () => number;
  readonly #builder = new WorldBuilder();
  readonly #hashes = new WeakMap<PolicyObject, string>();
  readonly #everRead = new Set<string>();
  #source: ObjectSource | undefined;
  #problem = '';
  #since: number;
  #updatedAt: number | undefined;
  #current: CurrentPolicies | undefined;
  #objects: JudgedObjects | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #opening: Promise<void> = Promise.resolve();
  #closed = false;
  #version = 0;
  #costMs = 0;

  constructor(options: ClusterObjectsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#since = this.#now();
    this.#open();
  }

  /** Undefined while there is no source, or while it has not told all of it. */
  get current(): CurrentPolicies | undefined {
    return this.#current;
  }

  /** All objects by kind; undefined while `current` is. */
  objects(): JudgedObjects | undefined {
    if (!this.#current) return undefined;
    const known = WORLD_KINDS.filter((kind) => this.#builder.objects.known(kind));
    this.#objects = { known: new Set(known), byKind: new Map(known.map((kind) => [kind, this.#listOf(kind)])) };
    return this.#objects;
  }

  /** The list of before where nothing of the kind has changed. */
  #listOf(kind: WorldKind): readonly WorldObject[] {
    const before = this.#objects?.byKind.get(kind);
    const now = this.#builder.objects.all(kind);
    return before?.length === now.length && before.every((object, index) => object === now[index]) ? before : now;
  }

  state(): PolicySource {
    const { target } = this.#options;
    const kinds = this.#source?.states() ?? [];
    return sourceState({
      kind: target?.from ?? 'none',
      name: this.#source?.name ?? '',
      isRead: (this.#source?.isRead ?? false) && (this.#current !== undefined || !this.#isWhole()),
      problem: this.#problem || (this.#source?.problem ?? ''),
      kinds,
      missing: this.#current ? (this.#current.world.missing ?? []) : [],
      since: this.#since,
      updatedAt: this.#updatedAt,
    });
  }

  /** Somebody looks at the policies right now: what is in force is seen, not only remembered. */
  get isSeen(): boolean {
    const source = this.#source;
    if (!source || source.problem !== '') return false;
    const kinds: readonly string[] = POLICY_KINDS;
    return source.states().every(({ kind, state }) => state !== 'failed' || !kinds.includes(kind));
  }

  changed(changes: readonly ObjectChange[]): void {
    const now = this.#now();
    for (const { type, object } of changes) {
      if (type === 'put') this.#builder.put(object);
      else this.#builder.delete(object, now);
    }
    const { target } = this.#options;
    this.#updatedAt = target?.from === 'upload' ? target.at : now;
    this.#settle();
  }

  stateChanged(): void {
    for (const { kind, state, objects } of this.#source?.states() ?? []) {
      if (state === 'ready' || state === 'not-installed') this.#everRead.add(kind);
      // While the server is away what it said is still the best that is known; a right that is lost is another matter.
      if (this.#options.target?.from === 'kubernetes')
        this.#builder.setKnown(kind, state !== 'forbidden' && this.#everRead.has(kind));
      // A list without items: of other kinds their objects say that they are known.
      else if (objects === 0) this.#builder.setKnown(kind, state === 'ready');
    }
    this.#settle();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
    await this.#opening;
    await this.#source?.close();
  }

  #open(): void {
    const { target, cluster, db, log } = this.#options;
    if (!target) return;
    this.#opening = (async () => {
      try {
        this.#source = await openSource(target, cluster, this, db, this.#now);
        this.#problem = '';
        this.stateChanged();
      } catch (error) {
        if (this.#closed) return;
        if (this.#problem === '') log.warn({ cluster, error: messageOf(error) }, 'the objects of the cluster cannot be read');
        this.#problem = messageOf(error);
        this.#retry = setTimeout(() => this.#open(), RETRY_MS);
      }
    })();
  }

  #settle(): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#publish();
      },
      Math.max(SETTLE_MS, this.#costMs * COST_SHARE),
    );
  }

  #publish(): void {
    if (!this.#isWhole()) return;
    const began = performance.now();
    const { world, policies, inventory } = this.#builder.build();
    const before = this.#current;
    if (before?.world === world && before.policies === policies && before.inventory === inventory) return;
    const inForce = before?.policies === policies ? before.inForce : policies.map((object) => this.#inForce(object));
    const hash = before?.policies === policies ? before.setHash : setHash(inForce);
    this.#current = {
      world,
      policies,
      inventory,
      inForce,
      setHash: hash,
      version: (this.#version += 1),
      since: before?.setHash === hash ? before.since : this.#now(),
    };
    this.#costMs = performance.now() - began;
    this.#options.changed(this.#options.cluster);
  }

  /** All that can be read has been read once: half a set of policies would say the wrong thing. */
  #isWhole(): boolean {
    const source = this.#source;
    if (!source?.isRead) return false;
    if (this.#options.target?.from !== 'kubernetes') return source.states().length > 0;
    const refused = new Set(source.states().flatMap(({ kind, state }) => (state === 'forbidden' ? [kind] : [])));
    const readable = POLICY_KINDS.filter((kind) => !refused.has(kind));
    return readable.length > 0 && readable.every((kind) => this.#everRead.has(kind));
  }

  #inForce(object: PolicyObject): PolicyInForce {
    const hash = this.#hashes.get(object) ?? specHash(object);
    this.#hashes.set(object, hash);
    return { ref: refOf(object), hash, object };
  }
}
