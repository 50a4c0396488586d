import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Problem } from '#lib/api/common.ts';
import { KeyList } from '#lib/api/receipts.ts';
import { putTrustSetting } from '#lib/db/receipts/trust.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { keyRoutes } from '#lib/ingest/keys/routes.ts';
import { type IngestServer, serveIngest } from '#lib/ingest/server.ts';
import { readKeyFile } from '#lib/keys/key-file.ts';
import { openSigningKeys, type SigningKeys } from '#lib/keys/signing-keys.ts';
import { toBase64Url } from '#lib/receipts/base64.ts';
import { keyOfJwkX, thumbprint } from '#lib/receipts/public-key.ts';
import { parseTrust, trustToSign } from '#lib/receipts/trust.ts';
import { putCluster } from '#lib/db/platform/clusters.ts';
import { cookieFor, pageRequest, type Platform, startPlatform, withParams } from '#lib/testing/platform.ts';
import { TestKey } from '#lib/testing/receipts.ts';
import { GET as JWKS } from '../../../.well-known/causeway/jwks.json/route.ts';
import { GET as TRUST } from '../../../.well-known/causeway/trust.json/route.ts';
import { POST as COMPROMISE } from './[kid]/compromise/route.ts';
import { POST as ROTATE } from './rotation/route.ts';
import { GET } from './route.ts';
import { PUT as IMPORT } from './trust/route.ts';

const directory = mkdtempSync(join(tmpdir(), 'cw-keys-'));
let platform: Platform;
let db: TrafficDb;
let keys: SigningKeys;
let ingest: IngestServer;
let admin: string;

beforeAll(async () => {
  platform = await startPlatform();
  db = openTrafficDb(process.env['DATABASE_URL'] ?? '', 1);
  keys = await openSigningKeys({ directory, db, log: pino({ level: 'silent' }), everyMs: 3_600_000 });
  const token = process.env['INGEST_TOKEN'] ?? '';
  ingest = await serveIngest({ url: 'http://127.0.0.1:0', token }, keyRoutes(db, keys), pino({ level: 'silent' }));
  process.env['INGEST_URL'] = ingest.url;
  admin = await cookieFor('ada', [{ role: 'admin', scope: '*' }]);
});
afterAll(async () => {
  await ingest.close();
  keys.close();
  await db.close();
  await platform.close();
  rmSync(directory, { recursive: true, force: true });
});

const send = (method: string, path: string, body: unknown): Request =>
  pageRequest(path, { method, cookie: admin, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const list = async (search = '') =>
  KeyList.parse(await (await GET(pageRequest(`/api/v1/keys${search}`, { cookie: admin }), withParams())).json());
const rotate = (body: unknown) => ROTATE(send('POST', '/api/v1/keys/rotation', body), withParams());
const compromise = (kid: string, body: unknown) =>
  COMPROMISE(send('POST', `/api/v1/keys/${kid}/compromise`, body), withParams({ kid }));
const takeOver = (body: unknown) => IMPORT(send('PUT', '/api/v1/keys/trust', body), withParams());
const trust = (search = '', headers: Record<string, string> = {}) =>
  TRUST(pageRequest(`/.well-known/causeway/trust.json${search}`, { headers }), withParams());
const problemOf = async (response: Response) => [response.status, Problem.parse(await response.json()).detail ?? ''] as const;
const lastAudit = async () =>
  (await db.rows<{ body: string }>('SELECT body FROM audit_event ORDER BY seq DESC LIMIT 1'))[0]?.body;

test('nobody is told whom to believe before there is a log', async () => {
  expect((await trust()).status).toBe(404);
  await putTrustSetting(db, { organisation: 'aegis', witnesses: [], quorum: 0 }, Date.now());
  expect(await problemOf(await trust())).toEqual([404, expect.stringContaining('no cluster yet')]);
  await putCluster({
    id: 'prd',
    name: 'Production',
    environment: 'PRD',
    demo: false,
    relay: { address: 'relay.invalid:4245', tls: false },
  });
  expect((await trust()).status).toBe(200);
});

test('the key set is public, cacheable for five minutes, readable by other origins, and in the form of RFC 8037', async () => {
  const answer = await JWKS(new Request('http://127.0.0.1:3999/.well-known/causeway/jwks.json'), withParams());
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/jwk-set+json');
  expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  const { keys: jwks } = (await answer.json()) as { keys: Record<string, string>[] };
  expect(jwks).toHaveLength(2);
  for (const { x = '', kid, ...rest } of jwks) {
    expect(rest).toEqual({ kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'Ed25519' });
    expect(thumbprint(keyOfJwkX(x) ?? new Uint8Array())).toBe(kid);
  }
});

test('the trust bundle is public, and whoever has it already gets no bytes', async () => {
  const answer = await TRUST(new Request('http://127.0.0.1:3999/.well-known/causeway/trust.json'), withParams());
  const etag = answer.headers.get('etag') ?? '';
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
  const { file } = parseTrust(await answer.text());
  expect(file.origins).toEqual([{ cluster_id: 'prd', origin: 'causeway.aegis/prd' }]);
  expect((await trust('', { 'if-none-match': etag })).status).toBe(304);
  expect((await trust('?later=1')).status).toBe(400);
});

test('the list says which key signs, whether its private part is here, and nothing more of it', async () => {
  const answer = await list('?cluster=prd');
  expect(answer).toMatchObject({ problem: '', warnings: [], makesKeys: true, overlapMs: 86_400_000, quorum: 0 });
  expect(answer.keys.map(({ role, state, isHere, signs }) => `${role} ${state} ${isHere} ${signs}`).toSorted()).toEqual([
    'checkpoint active true true',
    'receipt active true true',
  ]);
  expect(answer.keys[0]?.source).toMatch(/^[a-z]+-\d{8}T\d{6}-.{8}\.pem$/);
  expect(JSON.stringify(answer)).not.toContain(directory);
  expect((await GET(pageRequest('/api/v1/keys?cluster=nope', { cookie: admin }), withParams())).status).toBe(404);
});

test('a rotation introduces a key, is written down with who asked for it, and is not begun twice', async () => {
  const answer = await rotate({ role: 'receipt', reason: 'yearly' });
  expect(answer.status).toBe(201);
  const pending = KeyList.parse(await answer.json()).keys.find(({ state }) => state === 'pending');
  expect(pending).toMatchObject({ role: 'receipt', isHere: true, signs: false });
  expect(await lastAudit()).toContain('"action":"key.rotate"');
  expect(await lastAudit()).toContain('"name":"ada"');
  const [status, detail] = await problemOf(await rotate({ role: 'receipt', reason: 'once more' }));
  expect([status, detail]).toEqual([409, expect.stringContaining(`key ${pending?.kid} takes over at`)]);
  expect((await rotate({ role: 'root', reason: 'yearly' })).status).toBe(422);
});

test('a compromise is written down, and another key signs at once', async () => {
  const lost = (await list()).keys.find(({ role, signs }) => role === 'receipt' && signs)?.kid ?? '';
  const reason = 'it was seen on a paste site';
  expect((await compromise(lost, { at: Date.now() - 1000, reason: 'short' })).status).toBe(422);
  expect((await compromise(lost, { at: Date.now() + 60_000, reason })).status).toBe(422);
  expect((await compromise('x'.repeat(43), { at: 1, reason })).status).toBe(404);
  const answer = KeyList.parse(await (await compromise(lost, { at: Date.now() - 1000, reason })).json());
  expect(answer.keys.find(({ kid }) => kid === lost)).toMatchObject({ state: 'compromised', isHere: false, signs: false });
  expect(answer.keys.filter(({ role, signs }) => role === 'receipt' && signs)).toHaveLength(1);
  expect(await lastAudit()).toContain('"action":"key.compromise"');
  expect((await compromise(lost, { at: Date.now(), reason })).status).toBe(409);
});

test('a bundle that the root has signed is taken over and handed out; the present state stays to be had', async () => {
  const root = new TestKey();
  const { file } = parseTrust(await (await trust('?present=1')).text());
  const signature = { alg: 'Ed25519', kid: root.kid, sig: toBase64Url(root.sign(trustToSign(file))) };
  const bundle = JSON.stringify({ ...file, signature });
  expect((await takeOver({ bundle, root: new TestKey().x })).status).toBe(422);
  expect((await takeOver({ bundle: '{}', root: root.x })).status).toBe(422);
  const answer = KeyList.parse(await (await takeOver({ bundle, root: root.x })).json());
  expect(answer.root).toMatchObject({ kid: root.kid, x: root.x, importedBy: 'ada', isCurrent: true });
  expect(await lastAudit()).toContain('"action":"trust.import"');
  expect(parseTrust(await (await trust()).text()).file.signature).toEqual(signature);
  expect(parseTrust(await (await trust('?present=1')).text()).file.signature).toBeUndefined();
  expect((await rotate({ role: 'checkpoint', reason: 'yearly' })).status).toBe(201);
  expect((await list()).root?.isCurrent).toBe(false);
  expect(await problemOf(await takeOver({ bundle, root: root.x }))).toEqual([409, expect.stringContaining('have changed')]);
});

test('no answer holds anything of a private part', async () => {
  const seeds = readdirSync(directory).map(
    (name) => readKeyFile(join(directory, name)).privateKey.export({ format: 'jwk' }).d ?? '',
  );
  expect(seeds.length).toBeGreaterThan(1);
  const answers = [
    JSON.stringify(await list('?cluster=prd')),
    await (await trust()).text(),
    await (await trust('?present=1')).text(),
    await (await JWKS(new Request('http://127.0.0.1:3999/.well-known/causeway/jwks.json'), withParams())).text(),
    await (await rotate({ role: 'checkpoint', reason: 'once more' })).text(),
  ].join('');
  for (const seed of seeds) {
    const bytes = Buffer.from(seed, 'base64url');
    for (const form of [seed, bytes.toString('base64'), bytes.toString('hex')]) expect(answers.includes(form)).toBe(false);
  }
});
