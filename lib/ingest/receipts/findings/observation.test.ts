import { expect, test } from 'vitest';
import type { RelayNode } from '#lib/relay/client.ts';
import { ObservationLog } from './observation.ts';

const NOW = Date.UTC(2026, 2, 2, 14);
const node = (name: string, more: Partial<RelayNode> = {}): RelayNode => ({
  name: `c/${name}`,
  version: '1.19.0',
  address: '',
  state: 'NODE_CONNECTED',
  uptimeMs: 1,
  numFlows: 1,
  maxFlows: 1,
  seenFlows: 100,
  ...more,
});

/** Five flows of a node, each so long on its way at least. */
function send(log: ObservationLog, name: string, lagMs: number, now: number): void {
  for (let flow = 0; flow < 5; flow += 1) log.flow(`c/${name}`, now - lagMs - flow, now);
}

test('a node that sends nothing while its own count grows is silent after a minute, and not any more once it sends', () => {
  const log = new ObservationLog(NOW);
  log.flow('c/a', NOW, NOW);
  const silent = (seconds: number, seenFlows: number) =>
    log.take([node('a', { seenFlows })], 'live', NOW + seconds * 1000).silent;
  expect(silent(10, 100)).toEqual([]);
  expect(silent(59, 500)).toEqual([]);
  expect(silent(61, 500)).toEqual([{ node: 'a', since: NOW, missed: 400 }]);
  log.flow('c/a', NOW + 62_000, NOW + 62_000);
  expect(silent(63, 600)).toEqual([]);
});

test('a quiet node whose count stands still is not silent', () => {
  const log = new ObservationLog(NOW);
  log.flow('c/a', NOW, NOW);
  for (const seconds of [10, 70, 130]) expect(log.take([node('a')], 'live', NOW + seconds * 1000).silent).toEqual([]);
});

test('a node is missing when the relay had no connection to it twice; one that is gone is not expected', () => {
  const log = new ObservationLog(NOW);
  const nodes = [node('a', { state: 'NODE_UNAVAILABLE' }), node('b', { state: 'NODE_GONE' })];
  expect(log.take(nodes, 'live', NOW + 1)).toMatchObject({ missing: [], nodes: 1 });
  expect(log.take(nodes, 'live', NOW + 2).missing).toEqual(['a']);
  expect(log.take([node('a')], 'live', NOW + 3).missing).toEqual([]);
});

test('a clock ahead is told at once, one that is behind in the second look in a row', () => {
  const log = new ObservationLog(NOW);
  const skews = (now: number) => log.take([], 'live', now).skews;
  send(log, 'a', 100, NOW);
  send(log, 'b', -2500, NOW);
  send(log, 'late', 3000, NOW);
  expect(skews(NOW)).toEqual([{ node: 'b', ms: 2500 }]);
  send(log, 'a', 100, NOW);
  send(log, 'late', 3000, NOW);
  expect(skews(NOW)).toEqual([{ node: 'late', ms: -2900 }]);
});

test('while the past is caught up with no clock is behind', () => {
  const log = new ObservationLog(NOW);
  for (let look = 0; look < 3; look += 1) {
    send(log, 'a', 600_000, NOW);
    send(log, 'b', 900_000, NOW);
    expect(log.take([], 'live', NOW).skews).toEqual([]);
  }
});

test('while the relay is away it is not said of a node that it is missing or silent', () => {
  const log = new ObservationLog(NOW);
  const nodes = [node('a', { state: 'NODE_UNAVAILABLE' })];
  log.take(nodes, 'reconnecting', NOW);
  const window = log.take(nodes, 'reconnecting', NOW + 90_000);
  expect(window).toMatchObject({ missing: [], silent: [], unknown: ['The relay is not connected: nothing is seen now.'] });
});

test('a window begins where the one before ended, with its own losses and gaps', () => {
  const log = new ObservationLog(NOW);
  log.lost({ time: NOW, nodeName: 'c/a', source: 'HUBBLE_RING_BUFFER', count: 2, first: undefined, last: undefined });
  log.lost({ time: NOW, nodeName: 'c/a', source: 'HUBBLE_RING_BUFFER', count: 3, first: undefined, last: undefined });
  log.gap({ from: NOW, to: NOW + 5, reason: 'relay-restarted', nodeName: '' });
  expect(log.take([], 'live', NOW + 10)).toMatchObject({
    from: NOW,
    to: NOW + 10,
    lost: [{ node: 'a', count: 5 }],
    gaps: [{ reason: 'relay-restarted', node: '' }],
  });
  expect(log.take([], 'live', NOW + 20)).toMatchObject({ from: NOW + 10, lost: [], gaps: [] });
});
