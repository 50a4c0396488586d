import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CausewayError } from '#lib/errors/errors.ts';
import { natsConfigOf } from './nats.ts';

const dir = mkdtempSync(join(tmpdir(), 'cw-'));
const file = join(dir, 'credentials');
writeFileSync(file, 'causeway:secret\n');
afterAll(() => rmSync(dir, { recursive: true }));

const parsed = (settings: Record<string, string>) =>
  natsConfigOf(Object.fromEntries(Object.entries(settings).map(([name, value]) => [`CAUSEWAY_NATS_${name}`, value])));

function refusal(settings: Record<string, string>): string {
  try {
    parsed(settings);
  } catch (error) {
    if (error instanceof CausewayError) return error.message;
  }
  return '';
}

test('without a URL there is no bus', () => {
  expect(parsed({ FLOWS: 'nonsense' })).toBeUndefined();
});

test('a URL alone reads flows; everything else is told', () => {
  expect(parsed({ URL: 'nats://a:4222, tls://b:4222' })).toMatchObject({
    servers: ['nats://a:4222', 'tls://b:4222'],
    flows: 'consume',
    consumer: 'causeway',
    credentials: undefined,
    tls: undefined,
  });
  const config = parsed({
    URL: 'nats://a:4222',
    CREDENTIALS_FILE: file,
    CA_FILE: '/ca',
    FLOWS: 'publish',
    REPLICAS: '3',
    CLUSTERS: 'x=prd-eu,dev',
  });
  expect(config).toMatchObject({ credentials: 'causeway:secret', tls: { ca: '/ca' }, flows: 'publish', replicas: 3 });
  expect([...(config?.clusters ?? [])]).toEqual([
    ['x', 'prd-eu'],
    ['*', 'dev'],
  ]);
});

test.each([
  [{ URL: 'http://a' }, /^CAUSEWAY_NATS_URL is nats:/],
  [{ URL: 'nats://user:hunter2@a:4222' }, /^CAUSEWAY_NATS_URL is nats:/],
  [{ URL: 'nats://a:1', FLOWS: 'both' }, /^CAUSEWAY_NATS_FLOWS is one of consume, publish, off$/],
  [{ URL: 'nats://a:1', CONSUMER: 'a.b' }, /CONSUMER/],
  [{ URL: 'nats://a:1', REPLICAS: '2' }, /REPLICAS is 1, 3 or 5/],
  [{ URL: 'nats://a:1', CERT_FILE: '/c' }, /CERT_FILE and CAUSEWAY_NATS_KEY_FILE/],
  [{ URL: 'nats://a:1', CLUSTERS: 'x=Not A Cluster' }, /CLUSTERS/],
  [{ URL: 'nats://a:1', CREDENTIALS_FILE: join(dir, 'none') }, /CREDENTIALS_FILE cannot be read/],
])('%j is refused with the variable’s name, and no secret is repeated', (settings, message) => {
  const said = refusal(settings);
  expect(said).toMatch(message);
  expect(said).not.toContain('hunter2');
});
