import 'server-only';
import type { Logger } from 'pino';
import { clusterIds, clustersToFollow, type FollowedCluster } from '#lib/db/traffic/clusters.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { ClusterPipeline, type PipelineOptions } from './cluster-pipeline.ts';

const POLL_MS = 5000;

/** A cluster and its relay; without one its flows come from the bus. */
type Wanted = Pick<FollowedCluster, 'id'> & { readonly relay: FollowedCluster['relay'] | undefined };

interface Running {
  /** How its relay is reached: another name or environment is no reason to start over. */
  readonly target: string;
  readonly pipeline: ClusterPipeline;
}

/** What the pipelines of all clusters have in common; with `fromBus`, clusters without a relay have one too. */
type PipelineSetOptions = Omit<PipelineOptions, 'id' | 'relay'>;

/** The pipelines of all clusters, kept like the table of clusters: started, stopped, and started anew where the relay changed. */
export class PipelineSet {
  readonly #db: TrafficDb;
  readonly #log: Logger;
  readonly #options: PipelineSetOptions;
  readonly #running = new Map<string, Running>();
  #ids: ReadonlySet<string> = new Set();
  #onPipeline: (pipeline: ClusterPipeline) => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #reloading: Promise<void> = Promise.resolve();
  #failing = false;
  /** The table has been read: a cluster that is not in it is none. */
  #read = false;

  constructor(options: PipelineSetOptions) {
    this.#options = options;
    this.#db = options.db;
    this.#log = options.log;
  }

  async start(): Promise<void> {
    await this.reload();
    this.#timer = setInterval(() => void this.reload(), POLL_MS);
  }

  /** Reads the table and applies what changed, one reader at a time. While the database is away everything goes on as it was. */
  reload(): Promise<void> {
    this.#reloading = this.#reloading.then(async () => {
      try {
        await this.#apply(await this.#wanted());
        this.#failing = false;
        this.#read = true;
      } catch (error) {
        if (!this.#failing)
          this.#log.warn({ error: messageOf(error) }, 'the table of clusters cannot be read; the known ones go on');
        this.#failing = true;
      }
    });
    return this.#reloading;
  }

  /** Hears of each pipeline before it starts. */
  onPipeline(listener: (pipeline: ClusterPipeline) => void): void {
    this.#onPipeline = listener;
  }

  all(): ClusterPipeline[] {
    return [...this.#running.values()].map(({ pipeline }) => pipeline);
  }

  /** The table of clusters has been read once. */
  get isRead(): boolean {
    return this.#read;
  }

  /** Whether there is such a cluster; undefined while that is not known. Its pipeline may be about to start. */
  knows(id: string): boolean | undefined {
    return this.#read ? this.#ids.has(id) : undefined;
  }

  /** Throws `not-found` for a cluster that is not followed, `ingest-unreachable` while it is not known which are. */
  of(id: string): ClusterPipeline {
    const running = this.#running.get(id);
    if (!running && !this.#read)
      throw new CausewayError('ingest-unreachable', 'ingest has just started and reads which clusters there are');
    if (!running) throw new CausewayError('not-found', `no cluster ${id} is followed here`);
    return running.pipeline;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reloading;
    await Promise.all(this.all().map((pipeline) => pipeline.stop()));
    this.#running.clear();
  }

  /** Clusters with a relay, and where flows come from the bus, the others too. */
  async #wanted(): Promise<Wanted[]> {
    const followed: Wanted[] = await clustersToFollow(this.#db);
    if (!this.#options.fromBus) return followed;
    const withRelay = new Set(followed.map(({ id }) => id));
    const others = (await clusterIds(this.#db)).filter((id) => !withRelay.has(id));
    return [...followed, ...others.map((id) => ({ id, relay: undefined }))];
  }

  async #apply(clusters: readonly Wanted[]): Promise<void> {
    const wanted = new Map(clusters.map(({ id, relay }) => [id, targetOf(relay)]));
    this.#ids = new Set(wanted.keys());
    for (const [id, { target, pipeline }] of this.#running) {
      if (wanted.get(id) === target) continue;
      this.#running.delete(id);
      await pipeline.stop();
      this.#log.info({ cluster: id }, 'stopped following');
    }
    for (const { id, relay } of clusters) {
      if (this.#running.has(id)) continue;
      const pipeline = new ClusterPipeline({ id, relay, ...this.#options });
      this.#running.set(id, { target: targetOf(relay), pipeline });
      this.#onPipeline(pipeline);
      pipeline.start();
      this.#log.info({ cluster: id, relay: relay?.address ?? 'none: its flows come from the bus', tls: relay?.tls }, 'following');
    }
  }
}

const targetOf = (relay: Wanted['relay']): string => JSON.stringify(relay ?? null);
