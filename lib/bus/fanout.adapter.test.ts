import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import { constants, createGunzip } from 'node:zlib';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '#lib/testing/postgres.ts';
import { batchJson } from './batch.ts';
import { createFanout, type Fanout } from './fanout.ts';
import { createIngestClient, type IngestClient } from './ingest-client.ts';
import { frameOf, framesOf, type Frame } from './sse.ts';

/** An ingest of a few lines: streams that the test writes to, and answers that it sets. */
class FakeIngest {
  readonly streams: { path: string; request: IncomingMessage; response: ServerResponse }[] = [];
  asked: string[] = [];
  answer: (path: string, request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  readonly #dir = mkdtempSync(join(tmpdir(), 'cwf-'));
  readonly url = `unix:${join(this.#dir, 's')}`;
  #server: Server | undefined;

  async start(): Promise<void> {
    this.#server = createServer((request, response) => {
      const path = request.url ?? '';
      this.asked.push(path);
      if (this.answer(path, request, response)) return;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      this.streams.push({ path, request, response });
      response.once('close', () => {
        this.streams.splice(
          this.streams.findIndex((stream) => stream.response === response),
          1,
        );
      });
      response.write(frameOf('status', '{"state":"live"}').bytes);
      if (path.includes('/topology/')) response.write(frameOf('snapshot', '{"at":0}', 'run-0').bytes);
    });
    await new Promise<void>((resolve) => this.#server?.listen(this.url.slice('unix:'.length), resolve));
  }

  send(...frames: Frame[]): void {
    for (const { response } of this.streams) for (const { bytes } of frames) response.write(bytes);
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

let ingest: FakeIngest;
let client: IngestClient;
let fanout: Fanout;
beforeEach(async () => {
  ingest = new FakeIngest();
  await ingest.start();
  client = createIngestClient({ url: ingest.url, token: 'token' });
  fanout = createFanout(client);
});
afterEach(async () => {
  fanout.close();
  client.close();
  await ingest.stop();
});

/** A browser: reads as fast as it can unless told to wait, and remembers the events. */
class Browser {
  readonly frames: Frame[] = [];
  readonly leave = new AbortController();
  #wait: Promise<void> | undefined;
  done = false;

  async open(path = '/clusters/c/flows/stream', lastEventId?: string, gzip = false): Promise<this> {
    const stream = await fanout.subscribe(path, '', { signal: this.leave.signal, lastEventId, gzip });
    void this.#read(gzip ? gunzipped(stream) : stream);
    return this;
  }
  pause(): () => void {
    let go = (): void => undefined;
    this.#wait = new Promise((resolve) => {
      go = resolve;
    });
    return () => {
      this.#wait = undefined;
      go();
    };
  }
  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const reader = stream.getReader();
    const pull = async function* (wait: () => Promise<void> | undefined): AsyncGenerator<Buffer> {
      for (;;) {
        await wait();
        const { value, done } = await reader.read();
        if (done) return;
        yield Buffer.from(value);
      }
    };
    for await (const frame of framesOf(pull(() => this.#wait))) this.frames.push(frame);
    this.done = true;
  }
  ids(event: string): (string | undefined)[] {
    return this.frames.filter((frame) => frame.event === event).map(({ id }) => id);
  }
  data(event: string): Record<string, unknown>[] {
    return this.frames
      .filter((frame) => frame.event === event)
      .map(({ bytes }) => JSON.parse(/^data: (.*)$/m.exec(bytes.toString())?.[1] ?? '') as Record<string, unknown>);
  }
}

/** What a browser makes of a gzip stream that has no end yet. */
function gunzipped(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  return Readable.toWeb(Readable.fromWeb(stream as NodeStream).pipe(gunzip)) as ReadableStream<Uint8Array>;
}

const flows = (seq: number, matched = 1, padding = ''): Frame => {
  const json = batchJson({ flows: [], matched, verdicts: { FORWARDED: matched } }).replace('[]', `["${padding}"]`);
  return frameOf('flows', json, `run-${seq}`);
};

test('browsers of one stream share one upstream, which ends with the last of them', async () => {
  const browsers = await Promise.all(Array.from({ length: 20 }, () => new Browser().open()));
  expect(ingest.streams).toHaveLength(1);
  ingest.send(flows(1), flows(2));
  await until(() => browsers.every((browser) => browser.ids('flows').length === 2), 'all batches to arrive');
  for (const browser of browsers.slice(1)) browser.leave.abort();
  await until(() => fanout.size().browsers === 1, 'the others to be gone');
  expect(ingest.streams).toHaveLength(1);
  browsers[0]?.leave.abort();
  await until(() => ingest.streams.length === 0, 'the upstream to end');
  expect(fanout.size()).toEqual({ browsers: 0, upstreams: 0 });
});

test('readers that take gzip get one gzip stream of the same events, those who join late too', async () => {
  const plain = await new Browser().open();
  const early = await new Browser().open(undefined, undefined, true);
  ingest.send(flows(1, 1, 'x'.repeat(5000)));
  await until(() => early.ids('flows').length === 1, 'the first batch');
  const late = await new Browser().open(undefined, undefined, true);
  ingest.send(flows(2), flows(3));
  await until(() => [plain, early].every((browser) => browser.ids('flows').length === 3), 'all batches');
  await until(() => late.ids('flows').length === 2, 'the later batches');
  expect(early.data('flows')).toEqual(plain.data('flows'));
  expect(late.data('flows')).toEqual(plain.data('flows').slice(1));
});

test('a gzip reader of a map gets the snapshot and every delta after it', async () => {
  const browser = await new Browser().open('/clusters/c/topology/stream', undefined, true);
  ingest.send(frameOf('delta', '{"at":1}', 'run-1'));
  const late = await new Browser().open('/clusters/c/topology/stream', undefined, true);
  ingest.send(frameOf('delta', '{"at":2}', 'run-2'));
  await until(() => [browser, late].every((one) => one.data('delta').length === 2), 'the deltas');
  expect(late.data('snapshot')).toEqual([{ at: 0 }]);
  expect(late.data('delta')).toEqual([{ at: 1 }, { at: 2 }]);
  expect(browser.data('delta')).toEqual([{ at: 1 }, { at: 2 }]);
});

test('a refusal of ingest is thrown before there is a stream', async () => {
  ingest.answer = (_path, _request, response) => {
    response.writeHead(400, { 'content-type': 'application/problem+json' });
    response.end(
      JSON.stringify({
        type: '/problems/bad-filter',
        title: 'bad filter',
        status: 400,
        detail: 'no such key',
        place: { from: 3 },
      }),
    );
    return true;
  };
  await expect(new Browser().open()).rejects.toMatchObject({ code: 'bad-filter', message: 'no such key', place: { from: 3 } });
  expect(fanout.size()).toEqual({ browsers: 0, upstreams: 0 });
});

test('an ingest that is not there is said to be unreachable', async () => {
  const lost = createIngestClient({ url: 'unix:/nowhere/at/all.sock', token: 't' });
  await expect(
    createFanout(lost).subscribe('/clusters/c/flows/stream', '', { signal: new AbortController().signal }),
  ).rejects.toMatchObject({
    code: 'ingest-unreachable',
  });
  await expect(lost.ask('/clusters')).rejects.toMatchObject({ code: 'ingest-unreachable' });
});

test('a browser that does not read loses whole batches, is told exactly how many flows, and holds up nobody', async () => {
  const slow = await new Browser().open();
  const quick = await new Browser().open();
  await until(() => slow.frames.length > 0, 'the first status');
  const go = slow.pause();
  const padding = 'x'.repeat(100_000);
  for (let seq = 1; seq <= 30; seq += 1) ingest.send(flows(seq, seq, padding));
  ingest.send(frameOf('gap', '{"from":1,"to":2,"reason":"relay-unreachable","nodeName":""}'));
  await until(() => quick.ids('flows').length === 30, 'the quick browser to have all');
  go();
  await until(() => slow.ids('flows').length > 0, 'the slow browser to go on');
  ingest.send(flows(31, 31));
  await until(() => slow.ids('flows').includes('run-31'), 'the slow browser to be up to date');
  const got = slow.data('flows');
  expect(got.length).toBeLessThan(31);
  expect(got.reduce((sum, { matched, skipped }) => sum + Number(matched) + Number(skipped), 0)).toBe((31 * 32) / 2);
  expect(quick.data('flows').every(({ skipped }) => skipped === 0)).toBe(true);
  expect(slow.data('gap')).toHaveLength(1);
});

test('a browser that comes back gets what it missed from here, or else from the ring of ingest', async () => {
  const first = await new Browser().open();
  ingest.send(flows(1), flows(2), flows(3));
  await until(() => first.ids('flows').length === 3, 'the batches');
  const back = await new Browser().open(undefined, 'run-1');
  await until(() => back.ids('flows').length === 2, 'what it missed');
  expect(back.ids('flows')).toEqual(['run-2', 'run-3']);

  ingest.answer = (_path, request, response) => {
    if (request.headers['x-causeway-backlog'] !== 'only') return false;
    response.writeHead(200).end(Buffer.concat([frameOf('gap', '{}').bytes, flows(3, 7).bytes]));
    return true;
  };
  const late = await new Browser().open(undefined, 'old-9');
  ingest.send(flows(4));
  await until(() => late.ids('flows').length === 2, 'the backlog and what follows');
  expect(late.ids('flows')).toEqual(['run-3', 'run-4']);
  expect(late.ids('gap')).toHaveLength(1);
});

test('when ingest is restarted the streams stay open and go on', async () => {
  const browser = await new Browser().open();
  ingest.send(flows(1));
  await until(() => browser.ids('flows').length === 1, 'a batch');
  const resumed: unknown[] = [];
  ingest.answer = (_path, request) => {
    resumed.push(request.headers['last-event-id']);
    return false;
  };
  ingest.streams[0]?.response.destroy();
  await until(() => resumed.length > 0 && ingest.streams.length === 1, 'the upstream to come back');
  expect(resumed).toEqual(['run-1']);
  ingest.send(flows(2));
  await until(() => browser.ids('flows').length === 2, 'the next batch');
  expect(browser.done).toBe(false);
});

test('when ingest stays away the streams end, and whoever asks again is told', async () => {
  const browser = await new Browser().open();
  ingest.send(flows(1));
  await until(() => browser.ids('flows').length === 1, 'a batch');
  await ingest.stop();
  await until(() => browser.done, 'the end of the stream');
  expect(fanout.size()).toEqual({ browsers: 0, upstreams: 0 });
  await expect(new Browser().open()).rejects.toMatchObject({ code: 'ingest-unreachable' });
});

const map = '/clusters/c/topology/stream';
const delta = (seq: number, text = ''): Frame => frameOf('delta', JSON.stringify({ seq, text }), `run-${seq}`);

test('whoever joins a map gets a snapshot and every change after it, none before', async () => {
  const first = await new Browser().open(map);
  for (let seq = 1; seq <= 5; seq += 1) ingest.send(delta(seq));
  await until(() => first.ids('delta').length === 5, 'the first browser to follow');
  const second = await new Browser().open(map);
  await until(() => second.ids('delta').length === 5, 'the second to have the same');
  expect(second.frames.map(({ event }) => event)).toEqual(['status', 'snapshot', ...Array.from({ length: 5 }, () => 'delta')]);

  // By now there are more changes than a newcomer is made to read: it gets a newer snapshot.
  for (let seq = 6; seq <= 30; seq += 1) ingest.send(delta(seq));
  await until(() => first.ids('delta').length === 30, 'more changes');
  ingest.answer = (path, _request, response) => {
    if (path !== '/clusters/c/topology') return false;
    response.writeHead(200, { 'x-causeway-revision': 'run-28' }).end('{"at":28}');
    return true;
  };
  const third = await Promise.all([new Browser().open(map), new Browser().open(map)]).then(([browser]) => browser);
  ingest.send(delta(31));
  await until(() => third?.ids('delta').includes('run-31') ?? false, 'the third to follow');
  expect(third?.data('snapshot')).toEqual([{ at: 28 }]);
  expect(third?.ids('delta')).toEqual(['run-29', 'run-30', 'run-31']);
  expect(ingest.asked.filter((path) => path === '/clusters/c/topology')).toHaveLength(1);
});

test('a map whose reader was too slow starts again from a snapshot', async () => {
  const browser = await new Browser().open(map);
  await until(() => browser.ids('snapshot').length === 1, 'the first snapshot');
  const go = browser.pause();
  for (let seq = 1; seq <= 20; seq += 1) ingest.send(delta(seq, 'x'.repeat(100_000)));
  ingest.answer = (path, _request, response) => {
    if (path !== '/clusters/c/topology') return false;
    response.writeHead(200, { 'x-causeway-revision': 'run-20' }).end('{"at":20}');
    return true;
  };
  await until(() => fanout.size().browsers === 1, 'the deltas to be on their way', 1000);
  await new Promise((resolve) => setTimeout(resolve, 200));
  go();
  await until(() => browser.ids('snapshot').length === 2, 'a second snapshot');
  ingest.send(delta(21));
  await until(() => browser.ids('delta').includes('run-21'), 'the changes after it');
  const after = browser.frames.slice(browser.frames.findLastIndex(({ event }) => event === 'snapshot') + 1);
  expect(after.filter(({ event }) => event === 'delta').map(({ id }) => id)).toEqual(['run-21']);
});
