import 'server-only';
import type { RelayTarget } from '#lib/api/clusters.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import type { Flow, Gap, StreamEvent } from '#lib/flow/flow.ts';
import type { Redaction } from '#lib/flow/redact.ts';
import { backoffMs, pause } from './backoff.ts';
import {
  afterFlows,
  afterMeeting,
  catchUpRequests,
  type Enough,
  findGaps,
  type KnownUpTo,
  type Replay,
  ringStarts,
} from './catch-up.ts';
import { connectRelay, type RelayClient } from './client.ts';
import { FlowDecoder } from './decode.ts';
import { EventQueue } from './event-queue.ts';
import { type FollowStatus, followStatus } from './follow-status.ts';
import { type IdentityDirectory, identityDirectory } from './identities.ts';
import { NodeWatch } from './node-watch.ts';
import { type FlowsRequest, STREAM_MASK } from './request.ts';
import { SeenFlows } from './seen.ts';

export interface FollowOptions {
  /** Resume: flows up to this time (Unix milliseconds) were taken before; what the relay has after it comes first, and a gap for what it has not. */
  readonly since?: number;
  /** Without `since`: begin with the last so many milliseconds, as far as the relay has them. Nothing before is a gap. */
  readonly historyMs?: number;
  /** Kept up to date while following. */
  readonly status?: FollowStatus;
  /** A client to share; one is made, and closed at the end, when absent. */
  readonly relay?: RelayClient;
  readonly identities?: IdentityDirectory;
  readonly redaction?: Redaction;
  /** How often a fresh stream takes over; a stream cannot be trusted for ever (see `NodeWatch`). */
  readonly renewMs?: number;
}

const POLL_MS = 5000;
const RENEW_MS = 600_000;
/** How long a new stream may take until every connected node has sent a flow. An idle node sends none. */
const WARM_UP_MS = 1500;
/** How long an old stream may go on beside a fresh one, and how long after they have met: flows of a node come a little out of order. */
const TAKE_OVER_MS = 10_000;
const DISORDER_MS = 250;
const MOST_FAILED_POLLS = 3;
/** Events that a live stream may hold back while older flows are fetched. Beyond it the relay waits. */
const HELD_EVENTS = 65_536;

/**
 * Follows a relay for ever: batches of events as they come, each flow once, until `signal` aborts. The relay may go and come back: then what it still
 * holds is fetched first, and what it does not is told as a gap. Within a stream small steps back in time occur, after a reconnection larger ones; sort.
 * The reader sets the pace.
 */
export async function* followRelay(
  target: RelayTarget,
  options: FollowOptions,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent[]> {
  const stop = new AbortController();
  const queue = new EventQueue(AbortSignal.any([signal, stop.signal]));
  const running = new Follower(target, options, queue, AbortSignal.any([signal, stop.signal])).run();
  try {
    for (let batch = await queue.take(); batch; batch = await queue.take()) yield batch;
  } finally {
    stop.abort();
    await running;
  }
}

/** A follow stream, and what is known of it. */
interface Live {
  readonly stop: AbortController;
  /** Ends with the stream, or throws what it ended with. */
  readonly done: Promise<void>;
  /** Time of the first flow of each node that has sent one on this stream, and of the newest. */
  readonly spoken: Map<string, number>;
  readonly newest: Map<string, number>;
  /** Lets through what is held back, and everything after it. */
  release(): Promise<void>;
}

class Follower {
  private readonly status: FollowStatus;
  private readonly seen: SeenFlows;
  private readonly watch = new NodeWatch();
  private mask: readonly string[] | undefined = STREAM_MASK;
  private everLive = false;
  private relay!: RelayClient;
  private decoder!: FlowDecoder;

  constructor(
    private readonly target: RelayTarget,
    private readonly options: FollowOptions,
    private readonly queue: EventQueue,
    private readonly signal: AbortSignal,
  ) {
    this.status = options.status ?? followStatus();
    this.seen = new SeenFlows(options.since ?? 0);
  }

  /** Sessions, one after the other, until the signal aborts. Never throws. */
  async run(): Promise<void> {
    for (let attempt = 1; !this.signal.aborted; attempt++) {
      try {
        if (this.status.state === 'live') this.become('reconnecting', 'The stream ended.');
        await this.session(() => (attempt = 0));
      } catch (error) {
        if (this.signal.aborted) break;
        this.become(isLasting(error) ? 'failed' : this.everLive ? 'reconnecting' : 'connecting', messageOf(error));
      }
      await pause(backoffMs(attempt), this.signal);
    }
  }

  /** One connection: fetch what was missed, follow, and renew the stream when it is due or has lost a node. */
  private async session(onLive: () => void): Promise<void> {
    const ending = new AbortController();
    const signal = AbortSignal.any([this.signal, ending.signal]);
    this.relay = this.options.relay ?? connectRelay(this.target);
    const identities = this.options.identities ?? identityDirectory(this.relay, signal);
    const { redaction } = this.options;
    this.decoder = new FlowDecoder({ labelsOf: (identity) => identities.labelsOf(identity), ...(redaction && { redaction }) });
    const unlisten = identities.onLearned(() => this.decoder.forgetEndpoints());
    try {
      await this.poll();
      await identities.prime(this.status.nodes.length);
      const reason = this.everLive ? 'relay-unreachable' : 'ingest-restarted';
      // First what there is, then, beside the live stream, the rest up to where that begins. Neither chases a relay that sees flows as fast as it sends them.
      const held = this.status.nodes.reduce((sum, { numFlows }) => sum + numFlows, 0);
      const resuming = await this.catchUp(this.knownUpTo(), reason, signal, { enough: () => afterFlows(held) });
      // Asked for before the stream begins: what that brings is newer than what may be missing.
      const fetchedUpTo = this.knownUpTo();
      const live = this.openLive(signal);
      await this.warmUp(live);
      if (resuming) await this.catchUp(fetchedUpTo, reason, signal, { enough: this.meets(live) });
      await live.release();
      if (this.everLive) this.status.reconnects++;
      this.everLive = true;
      this.become('live', '');
      onLive();
      await this.keepAlive(live, signal);
    } finally {
      ending.abort();
      unlisten();
      if (!this.options.relay) this.relay.close();
    }
  }

  private async keepAlive(first: Live, signal: AbortSignal): Promise<void> {
    let live = first;
    let openedAt = Date.now();
    let failedPolls = 0;
    for (;;) {
      const ended = await Promise.race([live.done.then(() => true), pause(POLL_MS, signal)]);
      if (ended || signal.aborted) return;
      try {
        await this.poll();
        failedPolls = 0;
      } catch (error) {
        // A relay that is gone ends the stream too, but for one that vanished without a word.
        failedPolls += 1;
        if (failedPolls >= MOST_FAILED_POLLS) throw error;
      }
      const silent = this.watch.silent(Date.now(), this.newestOf);
      if (silent.length > 0 || Date.now() - openedAt > (this.options.renewMs ?? RENEW_MS)) {
        const fresh = this.openLive(signal);
        await Promise.all([this.warmUp(fresh), fresh.release()]);
        await this.takeOver(live, fresh, silent);
        live = fresh;
        openedAt = Date.now();
      }
      await this.fetchMissed(signal);
    }
  }

  /** Ends the old stream once it has brought all that came before the fresh one: what is on its way, or waits for the reader, is nobody else's. Silent nodes bring nothing. */
  private async takeOver(old: Live, fresh: Live, silent: readonly string[]): Promise<void> {
    const isMet = ([node, start]: readonly [string, number]) => silent.includes(node) || (old.newest.get(node) ?? 0) >= start;
    const deadline = Date.now() + TAKE_OVER_MS;
    while (Date.now() < deadline && ![...fresh.spoken].every(isMet)) await pause(50, this.signal);
    await pause(DISORDER_MS, this.signal);
    old.stop.abort();
  }

  /** Nodes that were away, or that the stream had lost: what they saw meanwhile. */
  private async fetchMissed(signal: AbortSignal): Promise<void> {
    const missed = this.watch.missed();
    if (missed.size === 0) return;
    const failed = new Set<string>();
    await this.catchUp(missed, 'node-unavailable', signal, { failed });
    for (const node of missed.keys()) if (!failed.has(node)) this.watch.caughtUp(node);
  }

  /** Where to resume from; the given start when nothing has come yet. */
  private knownUpTo(): KnownUpTo {
    const newest = this.seen.newest();
    const { since, historyMs } = this.options;
    const from = since ?? (historyMs === undefined ? undefined : Date.now() - historyMs);
    if (newest.size > 0 || from === undefined) return newest;
    return new Map(this.watch.connected().map((node) => [node, from]));
  }

  /** When a replay has met the live stream; never where a connected node has not sent anything on that, so that nobody knows where it begins. */
  private meets({ spoken }: Live): ((request: FlowsRequest) => Enough) | undefined {
    const known = spoken.size > 0 && this.watch.connected().every((node) => spoken.has(node));
    return known ? (request) => afterMeeting(spoken, request) : undefined;
  }

  /**
   * Hands on what the relay holds beyond `knownUpTo` (or less: up to the flow that is `enough` of a request), and a gap for what it does not hold any more.
   * False when there was nothing to ask. Nodes that failed are added to `failed`.
   */
  private async catchUp(
    knownUpTo: KnownUpTo,
    reason: Gap['reason'],
    signal: AbortSignal,
    { failed, enough }: { readonly failed?: Set<string>; readonly enough?: ((request: FlowsRequest) => Enough) | undefined } = {},
  ): Promise<boolean> {
    if (knownUpTo.size === 0) return false;
    const onlyThese = reason === 'node-unavailable' ? { whitelist: [{ node_name: [...knownUpTo.keys()] }] } : {};
    const starts = await ringStarts(this.relay, signal);
    const replays = new Map<string, Replay>();
    for (const request of catchUpRequests(knownUpTo)) {
      const isEnough = enough?.(request) ?? (() => false);
      for await (const batch of this.getFlows({ ...onlyThese, ...request }, signal)) {
        for (const event of batch) if (event.kind === 'node-status') collectFailures(event, failed);
        await this.handOn(batch.filter((event) => this.isWanted(event, true, replays)));
        if (batch.some((event) => event.kind === 'flow' && isEnough(event.flow))) break;
      }
    }
    const isResumed = this.everLive || this.options.since !== undefined;
    const gaps = isResumed ? findGaps(knownUpTo, starts, replays, this.status.nodes, reason, Date.now()) : [];
    await this.handOn(gaps.map((gap): StreamEvent => ({ kind: 'gap', gap })));
    return true;
  }

  /** Opens a follow stream whose events are held back until it is released. */
  private openLive(outer: AbortSignal): Live {
    const stop = new AbortController();
    const signal = AbortSignal.any([outer, stop.signal]);
    const spoken = new Map<string, number>();
    const newest = new Map<string, number>();
    const held: StreamEvent[] = [];
    let open: () => void = () => undefined;
    let isOpen = false;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    signal.addEventListener('abort', () => open(), { once: true });

    const pump = async () => {
      for await (const batch of this.getFlows({ follow: true, number: 1 }, signal)) {
        const isFirst = ({ nodeName, time }: Flow) => !spoken.has(nodeName) && spoken.set(nodeName, time).size > 0;
        const wanted = batch.filter((event) => this.isWanted(event, event.kind === 'flow' && isFirst(event.flow)));
        for (const event of batch) if (event.kind === 'flow') newest.set(event.flow.nodeName, event.flow.time);
        if (isOpen) {
          await this.handOn(wanted);
        } else {
          held.push(...wanted);
          if (held.length > HELD_EVENTS) await opened;
        }
      }
    };
    const done = pump();
    done.catch(() => undefined); // whoever awaits it gets the error
    const release = async () => {
      while (held.length > 0) await this.handOn(held.splice(0));
      isOpen = true;
      open();
    };
    return { stop, done, spoken, newest, release };
  }

  /** Until every connected node has sent a flow, or long enough. Throws when the stream fails first. */
  private async warmUp(live: Live): Promise<void> {
    const deadline = Date.now() + WARM_UP_MS;
    const ended = live.done.then(() => true);
    ended.catch(() => undefined); // thrown below only while it is waited for
    while (Date.now() < deadline && !this.signal.aborted) {
      if (this.watch.connected().every((node) => live.spoken.has(node))) return;
      if (await Promise.race([ended, pause(50, this.signal)])) return;
    }
  }

  private getFlows(request: FlowsRequest, signal: AbortSignal): AsyncGenerator<StreamEvent[]> {
    const masked = this.mask ? { ...request, mask: this.mask } : request;
    return this.relay.getFlows(masked, signal, {
      decoder: this.decoder,
      onMalformed: ({ reason }) => {
        this.status.malformed++;
        this.status.lastMalformed = reason;
      },
      onVersion: (version) => (this.status.relayVersion = version),
    });
  }

  private isWanted(event: StreamEvent, replayed: boolean, replays?: Map<string, Replay>): boolean {
    if (event.kind === 'node-status') {
      this.watch.told(event.status, this.newestOf);
      if (this.mask && event.status.state === 'NODE_ERROR' && /field ?mask/i.test(event.status.message)) {
        this.mask = undefined;
        throw new CausewayError('relay-incompatible', 'A node does not take the field mask; asking for whole flows.');
      }
      return !replays || event.status.state === 'NODE_ERROR';
    }
    if (event.kind === 'lost-events') return this.seen.isNewLoss(event.lost);
    if (event.kind !== 'flow') return true;
    const { flow } = event;
    const isNew = this.seen.isNew(flow, replayed);
    if (!replays) this.watch.heard(flow.nodeName, Date.now());
    else if (!isNew) replays.set(flow.nodeName, { overlapped: true });
    if (isNew) this.status.received++;
    else this.status.duplicates++;
    return isNew;
  }

  private async handOn(events: StreamEvent[]): Promise<void> {
    await this.queue.put(events);
  }

  private async poll(): Promise<void> {
    const nodes = await this.relay.nodes();
    this.status.nodes = nodes;
    this.status.nodesAt = Date.now();
    this.watch.polled(nodes, Date.now(), this.newestOf);
    if (this.status.relayVersion === '') this.status.relayVersion = (await this.relay.serverStatus()).version;
  }

  private readonly newestOf = (node: string): number | undefined => this.seen.newestOf(node);

  private become(state: FollowStatus['state'], detail: string): void {
    const { status } = this;
    if (status.state !== state) status.since = Date.now();
    status.state = state;
    status.detail = detail;
  }
}

/** Trouble that another attempt will hardly cure. */
const isLasting = (error: unknown): boolean =>
  error instanceof CausewayError && ['relay-tls', 'relay-incompatible', 'relay-refused'].includes(error.code);

function collectFailures(event: StreamEvent & { kind: 'node-status' }, failed: Set<string> | undefined): void {
  if (event.status.state === 'NODE_CONNECTED') return;
  for (const node of event.status.nodeNames) failed?.add(node);
}
