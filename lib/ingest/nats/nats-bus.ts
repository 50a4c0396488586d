import 'server-only';
import type { Logger } from 'pino';
import type { AttestationStatus } from '#lib/api/receipts.ts';
import { NatsLink } from '#lib/bus/nats/link.ts';
import { Publisher } from '#lib/bus/nats/publisher.ts';
import { type FoundStream, NatsSession } from '#lib/bus/nats/session.ts';
import { FLOW_SUBJECTS, POLICIES_SUBJECT, STREAMS } from '#lib/bus/nats/subjects.ts';
import type { NatsConfig } from '#lib/config/nats.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { flowKey } from '#lib/flow/flow-key.ts';
import type { Redaction } from '#lib/flow/redact.ts';
import { pause } from '#lib/relay/backoff.ts';
import type { ClusterPipeline } from '../cluster-pipeline.ts';
import type { PipelineSet } from '../pipeline-set.ts';
import type { CurrentPolicies } from '../policies/cluster-objects.ts';
import type { ObjectsSet } from '../policies/objects-set.ts';
import { AttestationPublisher } from './attestations.ts';
import { Feed, type FedCluster } from './feed.ts';
import { flowMessages } from './flow-messages.ts';
import { Outbox } from './outbox.ts';
import { park } from './parking.ts';
import { policyChanges } from './policy-changes.ts';
import { VerdictWatch } from './verdict-watch.ts';

/** How far back a first start reads, as with a relay. */
const FIRST_READ_MS = 3_600_000;
const STATE_MS = 1000;

export interface NatsBusOptions {
  readonly config: NatsConfig;
  readonly db: TrafficDb;
  readonly pipelines: PipelineSet;
  readonly objects: ObjectsSet;
  readonly redaction: Redaction;
  readonly log: Logger;
}

/** Figures for metrics. */
export interface NatsCounts {
  readonly consumed: number;
  readonly duplicates: number;
  readonly redelivered: number;
  readonly parked: number;
  readonly published: number;
  readonly publishFailures: number;
  readonly dropped: number;
  readonly waiting: number;
  readonly reconnects: number;
  readonly connected: number;
}

/** This process and NATS: flows in, or out, and receipts, heads and changes of policies out. */
export class NatsBus {
  readonly #options: NatsBusOptions;
  readonly #link: NatsLink;
  readonly #publisher: Publisher;
  readonly #session: NatsSession;
  readonly #feed: Feed;
  readonly #attestations: AttestationPublisher;
  readonly #outbox: Outbox;
  readonly #stop = new AbortController();
  readonly #policies = new Map<string, CurrentPolicies>();
  readonly #waiting = new Map<string, number>();
  #unlisten: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;

  constructor(options: NatsBusOptions) {
    this.#options = options;
    const { config, db, redaction } = options;
    const log = options.log.child({ part: 'nats' });
    this.#link = new NatsLink(config, log);
    this.#publisher = new Publisher(this.#link);
    this.#outbox = new Outbox(this.#publisher);
    this.#attestations = new AttestationPublisher(db, this.#publisher, log);
    this.#feed = new Feed({
      clusters: config.clusters,
      redaction,
      log,
      clusterOf: (id) => this.#clusterOf(id),
      park: (message, reason) => park(this.#publisher, message, reason, this.#stop.signal),
    });
    this.#session = new NatsSession({
      link: this.#link,
      log,
      replicas: config.replicas,
      streams: [STREAMS.flows, STREAMS.attestations, ...(config.flows === 'consume' ? [STREAMS.parked] : [])],
      ...(config.flows === 'consume' && {
        read: {
          subjects: FLOW_SUBJECTS,
          consumer: config.consumer,
          ready: (signal) => this.#ready(signal),
          isWanted: () => this.#isWanted(),
          startOf: (stream, created) => this.#startOf(stream, created),
          onStream: (stream) => this.#onStream(stream),
          onProgress: (stream, { acknowledged, waiting }) => {
            this.#waiting.set(stream, waiting);
            for (const { deliveries } of this.#pipelines()) deliveries.acknowledged(stream, acknowledged);
          },
          take: (message) => {
            // The server is asked now and then; between that, each message is one less.
            const { stream } = message;
            if (!message.redelivered) this.#waiting.set(stream, Math.max(0, (this.#waiting.get(stream) ?? 0) - 1));
            return this.#feed.take(message);
          },
        },
      }),
    });
  }

  start(): void {
    this.#link.start();
    this.#session.start();
    this.#attestations.start();
    this.#unlisten = this.#options.objects.listen((cluster) => this.#policiesChanged(cluster));
    this.#timer = setInterval(() => this.#tellState(), STATE_MS);
  }

  /** A pipeline has begun: what it sees goes out. */
  follow(pipeline: ClusterPipeline): void {
    const watch = new VerdictWatch(pipeline.id);
    const publishes = this.#options.config.flows === 'publish';
    pipeline.onFlow((flow) => {
      if (publishes) for (const message of flowMessages(flow)) this.#outbox.add(message);
      this.#verdictChanged(watch, flow);
    });
  }

  /** Receipts were committed. */
  committed(): void {
    this.#attestations.committed();
  }

  status(): AttestationStatus['nats'] {
    const { state, detail } = this.#link;
    const { consumed, duplicates, redelivered, parked } = this.#feed.counts;
    const trouble = state === 'connected' ? [this.#session.trouble, ...this.#session.problems].filter(Boolean).join(' ') : detail;
    return {
      state: state === 'connected' && this.#session.trouble !== '' ? 'failed' : state,
      detail: trouble,
      published: this.#publisher.published,
      consumed,
      duplicates: duplicates + redelivered,
      parked,
      pending: this.#toRead() + this.#outbox.waiting + this.#attestations.waiting,
    };
  }

  counts(): NatsCounts {
    const { consumed, duplicates, redelivered, parked } = this.#feed.counts;
    return {
      consumed,
      duplicates,
      redelivered,
      parked,
      published: this.#publisher.published,
      publishFailures: this.#publisher.failures,
      dropped: this.#outbox.dropped,
      waiting: this.#toRead() + this.#outbox.waiting + this.#attestations.waiting,
      reconnects: this.#link.reconnects,
      connected: this.#link.state === 'connected' ? 1 : 0,
    };
  }

  /** Nothing more is taken in; what was is stored, and acknowledged, when the pipelines stop: close the bus after them (`end`). */
  async stopReading(): Promise<void> {
    clearInterval(this.#timer);
    this.#unlisten();
    await this.#session.close();
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await Promise.all([this.#attestations.close(), this.#outbox.close()]);
    await this.#link.close();
  }

  #pipelines(): ClusterPipeline[] {
    return this.#options.pipelines.all();
  }

  #toRead(): number {
    const unread = [...this.#waiting.values()].reduce((sum, count) => sum + count, 0);
    return unread + this.#pipelines().reduce((sum, { deliveries }) => sum + deliveries.pending, 0);
  }

  #clusterOf(id: string): FedCluster | undefined | null {
    const { pipelines } = this.#options;
    const found = this.#pipelines().find((pipeline) => pipeline.id === id);
    if (found) return found;
    return pipelines.knows(id) === false ? null : undefined;
  }

  /** Until it is known which clusters there are and what was stored of each. */
  async #ready(signal: AbortSignal): Promise<void> {
    const { pipelines } = this.#options;
    const isReady = (): boolean => pipelines.isRead && this.#pipelines().every(({ record }) => record) && this.#isWanted();
    while (!signal.aborted && !isReady()) await pause(50, signal);
  }

  /** False once another process writes every cluster. */
  #isWanted(): boolean {
    const all = this.#pipelines();
    return all.length === 0 || all.some(({ takesMessages }) => takesMessages);
  }

  #startOf(stream: string, created: string): { sequence?: number; time: number } {
    const known = this.#pipelines().flatMap(({ deliveries }) => deliveries.resumeFrom(stream, created) ?? []);
    return { time: Date.now() - FIRST_READ_MS, ...(known.length > 0 && { sequence: Math.min(...known) }) };
  }

  #onStream({ name, created, cutUntil }: FoundStream): void {
    for (const pipeline of this.#pipelines()) {
      const isAnother = pipeline.deliveries.meet(name, created);
      const to = isAnother ? Date.parse(created) : cutUntil;
      const from = pipeline.ring.newestTime ?? pipeline.storedUntil;
      if (to !== undefined && from !== undefined && from < to) pipeline.takeGap({ from, to, reason: 'stream-cut', nodeName: '' });
    }
  }

  #verdictChanged(watch: VerdictWatch, flow: Flow): void {
    const change = watch.see(flow);
    if (change)
      this.#outbox.add({
        subject: POLICIES_SUBJECT,
        id: `${change.cluster} verdict ${flowKey(flow)}`,
        data: JSON.stringify(change),
        headers: { 'Causeway-Type': change.type, 'Causeway-Cluster': change.cluster },
      });
  }

  #policiesChanged(cluster: string): void {
    const now = this.#options.objects.current(cluster);
    const before = this.#policies.get(cluster);
    if (!now) return;
    this.#policies.set(cluster, now);
    const change = before && policyChanges(cluster, before, now, now.since);
    if (change)
      this.#outbox.add({
        subject: POLICIES_SUBJECT,
        id: `${cluster} policies ${change.setHash} ${change.at}`,
        data: JSON.stringify(change),
        headers: { 'Causeway-Type': change.type, 'Causeway-Cluster': cluster },
      });
  }

  /** Clusters without a relay are as well as the bus is. */
  #tellState(): void {
    const { state, detail } = this.#link;
    const isLive = state === 'connected' && this.#session.trouble === '';
    const told = state === 'connected' ? this.#session.trouble : detail;
    for (const pipeline of this.#pipelines())
      pipeline.busState(isLive ? 'live' : state === 'failed' ? 'failed' : 'reconnecting', isLive ? '' : told);
  }
}
