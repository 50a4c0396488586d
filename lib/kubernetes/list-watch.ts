import 'server-only';
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#lib/errors/errors.ts';
import { type KubernetesConnection, KubernetesFailure } from './connection.ts';
import { listPath, resourceOf, type WatchedKind } from './kinds.ts';
import { linesOf } from './lines.ts';
import type { KindState, KubeObject, ObjectChange } from './object.ts';
import { trimmed } from './trim.ts';

const PAGE = 500;
/** The server ends a watch after this long, which is no failure; a little random, so that all do not end at once. */
const WATCH_S = { least: 240, spread: 120 };
/** The server sends a bookmark every minute: a watch that says nothing for this long is a dead connection. */
const SILENCE_MS = 150_000;
const PAUSE_MS = { first: 400, most: 30_000 };
/**
 * A server that starts says 403 before its roles are loaded and 404 before its definitions are: only one that says so again and again, over
 * some seconds, means it.
 */
const REFUSALS = 4;

export interface ListWatchOptions {
  readonly connection: KubernetesConnection;
  readonly kind: WatchedKind;
  /** Absent: of the whole cluster. */
  readonly namespace?: string | undefined;
  readonly changed: (changes: readonly ObjectChange[]) => void;
  readonly stateChanged: () => void;
  readonly now: () => number;
}

/** `since` counts from the last change of `state`. */
type Standing = Pick<KindState, 'state' | 'message' | 'since'>;

/**
 * Keeps the objects of one kind (in one namespace or all) as the API server has them: pages of a list, then a watch from its version on, again
 * after every break. What is known stays while the server is away; `state` says so.
 */
export class ListWatch {
  readonly #options: ListWatchOptions;
  readonly #objects = new Map<string, KubeObject>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #standing: Standing;
  /** Resource version from which the next watch goes on; undefined: list first. */
  #version: string | undefined;
  /** Which of `kind.versions` the server has. */
  #served = 0;
  /** In a row, of the same kind: a server that refuses after it was away is another matter than one that stays away. */
  #failures = 0;
  #status = 0;

  constructor(options: ListWatchOptions) {
    this.#options = options;
    this.#standing = { state: 'starting', message: '', since: options.now() };
    this.#running = this.#run();
  }

  get objects(): number {
    return this.#objects.size;
  }

  get standing(): Standing {
    return this.#standing;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        this.#version ??= await this.#list();
        this.#version = await this.#watch(this.#version);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#fail(error);
        await this.#pause();
      }
    }
  }

  /** Lists all pages and applies the difference; gives the version to watch from. */
  async #list(): Promise<string> {
    const { connection, kind, namespace } = this.#options;
    const listed = new Set<string>();
    let version = '';
    let next = '';
    do {
      const query = { limit: String(PAGE), ...this.#selector(), ...(next && { continue: next }) };
      const page = pageOf(await connection.json(listPath(kind, this.#apiVersion(), namespace), query, this.#stop.signal));
      const changes: ObjectChange[] = [];
      for (const item of page.items) {
        const object = this.#received(item);
        if (!object) continue;
        listed.add(keyOf(object));
        if (this.#take(object)) changes.push({ type: 'put', object });
      }
      this.#tell(changes);
      ({ version, next } = page);
      await breathe(); // parsing a page takes tens of milliseconds: others have their turn in between
    } while (next && !this.#stop.signal.aborted);
    this.#forget((key) => !listed.has(key));
    return version;
  }

  /** Applies what the server tells until it ends the watch; gives the version that was reached. Throws when the connection breaks. */
  async #watch(from: string): Promise<string | undefined> {
    const { connection, kind, namespace } = this.#options;
    const timeoutSeconds = String(WATCH_S.least + Math.floor(Math.random() * WATCH_S.spread));
    const query = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: from, timeoutSeconds, ...this.#selector() };
    const answer = await connection.stream(listPath(kind, this.#apiVersion(), namespace), query, this.#stop.signal);
    answer.setTimeout(SILENCE_MS, () => answer.destroy(new KubernetesFailure(0, 'the watch went silent')));
    this.#failures = 0;
    this.#stand('ready', '');
    let version = from;
    for await (const line of linesOf(answer)) {
      const event = JSON.parse(line) as { type?: string; object?: unknown };
      if (event.type === 'ERROR') {
        const { code, message } = event.object as { code?: number; message?: string };
        throw new KubernetesFailure(code ?? 0, message ?? 'the watch ended with an error');
      }
      version = versionOf(event.object) ?? version;
      this.#version = version; // where a break would go on
      if (event.type !== 'BOOKMARK') this.#apply(event.type, this.#received(event.object));
    }
    if (!answer.complete) throw new KubernetesFailure(0, 'the watch broke off');
    return version;
  }

  #apply(type: string | undefined, object: KubeObject | undefined): void {
    if (!object) return;
    if (type === 'DELETED') {
      if (this.#objects.delete(keyOf(object))) this.#tell([{ type: 'delete', object }]);
    } else if (this.#take(object)) this.#tell([{ type: 'put', object }]);
  }

  /** Whether it says something new: most changes of pods and nodes are heartbeats in what is not kept. */
  #take(object: KubeObject): boolean {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    this.#objects.set(key, object);
    return !before || meaningOf(before) !== meaningOf(object);
  }

  #forget(gone: (key: string) => boolean): void {
    const changes: ObjectChange[] = [];
    for (const [key, object] of this.#objects) {
      if (!gone(key)) continue;
      this.#objects.delete(key);
      changes.push({ type: 'delete', object });
    }
    this.#tell(changes);
  }

  #fail(error: unknown): void {
    const { kind, namespace } = this.#options;
    const status = error instanceof KubernetesFailure ? error.status : 0;
    if (status === 410) {
      this.#version = undefined; // the server has forgotten that version: list again, which is no failure
      return;
    }
    this.#failures = status === this.#status ? this.#failures + 1 : 1;
    this.#status = status;
    if (status === 404 && kind.versions.length > 1) this.#served = (this.#served + 1) % kind.versions.length;
    if (status !== 0) this.#version = undefined;
    // The first break of a good watch is what a server that is rolled does: it counts when coming back fails.
    const counts =
      status === 403 || status === 404 ? this.#failures >= REFUSALS : this.#failures > 1 || this.#version === undefined;
    if (!counts) return;
    const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
    if (status === 404) {
      this.#forget(() => true);
      this.#stand('not-installed', `the cluster has no ${resourceOf(kind)}`);
    } else if (status === 403) {
      this.#stand('forbidden', `may not list and watch ${resourceOf(kind)}${where}: ${messageOf(error)}`);
    } else if (status === 401) {
      this.#stand('failed', `the API server does not take the credentials: ${messageOf(error)}`);
    } else this.#stand('failed', messageOf(error));
  }

  #stand(state: Standing['state'], message: string): void {
    if (this.#standing.state === state && this.#standing.message === message) return;
    const since = this.#standing.state === state ? this.#standing.since : this.#options.now();
    this.#standing = { state, message, since };
    this.#options.stateChanged();
  }

  async #pause(): Promise<void> {
    const longest = Math.min(PAUSE_MS.first * 2 ** Math.max(0, this.#failures - 1), PAUSE_MS.most);
    await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal: this.#stop.signal }).catch(() => {});
  }

  #tell(changes: readonly ObjectChange[]): void {
    if (changes.length > 0 && !this.#stop.signal.aborted) this.#options.changed(changes);
  }

  #apiVersion(): string {
    return this.#options.kind.versions[this.#served] ?? '';
  }

  #selector(): { fieldSelector?: string } {
    const { only } = this.#options.kind;
    return only?.name === undefined ? {} : { fieldSelector: `metadata.name=${only.name}` };
  }

  /** The items of a list do not say their kind. Undefined for what is no object. */
  #received(value: unknown): KubeObject | undefined {
    const { group, kind } = this.#options.kind;
    const metadata = value instanceof Object && 'metadata' in value ? value.metadata : undefined;
    if (!(metadata instanceof Object) || !('name' in metadata) || typeof metadata.name !== 'string') return undefined;
    const apiVersion = group ? `${group}/${this.#apiVersion()}` : this.#apiVersion();
    return trimmed({ ...(value as KubeObject), apiVersion, kind });
  }
}

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** The object but for the number that counts its changes. */
const meaningOf = (object: KubeObject): string =>
  JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: undefined } });

function versionOf(object: unknown): string | undefined {
  const metadata = object instanceof Object && 'metadata' in object ? object.metadata : undefined;
  const version = metadata instanceof Object && 'resourceVersion' in metadata ? metadata.resourceVersion : undefined;
  return typeof version === 'string' && version !== '' ? version : undefined;
}

function pageOf(answer: unknown): { readonly items: readonly unknown[]; readonly version: string; readonly next: string } {
  const { items, metadata } = answer as { items?: unknown; metadata?: { resourceVersion?: string; continue?: string } };
  if (!Array.isArray(items)) throw new KubernetesFailure(0, 'the API server’s answer is not a list');
  return { items, version: metadata?.resourceVersion ?? '', next: metadata?.continue ?? '' };
}
