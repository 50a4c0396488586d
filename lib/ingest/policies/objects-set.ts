import 'server-only';
import type { Logger } from 'pino';
import type { KubernetesTarget } from '#lib/api/clusters.ts';
import { type ObjectsPlace, readObjectsPlaces } from '#lib/db/policies/targets.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import type { JudgedObjects } from '../judge/source.ts';
import { ClusterObjects, type CurrentPolicies } from './cluster-objects.ts';
import type { SourceTarget } from './open-source.ts';
import { PolicyRecorder } from './policy-recorder.ts';

const POLL_MS = 5000;
/** "Last seen" of what does not change moves on this often. */
const RECORD_MS = 30_000;

export interface ObjectsSetOptions {
  readonly db: TrafficDb;
  readonly log: Logger;
  /** The cluster that this process runs in or for: read where nothing else is set for it. */
  readonly here?: { readonly cluster: string; readonly target: KubernetesTarget } | undefined;
  readonly now?: () => number;
}

interface Running {
  /** Another one is a reason to start over. */
  readonly key: string;
  readonly objects: ClusterObjects;
}

/** The objects of all clusters, kept like the table of clusters: opened, closed, and opened anew where their place changed. */
export class ObjectsSet {
  readonly #options: ObjectsSetOptions;
  readonly #now: () => number;
  readonly #running = new Map<string, Running>();
  readonly #recorder: PolicyRecorder;
  readonly #listeners = new Set<(cluster: string) => void>();
  #timers: NodeJS.Timeout[] = [];
  #reloading: Promise<void> = Promise.resolve();
  #failing = false;
  #read = false;

  constructor(options: ObjectsSetOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#recorder = new PolicyRecorder(options.db, options.log);
  }

  async start(): Promise<void> {
    await this.reload();
    this.#timers = [
      setInterval(() => void this.reload(), POLL_MS),
      setInterval(() => {
        for (const cluster of this.#running.keys()) this.#record(cluster);
      }, RECORD_MS),
    ];
  }

  /** Reads where objects are to be had and applies what changed, one reader at a time. While the database is away everything goes on as it was. */
  reload(): Promise<void> {
    this.#reloading = this.#reloading.then(async () => {
      try {
        await this.#apply(await readObjectsPlaces(this.#options.db));
        this.#failing = false;
        this.#read = true;
      } catch (error) {
        if (!this.#failing) this.#options.log.warn({ error: messageOf(error) }, 'where objects are read from cannot be read');
        this.#failing = true;
      }
    });
    return this.#reloading;
  }

  /** Throws `not-found` for a cluster that is none, `ingest-unreachable` while it is not known which there are. */
  of(cluster: string): ClusterObjects {
    const running = this.#running.get(cluster);
    if (running) return running.objects;
    if (!this.#read) throw new CausewayError('ingest-unreachable', 'ingest has just started and reads which clusters there are');
    throw new CausewayError('not-found', `there is no cluster ${cluster}`);
  }

  /** What the cluster is judged by; undefined while it has no source of policies, or it has not told all of them yet. */
  current(cluster: string): CurrentPolicies | undefined {
    return this.#running.get(cluster)?.objects.current;
  }

  /** The objects behind `current`. */
  objects(cluster: string): JudgedObjects | undefined {
    return this.#running.get(cluster)?.objects.objects();
  }

  /** Clusters that have something to be judged by. */
  clusters(): string[] {
    return [...this.#running].flatMap(([cluster, { objects }]) => (objects.current ? [cluster] : []));
  }

  /** Hears of each change of what a cluster is judged by; returns how to stop. */
  listen(listener: (cluster: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#reloading;
    await Promise.all([...this.#running.values()].map(({ objects }) => objects.close()));
    this.#running.clear();
    await this.#recorder.close();
  }

  async #apply(places: readonly ObjectsPlace[]): Promise<void> {
    const wanted = new Map(places.map((place) => [place.cluster, this.#targetOf(place)]));
    for (const [cluster, { key, objects }] of this.#running) {
      if (wanted.has(cluster) && JSON.stringify(wanted.get(cluster) ?? null) === key) continue;
      this.#running.delete(cluster);
      await objects.close();
    }
    for (const [cluster, target] of wanted) {
      if (this.#running.has(cluster)) continue;
      const { db, log } = this.#options;
      const changed = (): void => {
        this.#record(cluster);
        for (const listener of this.#listeners) listener(cluster);
      };
      this.#recorder.forget(cluster);
      const objects = new ClusterObjects({ cluster, target, db, log, changed, now: this.#now });
      this.#running.set(cluster, { key: JSON.stringify(target ?? null), objects });
      if (target) log.info({ cluster, from: target.from }, 'reading its objects');
    }
  }

  #targetOf({ cluster, target, uploadedAt }: ObjectsPlace): SourceTarget | undefined {
    const { here } = this.#options;
    if (target) return target;
    if (here?.cluster === cluster) return { from: 'kubernetes', ...here.target };
    return uploadedAt === undefined ? undefined : { from: 'upload', at: uploadedAt };
  }

  #record(cluster: string): void {
    const objects = this.#running.get(cluster)?.objects;
    if (objects?.current && objects.isSeen) void this.#recorder.record(cluster, objects.current, this.#now());
  }
}
