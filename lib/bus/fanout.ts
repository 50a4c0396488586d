import 'server-only';
import { setTimeout as sleep } from 'node:timers/promises';
import { flowsMissed, withSkipped } from './batch.ts';
import { bodyOf, errorOfAnswer, type IngestClient } from './ingest-client.ts';
import { deflateLargePiece, deflatePiece, GZIP_HEADER } from './shared-deflate.ts';
import { type Frame, framesOf, frameOf, HEARTBEAT, HEARTBEAT_MS, isAfter } from './sse.ts';

/**
 * Shares streams of ingest among the browsers of this process: one upstream for each path and query, every frame the same bytes for all.
 * A browser that does not keep up loses whole batches, never anybody else's, and is told how many flows it missed.
 */
export interface Fanout {
  /**
   * A stream of server-sent events, ready to be the body of a response. Everything that can fail with a status has been done when it resolves:
   * throws the error of ingest (`bad-filter`, `not-found`, ...) or `ingest-unreachable`. Aborting `signal` or cancelling the stream frees all.
   */
  subscribe(path: string, search: string, options: SubscribeOptions): Promise<ReadableStream<Uint8Array>>;
  /** Browsers and upstreams now, for metrics. */
  size(): { readonly browsers: number; readonly upstreams: number };
  close(): void;
}

export interface SubscribeOptions {
  readonly signal: AbortSignal;
  /** `Last-Event-ID` of a browser that comes back. */
  readonly lastEventId?: string | undefined;
  /** The reader takes gzip: what it gets is one gzip stream. */
  readonly gzip?: boolean;
}

/** Bytes that wait for one browser before it loses batches. */
const QUEUE_BYTES = 512 * 1024;
/** Frames kept for browsers that come back after a moment. */
const RECENT_BYTES = 2 * 1024 * 1024;
/** A joiner of a map stream gets at most so many deltas after its snapshot; else a newer snapshot is fetched. */
const MOST_DELTAS = 10;
const RETRY_MS = [100, 250, 500, 1000];
/** A restart of ingest is bridged so long; then browsers are let go, ask again, and are told that ingest is away. */
const BRIDGED_MS = 2000;

export function createFanout(client: IngestClient): Fanout {
  const topics = new Map<string, Topic>();
  return {
    async subscribe(path, search, { signal, lastEventId, gzip = false }) {
      const key = path + search;
      let topic = topics.get(key);
      if (!topic || topic.closed) {
        topic = new Topic(client, path, search, () => {
          if (topics.get(key) === topic) topics.delete(key);
        });
        topics.set(key, topic);
      }
      return topic.join(signal, lastEventId, gzip);
    },
    size: () => ({ browsers: [...topics.values()].reduce((sum, topic) => sum + topic.browsers, 0), upstreams: topics.size }),
    close() {
      for (const topic of topics.values()) topic.close();
    },
  };
}

/** One upstream and those who read it. */
class Topic {
  readonly #client: IngestClient;
  readonly #path: string;
  readonly #search: string;
  readonly #gone: () => void;
  readonly #abort = new AbortController();
  readonly #opened: Promise<void>;
  readonly #browsers = new Set<Browser>();
  readonly #isMap: boolean;
  readonly #heartbeat: NodeJS.Timeout;
  /** Joined or joining: the upstream lives as long as there is one. */
  #interest = 0;
  #lastId: string | undefined;
  #status: Frame | undefined;
  /** Flows: recent batches. Map: the last snapshot and every delta after it. */
  #recent: Frame[] = [];
  #recentBytes = 0;
  #snapshot: Promise<void> | undefined;
  #joined: { readonly snapshot: Frame | undefined; readonly length: number; readonly shared: Shared } | undefined;
  #waiting: Frame[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(client: IngestClient, path: string, search: string, gone: () => void) {
    this.#client = client;
    this.#path = path;
    this.#search = search;
    this.#gone = gone;
    this.#isMap = path.endsWith('/topology/stream');
    this.#opened = new Promise((resolve, reject) => {
      // It ends only when the topic is closed: whoever still waits to join then is told.
      void this.#follow(resolve).then(() => reject(errorOfAnswer(0, Buffer.alloc(0))), reject);
    });
    this.#opened.catch(() => this.close());
    this.#heartbeat = setInterval(() => {
      for (const browser of this.#browsers) browser.beat();
    }, HEARTBEAT_MS);
  }

  get closed(): boolean {
    return this.#abort.signal.aborted;
  }

  get browsers(): number {
    return this.#browsers.size;
  }

  close(): void {
    this.#abort.abort();
    clearInterval(this.#heartbeat);
    clearTimeout(this.#timer);
    for (const browser of this.#browsers) browser.end();
    this.#browsers.clear();
    this.#gone();
  }

  async join(signal: AbortSignal, lastEventId: string | undefined, gzip: boolean): Promise<ReadableStream<Uint8Array>> {
    this.#interest += 1;
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      this.#browsers.delete(browser);
      this.#interest -= 1;
      if (this.#interest === 0) this.close();
    };
    const browser = new Browser(gzip, leave, () => this.#catchUp(browser));
    try {
      await this.#opened;
      signal.throwIfAborted();
      signal.addEventListener('abort', () => browser.end(), { once: true });
      this.#browsers.add(browser);
      browser.beat();
      if (this.#status) browser.send([this.#status], new Shared(this.#status.bytes));
      await (this.#isMap ? this.#catchUp(browser) : this.#resume(browser, lastEventId));
      return browser.stream;
    } catch (error) {
      browser.end();
      leave();
      throw error;
    }
  }

  /** Reads the upstream until the topic closes; the first failure is the joiner's, later ones are retried for a while. */
  async #follow(opened: () => void): Promise<void> {
    const { signal } = this.#abort;
    let lost: number | undefined;
    for (let failures = 0, first = true; !signal.aborted; failures += 1) {
      try {
        const headers = { accept: 'text/event-stream', ...(this.#lastId && !this.#isMap && { 'last-event-id': this.#lastId }) };
        const answer = await this.#client.open(this.#path, this.#search, { headers, signal });
        if (answer.statusCode !== 200) {
          const error = errorOfAnswer(answer.statusCode ?? 0, await bodyOf(answer));
          if (!first && answer.statusCode === 404) return this.close(); // the cluster was removed
          throw error;
        }
        for await (const frame of framesOf(answer)) {
          this.#receive(frame);
          failures = 0;
          lost = undefined;
          // A map is of no use to anybody before its first snapshot.
          if (!first || (this.#isMap && frame.event !== 'snapshot')) continue;
          first = false;
          opened();
        }
      } catch (error) {
        if (first) throw error;
      }
      if (first) throw errorOfAnswer(0, Buffer.alloc(0));
      lost ??= performance.now();
      if (performance.now() - lost > BRIDGED_MS) return this.close();
      await sleep(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)], undefined, { signal }).catch(() => {});
    }
  }

  #receive(frame: Frame): void {
    if (frame.id !== undefined) this.#lastId = frame.id;
    if (frame.event === 'status') this.#status = frame;
    else this.#remember(frame);
    this.#waiting.push(frame);
    const delayMs = delayFor(this.#browsers.size);
    if (delayMs === 0) this.#deliver();
    else this.#timer ??= setTimeout(() => this.#deliver(), delayMs);
  }

  #remember(frame: Frame): void {
    if (frame.event === 'snapshot') {
      this.#recent = [];
      this.#recentBytes = 0;
    }
    this.#recent.push(frame);
    this.#recentBytes += frame.bytes.length;
    while (!this.#isMap && this.#recentBytes > RECENT_BYTES && this.#recent.length > 1) {
      this.#recentBytes -= this.#recent.shift()?.bytes.length ?? 0;
    }
    // A map's deltas are only of use with the snapshot before them: when they outgrow it, forget both; a joiner fetches a new one.
    if (this.#isMap && this.#recent.length > MOST_DELTAS * 6) this.#recent = this.#recent.slice(-MOST_DELTAS);
  }

  #deliver(): void {
    this.#timer = undefined;
    const frames = this.#waiting.splice(0);
    if (frames.length === 0) return;
    const [only] = frames;
    const shared = new Shared(only && frames.length === 1 ? only.bytes : Buffer.concat(frames.map((frame) => frame.bytes)));
    for (const browser of this.#browsers) browser.send(frames, shared);
  }

  /** Sends what a returning browser missed: from the frames kept here, or from the ring of ingest, which says what is gone. */
  async #resume(browser: Browser, lastEventId: string | undefined): Promise<void> {
    if (lastEventId === undefined) return;
    const at = this.#recent.findIndex(({ id }) => id === lastEventId);
    if (at >= 0) {
      // Frames that wait for the next delivery will come by themselves.
      const missed = this.#recent.slice(at + 1).filter((frame) => !this.#waiting.includes(frame));
      browser.send(missed, new Shared(Buffer.concat(missed.map(({ bytes }) => bytes))));
      return;
    }
    browser.hold();
    const answer = await this.#client.open(this.#path, this.#search, {
      headers: { 'last-event-id': lastEventId, 'x-causeway-backlog': 'only' },
      signal: this.#abort.signal,
    });
    const backlog: Frame[] = [];
    for await (const frame of framesOf(answer)) backlog.push(frame);
    const last = backlog.findLast(({ id }) => id !== undefined)?.id ?? lastEventId;
    this.#deliver();
    await browser.release(
      new Shared(Buffer.concat(backlog.map(({ bytes }) => bytes))),
      (frame) => frame.id === undefined || isAfter(frame.id, last),
    );
  }

  /** Gives a browser of a map stream the whole picture, and from then on what changes it. */
  async #catchUp(browser: Browser): Promise<void> {
    if (!this.#isMap) return;
    browser.hold();
    if (this.#recent[0]?.event !== 'snapshot' || this.#recent.length > MOST_DELTAS) {
      this.#snapshot ??= this.#fetchSnapshot().finally(() => (this.#snapshot = undefined));
      await this.#snapshot;
    }
    this.#deliver();
    const last = this.#recent.at(-1)?.id;
    await browser.release(this.#whole(), (frame) => frame.event === 'status' || !last || !frame.id || isAfter(frame.id, last));
  }

  /** All that a joiner of a map needs, put together once for those who join at the same time. */
  #whole(): Shared {
    const { length } = this.#recent;
    if (this.#joined?.snapshot !== this.#recent[0] || this.#joined?.length !== length) {
      const shared = new Shared(Buffer.concat(this.#recent.map(({ bytes }) => bytes)));
      this.#joined = { snapshot: this.#recent[0], length, shared };
    }
    return this.#joined.shared;
  }

  /** A fresh snapshot in place of the old one; deltas that came after it (by their number) stay. */
  async #fetchSnapshot(): Promise<void> {
    const answer = await this.#client.ask(this.#path.replace(/\/stream$/, ''), this.#search);
    const revision = answer.headers['x-causeway-revision'];
    if (answer.status !== 200 || typeof revision !== 'string') throw errorOfAnswer(answer.status, answer.body);
    const snapshot = frameOf('snapshot', answer.body.toString('utf8'), revision);
    this.#recent = [snapshot, ...this.#recent.filter(({ event, id }) => event === 'delta' && id && isAfter(id, revision))];
  }
}

/**
 * With many browsers each write costs more than its bytes: frames are put together for a moment. Milliseconds.
 * 500 browsers then cost about as many writes a second as 100 do.
 */
const delayFor = (browsers: number): number => (browsers <= 64 ? 0 : browsers <= 200 ? 200 : 400);

/** Bytes for many browsers, deflated once and only if one of them takes gzip. */
class Shared {
  readonly plain: Buffer;
  #deflated: Buffer | undefined;
  #aside: Promise<Buffer> | undefined;
  constructor(plain: Buffer) {
    this.plain = plain;
  }
  get deflated(): Buffer {
    return (this.#deflated ??= deflatePiece(this.plain));
  }
  /** The same off this thread. */
  deflatedAside(): Promise<Buffer> {
    return (this.#aside ??= deflateLargePiece(this.plain));
  }
}

const BEAT = new Shared(HEARTBEAT);

/** One browser's stream: a queue of a bounded number of bytes, which the response drains. */
class Browser {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #gzip: boolean;
  readonly #leave: () => void;
  readonly #refresh: () => Promise<void>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #held: Frame[] | undefined;
  #skipped = 0;
  #lostDelta = false;

  constructor(gzip: boolean, leave: () => void, refresh: () => Promise<void>) {
    this.#gzip = gzip;
    this.#leave = leave;
    this.#refresh = refresh;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
          if (gzip) controller.enqueue(GZIP_HEADER);
        },
        pull: () => this.#drained(),
        cancel: () => this.end(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: QUEUE_BYTES }),
    );
  }

  end(): void {
    const controller = this.#controller;
    this.#controller = undefined;
    this.#held = undefined;
    try {
      controller?.close();
    } catch {
      // Cancelled by its reader: closed already.
    }
    this.#leave();
  }

  beat(): void {
    if (this.#hasRoom()) this.#write(BEAT);
  }

  /** Keeps what comes until `release`. */
  hold(): void {
    this.#held ??= [];
  }

  /** Sends `whole` (which may be more than the queue is meant to hold: a snapshot is never cut) and then what was held and is `wanted`. */
  async release(whole: Shared, wanted: (frame: Frame) => boolean): Promise<void> {
    const piece = this.#gzip ? await whole.deflatedAside() : whole.plain;
    const held = this.#held?.filter(wanted) ?? [];
    this.#held = undefined;
    this.#lostDelta = false;
    if (whole.plain.length > 0) this.#controller?.enqueue(piece);
    if (held.length > 0) this.#write(new Shared(Buffer.concat(held.map(({ bytes }) => bytes))));
  }

  /** `shared` are the bytes of `frames`, the same for all browsers. */
  send(frames: readonly Frame[], shared: Shared): void {
    if (!this.#controller || frames.length === 0) return;
    if (this.#held) {
      // Held for the time of one question to ingest: a bound all the same.
      if (this.#held.length < 1000) this.#held.push(...frames);
      return;
    }
    if (this.#lostDelta) return;
    if (!this.#hasRoom()) return this.#miss(frames);
    const at = this.#skipped > 0 ? frames.findIndex(({ event }) => event === 'flows') : -1;
    if (at < 0) return this.#write(shared);
    const told = frames.map((frame, index) => (index === at ? withSkipped(frame.bytes, this.#skipped) : frame.bytes));
    this.#skipped = 0;
    this.#write(new Shared(Buffer.concat(told)));
  }

  #write(shared: Shared): void {
    this.#controller?.enqueue(this.#gzip ? shared.deflated : shared.plain);
  }

  #hasRoom(): boolean {
    return (this.#controller?.desiredSize ?? 0) > 0;
  }

  #miss(frames: readonly Frame[]): void {
    for (const { event, bytes } of frames) {
      if (event === 'flows') this.#skipped += flowsMissed(bytes);
      // The map cannot go on from a hole: it starts again from a snapshot once there is room.
      else if (event === 'delta' || event === 'snapshot') this.#lostDelta = true;
      // Small and rare, and never left unsaid.
      else if (event === 'gap') this.#write(new Shared(bytes));
    }
  }

  async #drained(): Promise<void> {
    if (!this.#lostDelta || this.#held) return;
    try {
      await this.#refresh();
    } catch {
      // Ingest is away: tried again when the next delta does not fit, or the browser reconnects.
      this.end();
    }
  }
}
