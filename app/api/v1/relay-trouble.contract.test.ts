import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, ClusterList, ClusterStatus, type RelayTarget } from '#lib/api/clusters.ts';
import { FlowPage } from '#lib/api/flows.ts';
import { encodeFlow } from '#lib/demo/encode.ts';
import { type Certificate, certificateAuthority } from '#lib/testing/certificates.ts';
import { aFlow } from '#lib/testing/flows.ts';
import { cookieFor, pageRequest, withParams } from '#lib/testing/platform.ts';
import { until } from '#lib/testing/postgres.ts';
import { scriptedRelay } from '#lib/testing/scripted-relay.ts';
import { startTraffic, type Traffic } from '#lib/testing/traffic.ts';
import { GET as CLUSTERS } from './clusters/route.ts';
import { GET as FLOWS } from './clusters/[cluster]/flows/route.ts';
import { GET as STATUS } from './clusters/[cluster]/status/route.ts';

const authority = certificateAuthority();
const folder = mkdtempSync(join(tmpdir(), 'cw-certs-'));
const laterCa = join(folder, 'later.crt');
const stops: (() => unknown)[] = [];

const oneFlow = (uuid: string, credentials?: ServerCredentials) =>
  scriptedRelay({
    send: (call) =>
      void (call.request.follow ? call.write(encodeFlow(aFlow({ uuid, time: Date.now() }), undefined)) : call.end()),
    ...(credentials && { credentials }),
  }).then((relay) => (stops.push(() => relay.close()), relay.address));

const withTls = ({ cert, key }: Certificate) =>
  ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }]);

async function listening(server: NetServer): Promise<string> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  stops.push(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Begins a message of 100 bytes, and hangs up after three. */
function halfAFrame(): NetServer {
  const server = createHttp2Server();
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    stream.write(Buffer.from([0, 0, 0, 0, 100, 1, 2, 3]));
    setTimeout(() => stream.session?.destroy(), 20);
  });
  return server;
}

/** A gRPC server that knows none of a relay's calls. */
async function anotherService(): Promise<string> {
  const server = new Server();
  stops.push(() => server.forceShutdown());
  const port = await new Promise<number>((resolve) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_error, bound) => resolve(bound)),
  );
  return `127.0.0.1:${port}`;
}

let traffic: Traffic;
let admin: string;

beforeAll(async () => {
  const good = authority.issue(['localhost', 'relay']);
  const expired = authority.issue(['relay'], { fromMs: -2 * 86_400_000, toMs: -86_400_000 });
  const tls = { tls: true, tlsCaFile: authority.certFile, tlsServerName: 'relay' };
  const relays: Record<string, RelayTarget> = {
    'a-bad-file': { address: await oneFlow('later', withTls(good)), ...tls, tlsCaFile: laterCa },
    closed: { address: '127.0.0.1:1', tls: false },
    expired: { address: await oneFlow('never', withTls(expired)), ...tls },
    half: { address: await listening(halfAFrame()), tls: false },
    nameless: { address: 'no-such-host.invalid:4245', tls: false },
    other: { address: await anotherService(), tls: false },
    plain: { address: await oneFlow('never'), tls: true },
    silent: { address: await listening(createTcpServer((socket) => socket.end('220 smtp\r\n'))), tls: false },
    'z-good': { address: await oneFlow('good'), tls: false },
  };
  traffic = await startTraffic(Object.entries(relays).map(([id, relay]) => ({ id, relay })));
  admin = await cookieFor('ada', [{ role: 'admin', scope: '*' }]);
});
afterAll(async () => {
  await traffic.close();
  for (const stop of stops) await stop();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (path: string) => pageRequest(`/api/v1/clusters${path}`, { cookie: admin });
const clusters = async (): Promise<Map<string, Cluster>> =>
  new Map(
    ClusterList.parse(await (await CLUSTERS(ask(''), withParams())).json()).clusters.map((cluster) => [cluster.id, cluster]),
  );
const flowsOf = async (cluster: string) =>
  FlowPage.parse(await (await FLOWS(ask(`/${cluster}/flows`), withParams({ cluster }))).json()).flows.map(({ uuid }) => uuid);

test('whatever is wrong with other relays, a good one is followed', async () => {
  await until(async () => (await clusters()).get('z-good')?.state === 'live', 'the good relay to be followed');
  await expect.poll(() => flowsOf('z-good'), { timeout: 10_000 }).toEqual(['good']);
});

test.each([
  ['closed', 'connecting', /^Nothing listens on 127\.0\.0\.1:1 \(connection refused\)\.$/],
  ['nameless', 'connecting', /no-such-host\.invalid.*(not exist|found|resolve)/i],
  ['expired', 'failed', /certificate.*expired/i],
  ['a-bad-file', 'failed', /later\.crt cannot be read/],
  ['plain', 'failed', /TLS/],
  ['other', 'failed', /not a Hubble Relay/],
  ['silent', 'failed', /./],
  ['half', 'connecting', /./],
])('%s: its cluster says so in one line, and its views are there', async (id, state, detail) => {
  await until(async () => ((await clusters()).get(id)?.stateDetail ?? '') !== '', `a word about ${id}`);
  const cluster = (await clusters()).get(id);
  expect(cluster?.state).toBe(state);
  expect(cluster?.stateDetail).toMatch(detail);
  expect(cluster?.stateDetail).not.toMatch(/[\n\r]/);
  const status = ClusterStatus.parse(await (await STATUS(ask(`/${id}/status`), withParams({ cluster: id }))).json());
  expect(status).toMatchObject({ state, received: 0, stateDetail: cluster?.stateDetail });
  expect(await flowsOf(id)).toEqual([]);
});

test('a certificate that comes, or is renewed, is taken without a restart', async () => {
  writeFileSync(laterCa, authority.cert);
  await until(async () => (await clusters()).get('a-bad-file')?.state === 'live', 'the relay to be followed', 40_000);
  await expect.poll(() => flowsOf('a-bad-file'), { timeout: 10_000 }).toEqual(['later']);
});
