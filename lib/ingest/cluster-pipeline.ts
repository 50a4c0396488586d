import 'server-only';
import type { Logger } from 'pino';
import type { ClusterStatus, RelayTarget } from '#lib/api/clusters.ts';
import { frameOf } from '#lib/bus/sse.ts';
import { messageOf } from '#lib/errors/errors.ts';
import type { Flow, Gap, StreamEvent } from '#lib/flow/flow.ts';
import { connectRelay, type RelayClient } from '#lib/relay/client.ts';
import { followRelay } from '#lib/relay/follow.ts';
import { type FollowStatus, followStatus } from '#lib/relay/follow-status.ts';
import { type IdentityDirectory, identityDirectory } from '#lib/relay/identities.ts';
import { Attribution } from '#lib/topology/attribution.ts';
import { RollingTopology } from '#lib/topology/rolling.ts';
import type { Coverage } from '#lib/topology/topology.ts';
import { Hub } from './hub.ts';
import { LIVE_WINDOW_MS, MapHub } from './map-hub.ts';
import { NodeTable } from './node-table.ts';
import { Rate } from './rate.ts';
import { Reorder } from './reorder.ts';
import { FlowRing } from './ring.ts';
import { wireCoverage } from './wire.ts';

/** Flows of this long a time are put in order before anybody sees them. */
const REORDER_MS = 40;
const SECOND_MS = 1000;

export interface PipelineOptions {
  readonly id: string;
  readonly relay: RelayTarget;
  readonly ringSize: number;
  readonly log: Logger;
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
  readonly #identities: IdentityDirectory;
  readonly #attribution: Attribution;
  readonly #target: RelayTarget;
  readonly #log: Logger;
  readonly #stop = new AbortController();
  readonly #reorder = new Reorder();
  readonly #rate = new Rate();
  readonly #timers: NodeJS.Timeout[] = [];
  #running: Promise<void> | undefined;

  constructor({ id, relay, ringSize, log }: PipelineOptions) {
    this.id = id;
    this.#target = relay;
    this.#log = log.child({ cluster: id });
    this.relay = connectRelay(relay);
    this.#identities = identityDirectory(this.relay, this.#stop.signal);
    this.#attribution = new Attribution();
    this.#identities.onLearned(() => this.#attribution.labelsChanged());
    this.rolling = new RollingTopology({ cluster: id, attribution: this.#attribution });
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

  status(now: number): ClusterStatus {
    const { state, detail, since, relayVersion, received, duplicates, malformed } = this.follow;
    return {
      cluster: this.id,
      state,
      stateDetail: detail,
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

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const options = { status: this.follow, relay: this.relay, identities: this.#identities };
    try {
      for await (const batch of followRelay(this.#target, options, signal)) {
        const now = Date.now();
        for (const event of batch) this.#take(event, now);
      }
    } catch (error) {
      // `followRelay` retries for ever; what comes here is a fault of ours, and must not pass for silence of the relay.
      this.follow.state = 'failed';
      this.follow.detail = 'an internal error, see the log of ingest';
      this.#log.error({ error: messageOf(error), stack: error instanceof Error ? error.stack : undefined }, 'pipeline failed');
    }
  }

  #take(event: StreamEvent, now: number): void {
    switch (event.kind) {
      case 'flow':
        this.#rate.add(1, now);
        this.nodes.flow(event.flow, now);
        return this.#reorder.add(event.flow);
      case 'lost-events':
        return this.nodes.lost(event.lost);
      case 'node-status':
        return this.nodes.told(event.status);
      case 'gap':
        return this.#gap(event.gap);
    }
  }

  #gap(gap: Gap): void {
    this.#log.warn({ gap }, 'flows are missing and cannot be had any more');
    this.nodes.gap(gap);
    this.hub.gap(gap);
  }

  /** Flows in order: into the ring, the map, and to those who watch. */
  #release(flows: readonly Flow[]): void {
    if (flows.length === 0) return;
    for (const flow of flows) {
      this.ring.push(flow);
      const seen = this.#attribution.attribute(flow);
      this.rolling.add(flow, seen);
    }
    this.hub.publish(flows);
  }

  #tick(): void {
    const now = Date.now();
    this.nodes.polled(this.follow.nodes);
    const frame = frameOf('status', JSON.stringify(this.status(now)));
    this.hub.status(frame);
    this.maps.status(frame);
    this.maps.tick(now);
  }
}

const round = (rate: number): number => Math.round(rate * 10) / 10;
