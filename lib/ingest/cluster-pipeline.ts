import 'server-only';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ClusterStatus, RelayTarget } from '#lib/api/clusters.ts';
import { frameOf } from '#lib/bus/sse.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { beginRun } from '#lib/db/traffic/state.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import type { Flow, Gap, StreamEvent } from '#lib/flow/flow.ts';
import type { Redaction } from '#lib/flow/redact.ts';
import { restoreRolling } from '#lib/ledger/restore.ts';
import type { Rollup } from '#lib/ledger/rollup.ts';
import { connectRelay, type RelayClient } from '#lib/relay/client.ts';
import { followRelay } from '#lib/relay/follow.ts';
import { type FollowStatus, followStatus } from '#lib/relay/follow-status.ts';
import { type IdentityDirectory, identityDirectory } from '#lib/relay/identities.ts';
import { Attribution } from '#lib/topology/attribution.ts';
import { RollingTopology } from '#lib/topology/rolling.ts';
import type { Coverage } from '#lib/topology/topology.ts';
import { SeenFlows } from '#lib/relay/seen.ts';
import { CaughtUp } from './caught-up.ts';
import { Hub } from './hub.ts';
import { LIVE_WINDOW_MS, MapHub } from './map-hub.ts';
import { Deliveries, type Delivery } from './nats/deliveries.ts';
import { learnedIdentities, noRelay } from './nats/no-relay.ts';
import { NodeTable } from './node-table.ts';
import { Rate } from './rate.ts';
import { Recorder } from './recorder.ts';
import { ClusterSamples } from './receipts/findings/cluster-samples.ts';
import type { Origin } from './receipts/evidence.ts';
import type { ClusterReceipts, Notary } from './receipts/notary.ts';
import { Reorder } from './reorder.ts';
import { Resume } from './resume.ts';
import { FlowRing } from './ring.ts';
import { wireCoverage } from './wire.ts';

/** How often counts are stored, at the latest; sooner when so many ledger rows wait. */
const FLUSH_MS = 5000;
const FLUSH_ROWS = 5000;
/** The bus stops at so many messages that are not acknowledged (`lib/bus/nats/consumer.ts`). */
const FLUSH_MESSAGES = 5000;
/** How far back a start asks the relay at most. */
const FARTHEST_BACK_MS = 3_600_000;

/** Flows of this long a time are put in order before anybody sees them. */
const REORDER_MS = 40;
const SECOND_MS = 1000;
/** Why, stands in the log of ingest: it names hosts, which not every reader of a status needs to know. */
const NOT_STORED = 'Traffic is shown, but cannot be stored now; it waits in memory.';

export interface PipelineOptions {
  readonly id: string;
  /** Undefined where all flows come from the bus. */
  readonly relay: RelayTarget | undefined;
  /** Flows come from the bus too: the same one may come twice. */
  readonly fromBus?: boolean;
  /** How often counts are stored, at the latest; every five seconds when absent. */
  readonly flushMs?: number;
  readonly db: TrafficDb;
  readonly ringSize: number;
  readonly redaction: Redaction;
  readonly log: Logger;
  /** Makes receipts, where given. */
  readonly notary?: Notary | undefined;
}

/** One cluster's way from the relay to everybody who watches: in order, into ring and map, handed on, and counted. */
export class ClusterPipeline {
  readonly id: string;
  /** Names this run in cursors. */
  readonly epoch = Date.now().toString(36);
  readonly ring: FlowRing;
  readonly hub: Hub;
  readonly maps: MapHub;
  readonly rolling: RollingTopology;
  readonly nodes = new NodeTable();
  readonly relay: RelayClient;
  readonly follow: FollowStatus = followStatus();
  /** Messages of the bus that brought this cluster's flows, until they are stored. */
  readonly deliveries = new Deliveries();
  /** Its receipts; undefined where none are made. */
  readonly receipts: ClusterReceipts | undefined;
  /** What the rules R1 to R5 will look at. */
  readonly samples: ClusterSamples;
  readonly #identities: IdentityDirectory;
  readonly #learned = learnedIdentities();
  readonly #attribution: Attribution;
  readonly #target: RelayTarget | undefined;
  /** Flows of relay and bus that have come; undefined where there is only the relay, which keeps its own. */
  readonly #seen: SeenFlows | undefined;
  readonly #redaction: Redaction;
  readonly #log: Logger;
  readonly #stop = new AbortController();
  readonly #reorder = new Reorder();
  readonly #rate = new Rate();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #db: TrafficDb;
  #running: Promise<void> | undefined;
  #recorder: Recorder | undefined;
  #resume = new Resume([]);
  readonly #flushMs: number;
  #flushedAt = 0;
  readonly #caughtUp = new CaughtUp();
  /** Cilium's version by node, as the relay said last. */
  #versions: { readonly nodes: FollowStatus['nodes']; readonly of: ReadonlyMap<string, string> } = { nodes: [], of: new Map() };
  #onFlow: ((flow: Flow) => void) | undefined;

  constructor({ id, relay, fromBus = false, flushMs = FLUSH_MS, db, ringSize, redaction, log, notary }: PipelineOptions) {
    this.id = id;
    this.#flushMs = flushMs;
    this.#db = db;
    this.#target = relay;
    this.#redaction = redaction;
    this.#log = log.child({ cluster: id });
    this.relay = relay ? connectRelay(relay, redaction) : noRelay();
    this.#identities = relay ? identityDirectory(this.relay, this.#stop.signal) : this.#learned;
    this.#seen = fromBus ? new SeenFlows() : undefined;
    this.#attribution = new Attribution();
    this.#identities.onLearned(() => this.#attribution.labelsChanged());
    this.rolling = new RollingTopology({ cluster: id, attribution: this.#attribution });
    this.samples = new ClusterSamples(
      () => ({ nodes: this.follow.nodes, state: this.#target ? this.follow.state : 'live' }),
      (address, time) => this.#attribution.names.namesOf(address, time),
    );
    this.receipts = notary?.follow({
      cluster: id,
      originOf: (nodeName) => this.#originOf(nodeName),
      nodes: () => this.coverage(Date.now(), Date.now()),
      isSettled: () => this.#caughtUp.is(this.follow, Date.now()),
    });
    this.ring = new FlowRing(ringSize);
    this.hub = new Hub(this.ring, this.epoch);
    this.maps = new MapHub(this.rolling, this.epoch, (from, to) => this.coverage(from, to));
  }

  start(): void {
    this.#running ??= this.#run();
    this.#timers.push(
      setInterval(() => this.#release(this.#reorder.release()), REORDER_MS),
      setInterval(() => this.#tick(), SECOND_MS),
    );
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const timer of this.#timers) clearInterval(timer);
    await this.#running;
    this.#release(this.#reorder.flush());
    await this.#recorder?.flush();
    await this.receipts?.stop();
    this.deliveries.letGo();
    this.hub.close();
    this.maps.close();
    this.relay.close();
  }

  get stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  coverage(from: number, to: number): Coverage {
    return this.nodes.coverage(from, to);
  }

  /** What stores this cluster's traffic; undefined until the database has answered once. */
  get record(): Recorder | undefined {
    return this.#recorder;
  }

  /** Hears of every flow that is shown for the first time, in order. */
  onFlow(listener: (flow: Flow) => void): void {
    this.#onFlow = listener;
  }

  /** Whether this process may write the cluster and knows what was written before: not while the database has not answered, nor once another took over. */
  get takesMessages(): boolean {
    return this.#recorder !== undefined && !this.#recorder.isTakenOver && !this.stopped;
  }

  /** An event that a message of the bus brought (`Deliveries.begin` said it is new). False when its flow had come before; the message is kept track of all the same. */
  takeMessage(event: StreamEvent, delivery: Delivery): boolean {
    const now = Date.now();
    if (event.kind !== 'flow') {
      this.#take(event, now);
      this.deliveries.recorded(delivery);
      return true;
    }
    const { flow } = event;
    if (this.#seen?.isNew(flow, false) === false || this.deliveries.wasStored(flow, now)) {
      this.follow.duplicates += 1;
      this.deliveries.recorded(delivery);
      return false;
    }
    this.follow.received += 1;
    this.#learned.learn(flow);
    this.deliveries.carries(flow, delivery);
    this.#take(event, now);
    return true;
  }

  /** What messages of a stream could not be had any more. */
  takeGap(gap: Gap): void {
    this.#gap(gap);
  }

  /** Unix milliseconds of the newest flow that was stored before this process began. */
  get storedUntil(): number | undefined {
    return this.#resume.newest;
  }

  /** How the source goes, where it is the bus alone. */
  busState(state: FollowStatus['state'], detail: string): void {
    if (this.#target) return;
    if (this.follow.state !== state) this.follow.since = Date.now();
    this.follow.state = state;
    this.follow.detail = detail;
  }

  /** Rollups by minute, see `Recorder.minutes`. */
  async minutes(from: number, to: number): Promise<Rollup[]> {
    return (await this.#recorder?.minutes(from, to)) ?? [];
  }

  status(now: number): ClusterStatus {
    const { state, since, relayVersion, received, duplicates, malformed } = this.follow;
    return {
      cluster: this.id,
      state,
      stateDetail: this.#detail(),
      stateSince: since,
      relayVersion,
      flowsPerSecond: round(this.#rate.perSecond(10, now)),
      flowsPerSecondMinute: round(this.#rate.perSecond(59, now)),
      received,
      duplicates,
      malformed,
      coverage: wireCoverage(this.coverage(now - LIVE_WINDOW_MS, now)),
      now,
    };
  }

  /** What is wrong, in words; empty when nothing is. */
  #detail(): string {
    const notStored = this.#recorder?.trouble === undefined ? '' : NOT_STORED;
    return [this.follow.detail, notStored].filter(Boolean).join(' ');
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    try {
      const since = await this.#begin();
      if (!this.#target) return;
      const options = {
        status: this.follow,
        relay: this.relay,
        identities: this.#identities,
        redaction: this.#redaction,
        since,
      };
      for await (const batch of followRelay(this.#target, options, signal)) {
        const now = Date.now();
        for (const event of batch) {
          if (event.kind === 'flow' && this.#seen?.isNew(event.flow, false) === false) this.follow.duplicates += 1;
          else this.#take(event, now);
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      // `followRelay` retries for ever; what comes here is a fault of ours, and must not pass for silence of the relay.
      this.follow.state = 'failed';
      this.follow.detail = 'an internal error, see the log of ingest';
      this.#log.error({ error: messageOf(error), stack: error instanceof Error ? error.stack : undefined }, 'pipeline failed');
    }
  }

  /**
   * Takes over the cluster's record and says from when on to ask the relay: from where it was left, and at least the live window, so that the ring
   * is not empty after a restart. The map comes back from what was stored. Waits for a database that is away.
   */
  async #begin(): Promise<number> {
    const { run, place, busPlace } = await this.#whenDatabaseAnswers(() => beginRun(this.#db, this.id));
    this.#resume = new Resume(place);
    this.deliveries.load(busPlace, Date.now());
    const now = Date.now();
    const left = this.#resume.since ?? 0;
    const until = await this.#whenDatabaseAnswers(async () => this.receipts?.aggregatedUntil() ?? 0);
    // Minutes of traffic that were in no receipt yet when the process before ended are asked for again.
    const wanted = until > 0 ? Math.min(left, until) : left;
    const since = Math.max(Math.min(wanted, now - LIVE_WINDOW_MS), now - FARTHEST_BACK_MS);
    await this.#whenDatabaseAnswers(async () => this.receipts?.begin(until, this.#target ? since : now));
    this.#recorder = new Recorder({
      cluster: this.id,
      run,
      place,
      db: this.#db,
      directory: this.#attribution.directory,
      labelsOf: (identity) => this.#identities.labelsOf(identity),
      namesOf: (ip, time) => this.#attribution.names.namesOf(ip, time),
      log: this.#log,
      deliveries: this.deliveries,
      onGap: (gap) => this.#show(gap),
      receipts: this.receipts?.tap,
    });
    restoreRolling(this.rolling, await this.#recorder.minutes(now - FARTHEST_BACK_MS, now));
    if (this.#target && wanted < since) this.#gap({ from: wanted, to: since, reason: 'ingest-restarted', nodeName: '' }); // none on a first start, see `Resume.missing`
    // The bus does not repeat what was stored: the minutes that were open are not whole.
    if (!this.#target && until > 0) this.receipts?.tap.gap({ from: until, to: now, reason: 'ingest-restarted', nodeName: '' });
    return since;
  }

  async #whenDatabaseAnswers<T>(work: () => Promise<T>): Promise<T> {
    for (let delayMs = 250; ; delayMs = Math.min(delayMs * 2, 5000)) {
      try {
        return await work();
      } catch (error) {
        if (this.stopped || !(error instanceof CausewayError)) throw error;
        this.follow.detail = error.message;
        await sleep(delayMs, undefined, { signal: this.#stop.signal });
      }
    }
  }

  #originOf(nodeName: string): Origin {
    if (this.#versions.nodes !== this.follow.nodes)
      this.#versions = { nodes: this.follow.nodes, of: new Map(this.follow.nodes.map(({ name, version }) => [name, version])) };
    return {
      cluster: this.id,
      source: this.#target ? 'hubble-relay' : 'nats',
      ciliumVersion: this.#versions.of.get(nodeName) || undefined,
    };
  }

  #take(event: StreamEvent, now: number): void {
    switch (event.kind) {
      case 'flow':
        this.#rate.add(event.flow.time, now);
        this.nodes.flow(event.flow, now);
        this.#caughtUp.flow(event.flow.time, now);
        this.samples.arrived(event.flow, now);
        return this.#reorder.add(event.flow);
      case 'lost-events':
        this.#recorder?.addLost(event.lost);
        this.receipts?.tap.lost(event.lost);
        this.samples.lost(event.lost);
        return this.nodes.lost(event.lost);
      case 'node-status':
        return this.nodes.told(event.status);
      case 'gap':
        return this.#gap(event.gap);
    }
  }

  #gap(given: Gap): void {
    this.receipts?.tap.gap(given);
    const gap = this.#resume.missing(given);
    if (!gap) return;
    this.#log.warn({ gap }, 'flows are missing and cannot be had any more');
    this.#recorder?.addGap(gap);
    this.#show(gap);
  }

  #show(gap: Gap): void {
    this.nodes.gap(gap);
    this.samples.gap(gap);
    this.hub.gap(gap);
  }

  /** Flows in order: into the ring, the map, and to those who watch. */
  #release(flows: readonly Flow[]): void {
    if (flows.length === 0) return;
    const now = Date.now();
    for (const flow of flows) {
      this.ring.push(flow);
      const seen = this.#attribution.attribute(flow);
      // The bus tells by itself what was stored; only a relay repeats what it sent before.
      const known = (this.#target !== undefined || !this.deliveries.has(flow)) && this.#resume.isStored(flow);
      if (!known) this.rolling.add(flow, seen);
      if (!known) this.#onFlow?.(flow);
      if (!known) this.samples.flows.observe(flow);
      this.receipts?.tap.observe(flow, known, seen);
      this.#recorder?.add(flow, seen, now, known);
    }
    this.hub.publish(flows);
    if ((this.#recorder?.waiting ?? 0) > FLUSH_ROWS || this.deliveries.pending > FLUSH_MESSAGES) this.#flush(now);
  }

  #flush(now: number): void {
    if (now - this.#flushedAt < SECOND_MS) return;
    this.#flushedAt = now;
    void this.#recorder?.flush();
  }

  #tick(): void {
    const now = Date.now();
    if (now - this.#flushedAt >= this.#flushMs) this.#flush(now);
    this.nodes.polled(this.follow.nodes);
    const { nodesReporting, nodesExpected } = this.coverage(now, now);
    this.#caughtUp.nodes(nodesReporting >= nodesExpected, now);
    const frame = frameOf('status', JSON.stringify(this.status(now)));
    this.hub.status(frame);
    this.maps.status(frame);
    this.maps.tick(now);
  }
}

const round = (rate: number): number => Math.round(rate * 10) / 10;
