import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isLoopback, parseConfig } from './config.ts';

const enough = {
  DATABASE_URL: 'postgresql://localhost/causeway',
  INGEST_URL: 'unix:/run/ingest.sock',
  INGEST_TOKEN: 'ingest-token-of-16',
  NEXTAUTH_SECRET: 'a-secret-of-thirty-two-characters',
};
const oidc = {
  OIDC_ISSUER: 'https://idp.example/realm',
  OIDC_CLIENT_ID: 'causeway',
  OIDC_CLIENT_SECRET: 'hush',
  OIDC_ROLE_MAP: '{"group-1":[{"role":"viewer","scope":"*"}]}',
};

test('what is not set has a safe default', () => {
  expect(parseConfig(enough)).toMatchObject({
    demo: false,
    host: '127.0.0.1',
    port: 3000,
    publicUrl: 'http://127.0.0.1:3000',
    oidc: undefined,
    session: { maxMinutes: 480, idleMinutes: 60 },
    logLevel: 'info',
  });
});

test('a provider is taken as a whole', () => {
  expect(parseConfig({ ...enough, ...oidc }).oidc).toMatchObject({
    issuer: 'https://idp.example/realm',
    groupsClaim: 'groups',
    scope: 'openid profile email',
  });
});

test.each([
  { name: 'nothing', set: {}, acr: [], amr: ['mfa', 'otp', 'hwk', 'swk', 'fido', 'pop'], acrValues: undefined },
  { name: 'levels', set: { OIDC_STEP_UP_ACR: 'c1, urn:aal3' }, acr: ['c1', 'urn:aal3'], amr: [], acrValues: 'c1 urn:aal3' },
  { name: 'methods', set: { OIDC_STEP_UP_AMR: 'hwk' }, acr: [], amr: ['hwk'], acrValues: undefined },
  {
    name: 'both, and what to ask for',
    set: { OIDC_STEP_UP_ACR: 'c1', OIDC_STEP_UP_AMR: 'otp', OIDC_ACR_VALUES: 'c2' },
    acr: ['c1'],
    amr: ['otp'],
    acrValues: 'c2',
  },
])('with $name set, that is what shows a second factor', ({ set, acr, amr, acrValues }) => {
  expect(parseConfig({ ...enough, ...oidc, ...set }).oidc?.stepUp).toEqual({ acr, amr, acrValues, noAuthTime: false });
});

test.each([
  { name: 'a missing database', change: { DATABASE_URL: undefined }, line: 'DATABASE_URL is not set' },
  { name: 'an empty database', change: { DATABASE_URL: '' }, line: 'DATABASE_URL is not set' },
  { name: 'another kind of database', change: { DATABASE_URL: 'mysql://x' }, line: 'DATABASE_URL begins with postgresql://' },
  { name: 'a short secret', change: { NEXTAUTH_SECRET: 'short' }, line: 'NEXTAUTH_SECRET has at least 32 characters' },
  { name: 'a port that is none', change: { CAUSEWAY_PORT: '70000' }, line: 'CAUSEWAY_PORT' },
  { name: 'a flag that is none', change: { CAUSEWAY_DEMO: 'yes' }, line: 'CAUSEWAY_DEMO is 1 or 0' },
  {
    name: 'demo mode beside a provider',
    change: { ...oidc, CAUSEWAY_DEMO: '1' },
    line: 'CAUSEWAY_DEMO is set beside OIDC_ISSUER',
  },
  {
    name: 'demo mode for others to reach',
    change: { CAUSEWAY_DEMO: '1', CAUSEWAY_HOST: '0.0.0.0' },
    line: 'CAUSEWAY_HOST is not a loopback address',
  },
  {
    name: 'demo mode behind a public name',
    change: { CAUSEWAY_DEMO: '1', CAUSEWAY_PUBLIC_URL: 'https://causeway.example' },
    line: 'CAUSEWAY_PUBLIC_URL is not a loopback',
  },
  {
    name: 'demo mode on a name that only looks local',
    change: { CAUSEWAY_DEMO: '1', CAUSEWAY_HOST: '127.0.0.1.evil.example' },
    line: 'CAUSEWAY_HOST is not',
  },
  {
    name: 'half a provider',
    change: { OIDC_ISSUER: 'https://idp.example' },
    line: 'OIDC_CLIENT_ID is not set, though OIDC_ISSUER is',
  },
  {
    name: 'a provider without its issuer',
    change: { OIDC_CLIENT_SECRET: 'hush' },
    line: 'OIDC_ISSUER is not set, though OIDC_CLIENT_SECRET is',
  },
  {
    name: 'a provider without TLS',
    change: { ...oidc, OIDC_ISSUER: 'http://idp.example' },
    line: 'OIDC_ISSUER begins with https://',
  },
  { name: 'a role map that is not JSON', change: { ...oidc, OIDC_ROLE_MAP: '{' }, line: 'OIDC_ROLE_MAP is not JSON' },
  {
    name: 'a secret file that is not there',
    change: { INGEST_TOKEN_FILE: '/nowhere/at/all' },
    line: 'INGEST_TOKEN_FILE cannot be read',
  },
])('$name is refused by its name', ({ change, line }) => {
  expect(() => parseConfig({ ...enough, ...change })).toThrow(line);
});

test('all that is wrong is said at once, and no value is repeated', () => {
  const say = () => parseConfig({ NEXTAUTH_SECRET: 'hunter2', INGEST_URL: 'ftp://user:hunter2@x' });
  expect(say).toThrow(/DATABASE_URL[^]*INGEST_URL[^]*INGEST_TOKEN[^]*NEXTAUTH_SECRET/);
  expect(say).not.toThrow(/hunter2/);
});

test('a secret may come from a file', () => {
  const dir = mkdtempSync(join(tmpdir(), 'cw-'));
  writeFileSync(join(dir, 'token'), 'token-from-a-file-1\n');
  expect(parseConfig({ ...enough, INGEST_TOKEN: undefined, INGEST_TOKEN_FILE: join(dir, 'token') }).ingest.token).toBe(
    'token-from-a-file-1',
  );
  rmSync(dir, { recursive: true });
});

test.each([
  ['127.0.0.1', true],
  ['127.8.9.1', true],
  ['localhost', true],
  ['::1', true],
  ['[::1]', true],
  ['0.0.0.0', false],
  ['localhost.evil', false],
  ['10.0.0.1', false],
] as const)('isLoopback(%s) is %s', (host, loopback) => expect(isLoopback(host)).toBe(loopback));
