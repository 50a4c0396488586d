import { expect, test } from 'vitest';
import type { DropPair } from '#lib/api/drops.ts';
import { newDrops } from './new-drops.ts';

const aPair = (more: Partial<DropPair>): DropPair => ({
  key: `${more.source}->${more.destination}:TCP/${more.port} ${more.reason}`,
  source: 'gateway/debug-shell',
  destination: 'payments/ledger',
  protocol: 'TCP',
  port: 80,
  reason: 'POLICY_DENIED',
  direction: 'EGRESS',
  count: 1,
  before: 0,
  series: [1, 0],
  firstSeen: 100,
  lastSeen: 200,
  newlySeen: true,
  policies: [],
  nodes: [],
  flows: 2,
  exampleUuid: '',
  ...more,
});

test('a scan over many ports is one line, led by the port with most drops', () => {
  const pairs = [
    aPair({ port: 22, firstSeen: 50 }),
    aPair({ port: 5432, count: 9, flows: 9 }),
    aPair({ port: 443, series: [0, 3] }),
  ];
  expect(newDrops({ pairs })).toEqual([
    expect.objectContaining({
      morePorts: 2,
      drops: 11,
      flows: 13,
      series: [2, 3],
      firstSeen: 50,
      pair: expect.objectContaining({ port: 5432 }),
    }),
  ]);
});

test('other peers and other reasons are lines of their own, newest first; what was seen before is none', () => {
  const pairs = [
    aPair({ source: 'a/b', firstSeen: 10 }),
    aPair({ reason: 'AUTH_REQUIRED', firstSeen: 30 }),
    aPair({ firstSeen: 20 }),
    aPair({ destination: 'x/y', newlySeen: false }),
  ];
  expect(newDrops({ pairs }).map(({ firstSeen }) => firstSeen)).toEqual([30, 20, 10]);
});
