import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerCredentials, status } from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';
import type { RelayTarget } from '#lib/api/clusters.ts';
import { encodeFlow } from '#lib/demo/encode.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { certificateAuthority } from '#lib/testing/certificates.ts';
import { aFlow } from '#lib/testing/flows.ts';
import { until } from '#lib/testing/postgres.ts';
import { type RelayScript, scriptedRelay } from '#lib/testing/scripted-relay.ts';
import { connectRelay } from './client.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const bytesOf = (time: number) => encodeFlow(aFlow({ time, uuid: `u${time}` }), undefined);

async function aRelay(send: RelayScript['send'], credentials?: ServerCredentials): Promise<string> {
  const relay = await scriptedRelay({ send, ...(credentials && { credentials }) });
  stops.push(() => relay.close());
  return relay.address;
}

/** The flows of a follow stream until it ends; `taken` has them even when it throws. */
async function follow(target: RelayTarget, taken: Flow[] = [], signal = new AbortController().signal): Promise<Flow[]> {
  const relay = connectRelay(target);
  try {
    for await (const batch of relay.getFlows({ follow: true }, signal)) {
      for (const event of batch) if (event.kind === 'flow') taken.push(event.flow);
    }
  } finally {
    relay.close();
  }
  return taken;
}

const timesOf = (flows: readonly Flow[]) => flows.map(({ time }) => time);

test('flows come in order, and the end of the stream after the last', async () => {
  const times = Array.from({ length: 30_000 }, (_, index) => index + 1);
  const address = await aRelay((call) => {
    for (const time of times) call.write(bytesOf(time));
    call.end();
  });
  expect(timesOf(await follow({ address, tls: false }))).toEqual(times);
});

const authority = certificateAuthority();
const server = authority.issue(['ui.hubble-relay.cilium.io']);
const client = authority.issue(['console']);
const tlsOfRelay = ServerCredentials.createSsl(
  Buffer.from(authority.cert),
  [{ cert_chain: Buffer.from(server.cert), private_key: Buffer.from(server.key) }],
  true,
);
const tlsOfClient = {
  tls: true,
  tlsCaFile: authority.certFile,
  tlsServerName: 'ui.hubble-relay.cilium.io',
  tlsCertFile: client.certFile,
  tlsKeyFile: client.keyFile,
};

test.each([
  ['plain', undefined, { tls: false }],
  ['TLS', tlsOfRelay, tlsOfClient],
] as const)('flows that come one by one are not kept waiting (%s)', async (_, credentials, tls) => {
  const flows = 500;
  let writtenAt = Infinity;
  const address = await aRelay((call) => {
    let time = 0;
    const timer = setInterval(() => {
      time += 1;
      call.write(bytesOf(time));
      if (time < flows) return;
      clearInterval(timer);
      writtenAt = Date.now();
    }, 2);
  }, credentials);
  const leave = new AbortController();
  const taken: Flow[] = [];
  const following = follow({ address, ...tls }, taken, leave.signal);
  await until(() => taken.length === flows, 'all flows');
  expect(Date.now() - writtenAt).toBeLessThan(1000); // a packet in each burst would take ten seconds
  leave.abort();
  await following;
});

test('TLS with a wrong name, without a client certificate, with the wrong key', async () => {
  const address = await aRelay((call) => void call.end(), tlsOfRelay);
  const { tlsCertFile: _cert, tlsKeyFile: _key, ...anonymous } = tlsOfClient;
  await expect(follow({ address, ...tlsOfClient })).resolves.toEqual([]);
  await expect(follow({ address, ...anonymous })).rejects.toMatchObject({
    code: 'relay-tls',
    message: expect.stringContaining('client certificate'),
  });
  await expect(follow({ address, ...tlsOfClient, tlsServerName: 'other.example' })).rejects.toMatchObject({
    code: 'relay-tls',
    message: expect.stringContaining('another name'),
  });
  await expect(follow({ address, ...tlsOfClient, tlsKeyFile: server.keyFile })).rejects.toMatchObject({ code: 'relay-tls' });
});

const DETAILS = 'because of 100 % „reasons“';
test.each([
  [status.UNIMPLEMENTED, 'relay-incompatible', 'not a Hubble Relay'],
  [status.PERMISSION_DENIED, 'relay-refused', DETAILS],
  [status.INVALID_ARGUMENT, 'bad-filter', DETAILS],
  [status.UNAVAILABLE, 'relay-unreachable', DETAILS],
])('gRPC status %s becomes %s, after the flows before it', async (code, expected, words) => {
  const address = await aRelay((call) => {
    call.write(bytesOf(7));
    call.emit('error', { code, details: DETAILS });
  });
  const taken: Flow[] = [];
  const failure = follow({ address, tls: false }, taken);
  await expect(failure).rejects.toMatchObject({ code: expected, message: expect.stringContaining(words) });
  expect(timesOf(taken)).toEqual([7]);
});

test('a relay that is killed in the middle', async () => {
  const relay = await scriptedRelay({ send: (call) => void call.write(bytesOf(7)) });
  const taken: Flow[] = [];
  const failure = follow({ address: relay.address, tls: false }, taken).catch((error: unknown) => error);
  await until(() => taken.length === 1, 'the flow before');
  relay.close();
  expect(await failure).toMatchObject({ code: 'relay-unreachable' });
});

test('nothing listens', async () => {
  await expect(follow({ address: '127.0.0.1:1', tls: false })).rejects.toMatchObject({ code: 'relay-unreachable' });
});

test.each([
  ['a web server', createHttpServer((_request, response) => void response.end('hello'))],
  ['an HTTP/2 server that knows no gRPC', createHttp2Server((_request, response) => void response.writeHead(404).end())],
  ['an HTTP/2 server that serves pages', createHttp2Server((_request, response) => void response.end('<html>'))],
])('%s at the port', async (_, other: Server) => {
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve);
  });
  stops.push(() => other.close());
  const address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
  await expect(follow({ address, tls: false })).rejects.toMatchObject({ code: 'relay-incompatible' });
});

test('whoever leaves is gone for the relay too', async () => {
  let cancelled = false;
  const address = await aRelay((call) => {
    call.on('cancelled', () => (cancelled = true));
    call.write(bytesOf(1));
  });
  const leave = new AbortController();
  const taken: Flow[] = [];
  const following = follow({ address, tls: false }, taken, leave.signal);
  await until(() => taken.length === 1, 'a flow');
  leave.abort();
  expect(timesOf(await following)).toEqual([1]);
  await until(() => cancelled, 'the relay to notice');
});

test('a reader that waits makes the relay wait, and loses nothing', async () => {
  const flows = 100_000;
  const large = encodeFlow(aFlow({ summary: 'x'.repeat(400) }), undefined);
  let written = 0;
  const address = await aRelay((call) => {
    const write = () => {
      while (written < flows) {
        written += 1;
        if (!call.write(large)) return void call.once('drain', write);
      }
      call.end();
    };
    write();
  });
  const relay = connectRelay({ address, tls: false });
  stops.push(() => relay.close());
  let taken = 0;
  let most = 0;
  for await (const batch of relay.getFlows({ follow: true }, new AbortController().signal)) {
    if (taken === 0) {
      await sleep(1500);
      most = written;
    }
    taken += batch.length;
  }
  expect(most).toBeLessThan(flows / 2);
  expect(taken).toBe(flows);
});
