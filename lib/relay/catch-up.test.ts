import { expect, test } from 'vitest';
import { aFlow } from '#lib/testing/flows.ts';
import { afterFlows, afterMeeting, catchUpRequests, type Enough, findGaps } from './catch-up.ts';
import type { RelayNode } from './client.ts';

const aNode = (name: string, overrides: Partial<RelayNode> = {}): RelayNode => ({
  name,
  version: '',
  address: '',
  state: 'NODE_CONNECTED',
  uptimeMs: 0,
  numFlows: 4095,
  maxFlows: 4095,
  seenFlows: 100_000,
  ...overrides,
});

test('nodes that talk are asked together, a little before the slowest of them', () => {
  expect(
    catchUpRequests(
      new Map([
        ['a', 100_000],
        ['b', 90_000],
      ]),
    ),
  ).toEqual([{ since: 89_000 }]);
});

test('a node that is quiet, or whose clock is behind, is asked on its own from its own time on', () => {
  expect(
    catchUpRequests(
      new Map([
        ['a', 100_000],
        ['b', 40_000],
        ['c', 99_000],
      ]),
    ),
  ).toEqual([{ since: 98_000 }, { since: 39_000, whitelist: [{ node_name: ['b'] }] }]);
});

test('nobody known, nothing to ask', () => {
  expect(catchUpRequests(new Map())).toEqual([]);
});

const known = new Map([
  ['a', 1000],
  ['b', 1000],
]);
const gapsOf = (starts: [string, number][], overlapped: string[] = [], nodes: RelayNode[] = []) =>
  findGaps(
    known,
    new Map(starts),
    new Map(overlapped.map((node) => [node, { overlapped: true }])),
    nodes,
    'relay-unreachable',
    9000,
  );

test.each([
  {
    name: 'memory that reaches back is no gap',
    gaps: gapsOf([
      ['a', 500],
      ['b', 1000],
    ]),
    expected: [],
  },
  {
    name: 'memory that begins later is one, of that node',
    gaps: gapsOf([
      ['a', 3000],
      ['b', 500],
    ]),
    expected: [{ from: 1000, to: 3000, reason: 'relay-unreachable', nodeName: 'a' }],
  },
  {
    name: 'of all nodes it is one of the cluster',
    gaps: gapsOf([
      ['a', 3000],
      ['b', 4000],
    ]),
    expected: [{ from: 1000, to: 4000, reason: 'relay-unreachable', nodeName: '' }],
  },
  { name: 'a known flow that came again proves that nothing is missing', gaps: gapsOf([['a', 3000]], ['a']), expected: [] },
  {
    name: 'an agent that runs since before and forgot nothing was only quiet',
    gaps: gapsOf([['a', 3000]], [], [aNode('a', { seenFlows: 10, uptimeMs: 8500 })]),
    expected: [],
  },
  {
    name: 'an agent that started since then has lost what was before',
    gaps: gapsOf([['a', 3000]], [], [aNode('a', { seenFlows: 10, uptimeMs: 6500 })]),
    expected: [{ from: 1000, to: 3000, reason: 'relay-unreachable', nodeName: 'a' }],
  },
])('$name', ({ gaps, expected }) => {
  expect(gaps).toEqual(expected);
});

/** How many of these flows (node and time) are read until there are enough; Infinity when there never are. */
function readUntil(isEnough: Enough, flows: Iterable<readonly [nodeName: string, time: number]>): number {
  let read = 0;
  for (const [nodeName, time] of flows) {
    read += 1;
    if (isEnough(aFlow({ nodeName, time }))) return read;
  }
  return Infinity;
}
function* flowsOf(nodes: readonly string[], from: number, to: number): Generator<readonly [string, number]> {
  for (let time = from; time < to; time += 1) for (const node of nodes) yield [node, time];
}

test('a replay ends after as many flows as there were', () => {
  expect(readUntil(afterFlows(3), flowsOf(['a'], 0, 10))).toBe(4);
});

test('a replay ends a little after it has met the live stream of every node', () => {
  const starts = new Map([
    ['a', 5000],
    ['b', 7000],
  ]);
  const read = readUntil(afterMeeting(starts, { since: 4000 }), flowsOf(['a', 'b'], 4000, 20_000));
  expect(read).toBeGreaterThan(2 * 3000);
  expect(read).toBeLessThan(2 * 5000);
});

test('it goes on while one node has not been met', () => {
  const starts = new Map([
    ['a', 5000],
    ['late', 9000],
  ]);
  expect(readUntil(afterMeeting(starts, { since: 4000 }), flowsOf(['a'], 4000, 20_000))).toBe(Infinity);
});

test('nodes that were quiet since before, or are not asked, are not waited for', () => {
  const quiet = new Map([
    ['a', 5000],
    ['quiet', 100],
  ]);
  expect(readUntil(afterMeeting(quiet, { since: 4000 }), flowsOf(['a'], 4000, 20_000))).toBeLessThan(3000);
  const request = { since: 50, whitelist: [{ node_name: ['quiet'] }] };
  expect(readUntil(afterMeeting(quiet, request), flowsOf(['quiet'], 50, 20_000))).toBeLessThan(3000);
});
