import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseAddCheckpoint } from '#lib/receipts/add-checkpoint.ts';
import { cosignatureBytes, cosignatureMessage } from '#lib/receipts/checkpoint.ts';
import { formatSignature, keyIdOf, NOTE_TYPES } from '#lib/receipts/note.ts';
import { TestKey } from '#lib/testing/receipts.ts';
import { TestLog } from '#lib/testing/test-log.ts';
import { cosign, type CosignOptions, type Witness } from './client.ts';

const log = new TestLog('causeway.test/prod');
const key = new TestKey();
const NAME = 'security-witness';
const quick: CosignOptions = { timeoutMs: 300, pausesMs: [5, 10] };
const never = new AbortController().signal;

let server: Server;
let witness: Witness;
let asked: number;
let answer: (response: ServerResponse, body: string, request: IncomingMessage) => void;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked += 1;
      answer(response, body, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  witness = { name: NAME, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/w/`, key: key.public };
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  asked = 0;
});

/** The line of a witness over the note of a request. */
function lineOver(body: string, { by = key, name = NAME, time = Math.floor(Date.now() / 1000) } = {}): string {
  const { text } = parseAddCheckpoint(body).signed;
  const signature = cosignatureBytes(time, by.sign(cosignatureMessage(time, text)));
  return formatSignature({ name, keyId: keyIdOf(name, NOTE_TYPES.cosignature, by.public), signature });
}

const ask = (options = quick, signal = never) => cosign(witness, log.request(3, 8), signal, options);

test('a cosignature is handed on with its time, whatever else is answered', async () => {
  let path = '';
  answer = (response, body, { url = '' }) => {
    path = url;
    const others = lineOver(body, { name: 'other-witness' }) + lineOver(body, { by: new TestKey() });
    response.end(others + lineOver(body, { time: Math.floor(Date.now() / 1000) - 60 }));
  };
  const { line, at } = (await ask()) as { line: string; at: number };
  expect(path).toBe('/w/add-checkpoint');
  expect(line).toMatch(/^— security-witness [A-Za-z0-9+/]+=*$/);
  expect(at % 1000).toBe(0);
  expect(Math.abs(Date.now() - 60_000 - at)).toBeLessThan(5000);
});

test('the size of the head that it saw last is handed on', async () => {
  answer = (response) => response.writeHead(409, { 'content-type': 'text/x.tlog.size; charset=utf-8' }).end('5\n');
  expect(await ask()).toEqual({ conflictSize: 5 });
  expect(asked).toBe(1);
});

test('a witness that has seen another head of the same size says that the log has forked', async () => {
  answer = (response) => response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('3\n');
  await expect(ask()).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('another head of 3') as string,
  });
});

test.each([
  { name: 'a signature by another key', lie: (body: string) => lineOver(body, { by: new TestKey() }), why: /no line of it/ },
  { name: 'a signature over another head', lie: () => lineOver(`old 0\n\n${log.note(7)}`), why: /does not verify/ },
  {
    name: 'a signature of an hour ago',
    lie: (body: string) => lineOver(body, { time: Math.floor(Date.now() / 1000) - 3600 }),
    why: /not of now/,
  },
  {
    name: 'a signature of tomorrow',
    lie: (body: string) => lineOver(body, { time: Math.floor(Date.now() / 1000) + 86_400 }),
    why: /not of now/,
  },
  { name: 'another name', lie: (body: string) => lineOver(body, { name: 'security' }), why: /no line of it/ },
  { name: 'half a line', lie: (body: string) => lineOver(body).slice(0, 60), why: /does not end/ },
  { name: 'a page', lie: () => '<html>welcome</html>\n', why: /no signature/ },
  { name: 'nothing', lie: () => '', why: /does not end/ },
  {
    name: 'a changed bit',
    lie: (body: string) =>
      lineOver(body).replace(/.(.{5})\n$/, (all, rest: string) => `${all.startsWith('A') ? 'B' : 'A'}${rest}\n`),
    why: /does not verify/,
  },
])('a witness that answers $name is not believed', async ({ lie, why }) => {
  answer = (response, body) => response.end(lie(body));
  await expect(ask()).rejects.toMatchObject({ code: 'witness-refused', message: expect.stringMatching(why) as string });
  expect(asked).toBe(1);
});

test('a refusal is told once, in one bounded line', async () => {
  answer = (response) => response.writeHead(403).end(`no\u001b[2J key\n${'x'.repeat(5000)}`);
  const error = (await ask().catch((thrown: unknown) => thrown)) as Error;
  expect(error).toMatchObject({ code: 'witness-refused' });
  expect(error.message).toMatch(/^witness security-witness refused with status 403: no \[2J key x+$/);
  expect(error.message.length).toBeLessThan(260);
  expect(asked).toBe(1);
});

test('a conflict without a size is a refusal, and a redirect is not followed', async () => {
  answer = (response) => response.writeHead(409, { 'content-type': 'text/plain' }).end('5\n');
  await expect(ask()).rejects.toMatchObject({ code: 'witness-refused' });
  answer = (response, _body, { headers }) => response.writeHead(307, { location: `http://${headers.host}/elsewhere` }).end();
  await expect(ask()).rejects.toMatchObject({ code: 'witness-refused' });
  expect(asked).toBe(2);
});

test('who fails is asked twice more, and no longer', async () => {
  answer = (response, body) => (asked < 3 ? response.writeHead(503).end() : response.end(lineOver(body)));
  expect(await ask()).toHaveProperty('line');
  expect(asked).toBe(3);
  asked = 0;
  answer = (response) => response.writeHead(500).end();
  await expect(ask()).rejects.toMatchObject({ code: 'witness-unreachable' });
  expect(asked).toBe(3);
});

test('who does not answer in time, or breaks off, cannot be reached', async () => {
  answer = () => {};
  await expect(ask({ timeoutMs: 60, pausesMs: [] })).rejects.toMatchObject({
    message: expect.stringContaining('no answer within 0.06 s') as string,
  });
  answer = (response) => response.destroy();
  await expect(ask({ timeoutMs: 500, pausesMs: [] })).rejects.toMatchObject({ code: 'witness-unreachable' });
  const nowhere = { ...witness, url: 'http://127.0.0.1:1' };
  await expect(cosign(nowhere, log.request(3, 8), never, { pausesMs: [] })).rejects.toMatchObject({
    code: 'witness-unreachable',
  });
});

test('an answer without end is cut off', async () => {
  answer = (response) => {
    const more = (): void => void (response.writableEnded || response.destroyed || response.write('x'.repeat(16_384), more));
    more();
  };
  await expect(ask()).rejects.toMatchObject({ message: expect.stringContaining('more than a cosignature needs') as string });
});

test('it ends at once when it is told to', async () => {
  const stop = new AbortController();
  answer = () => stop.abort();
  await expect(ask({ timeoutMs: 60_000, pausesMs: [60_000] }, stop.signal)).rejects.toMatchObject({ name: 'AbortError' });
  expect(asked).toBe(1);
});
