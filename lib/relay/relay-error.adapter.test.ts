import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';
import type { RelayTarget } from '#lib/api/clusters.ts';
import { certificateAuthority } from '#lib/testing/certificates.ts';
import { connectRelay } from './client.ts';
import { hubbleApi } from './proto.ts';

const authority = certificateAuthority();
const names = ['ui.hubble-relay.cilium.io', 'localhost'];
const server = authority.issue(names);
const client = authority.issue(['console']);
const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** A relay that knows only ServerStatus, and answers `code`. */
async function relayWith(credentials: ServerCredentials, code?: status): Promise<string> {
  const grpc = new Server();
  grpc.addService(
    { ServerStatus: hubbleApi().method('ServerStatus') },
    {
      ServerStatus: (_call: unknown, callback: (error: object | null, answer?: object) => void) =>
        code === undefined ? callback(null, { version: 'hubble-relay v1' }) : callback({ code, details: 'because' }),
    },
  );
  stops.push(() => grpc.forceShutdown());
  const port = await new Promise<number>((resolve, reject) =>
    grpc.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  return `127.0.0.1:${port}`;
}

const tlsCredentials = (certificate = server, withClients = false) =>
  ServerCredentials.createSsl(
    Buffer.from(authority.cert),
    [{ cert_chain: Buffer.from(certificate.cert), private_key: Buffer.from(certificate.key) }],
    withClients,
  );

async function listening(tcp: TcpServer): Promise<string> {
  await new Promise<void>((resolve) => {
    tcp.listen(0, '127.0.0.1', resolve);
  });
  stops.push(() => tcp.close());
  return `127.0.0.1:${(tcp.address() as AddressInfo).port}`;
}

async function ask(target: RelayTarget): Promise<string> {
  const relay = connectRelay(target);
  try {
    return (await relay.serverStatus()).version;
  } finally {
    relay.close();
  }
}

const withCa = (address: string, rest: Partial<RelayTarget> = {}): RelayTarget => ({
  address,
  tls: true,
  tlsCaFile: authority.certFile,
  tlsServerName: names[0],
  ...rest,
});
const asClient = { tlsCertFile: client.certFile, tlsKeyFile: client.keyFile };

test('TLS with the right CA and name works', async () => {
  expect(await ask(withCa(await relayWith(tlsCredentials())))).toBe('hubble-relay v1');
});

test('mutual TLS with a client certificate works', async () => {
  expect(await ask(withCa(await relayWith(tlsCredentials(server, true)), asClient))).toBe('hubble-relay v1');
});

test('nothing listens', async () => {
  await expect(ask({ address: '127.0.0.1:1', tls: false })).rejects.toMatchObject({
    code: 'relay-unreachable',
    message: 'Nothing listens on 127.0.0.1:1 (connection refused).',
  });
});

test('the host name does not exist', async () => {
  await expect(ask({ address: 'relay.invalid:4245', tls: false })).rejects.toMatchObject({ code: 'relay-unreachable' });
});

test('the certificate has expired', async () => {
  const expired = authority.issue(names, { fromMs: -86_400_000, toMs: -3_600_000 });
  const address = await relayWith(tlsCredentials(expired));
  await expect(ask(withCa(address))).rejects.toMatchObject({
    code: 'relay-tls',
    message: `The certificate of ${address} has expired.`,
  });
});

test('the certificate is not valid yet', async () => {
  const early = authority.issue(names, { fromMs: 3_600_000 });
  await expect(ask(withCa(await relayWith(tlsCredentials(early))))).rejects.toMatchObject({
    code: 'relay-tls',
    message: expect.stringContaining('not valid yet'),
  });
});

test('the certificate is signed by an unknown CA', async () => {
  const address = await relayWith(tlsCredentials());
  const other = certificateAuthority('Another CA');
  for (const target of [withCa(address, { tlsCaFile: other.certFile }), { address, tls: true, tlsServerName: names[0] }]) {
    await expect(ask(target)).rejects.toMatchObject({ code: 'relay-tls', message: expect.stringContaining('CA') });
  }
});

test('the certificate is for another name', async () => {
  await expect(ask(withCa(await relayWith(tlsCredentials()), { tlsServerName: 'other.example' }))).rejects.toMatchObject({
    code: 'relay-tls',
    message: expect.stringContaining('for another name'),
  });
});

test('a client certificate is asked for', async () => {
  const address = await relayWith(tlsCredentials(server, true));
  await expect(ask(withCa(address))).rejects.toMatchObject({
    code: 'relay-tls',
    message: expect.stringContaining('asks for a client certificate'),
  });
});

test('the client certificate is of a CA that the relay does not know', async () => {
  const stranger = certificateAuthority('Stranger').issue(['console']);
  const address = await relayWith(tlsCredentials(server, true));
  const target = withCa(address, { tlsCertFile: stranger.certFile, tlsKeyFile: stranger.keyFile });
  await expect(ask(target)).rejects.toMatchObject({ code: 'relay-tls' });
});

test('plain text to a relay with TLS', async () => {
  const address = await relayWith(tlsCredentials());
  await expect(ask({ address, tls: false })).rejects.toMatchObject({
    code: 'relay-tls',
    message: expect.stringContaining('expects TLS'),
  });
});

test('TLS to a relay without', async () => {
  const address = await relayWith(ServerCredentials.createInsecure());
  await expect(ask(withCa(address))).rejects.toMatchObject({
    code: 'relay-tls',
    message: expect.stringContaining('answers without TLS'),
  });
});

test('a web server at the port', async () => {
  const http = createHttpServer((_request, response) => void response.end('hello'));
  await expect(ask({ address: await listening(http), tls: false })).rejects.toMatchObject({
    code: 'relay-incompatible',
    message: expect.stringContaining('plain HTTP server'),
  });
});

test('an HTTP/2 server that knows no gRPC', async () => {
  const http2 = createHttp2Server((_request, response) => {
    response.statusCode = 404;
    response.end();
  });
  await expect(ask({ address: await listening(http2), tls: false })).rejects.toMatchObject({ code: 'relay-incompatible' });
});

test('something else at the port', async () => {
  const ssh = createTcpServer((socket) => void socket.on('error', () => undefined).write('SSH-2.0-OpenSSH_9.2\r\n'));
  await expect(ask({ address: await listening(ssh), tls: false })).rejects.toMatchObject({
    code: 'relay-incompatible',
    message: expect.stringContaining('something other than gRPC'),
  });
});

test.each([
  [status.UNIMPLEMENTED, 'relay-incompatible'],
  [status.UNAUTHENTICATED, 'relay-refused'],
  [status.PERMISSION_DENIED, 'relay-refused'],
  [status.INVALID_ARGUMENT, 'bad-filter'],
  [status.UNAVAILABLE, 'relay-unreachable'],
])('gRPC status %s becomes %s', async (code, expected) => {
  const address = await relayWith(ServerCredentials.createInsecure(), code);
  await expect(ask({ address, tls: false })).rejects.toMatchObject({ code: expected });
});

test('certificate files that are missing, wrong or alone', async () => {
  const address = '127.0.0.1:1';
  const message = expect.stringMatching(/cannot be read|not a PEM certificate|needs both/);
  for (const files of [{ tlsCaFile: '/no/such/file' }, { tlsCaFile: authority.keyFile }, { tlsCertFile: client.certFile }]) {
    await expect(async () => ask({ address, tls: true, ...files })).rejects.toMatchObject({ code: 'relay-tls', message });
  }
});
