import { expect, test } from 'vitest';
import type { NodeState } from '#lib/flow/flow.ts';
import type { RelayNode } from './client.ts';
import { NodeWatch } from './node-watch.ts';

const polled = (states: Record<string, { readonly state?: NodeState; readonly seenFlows?: number }>): RelayNode[] =>
  Object.entries(states).map(([name, { state = 'NODE_CONNECTED', seenFlows = 0 }]) => ({
    name,
    version: '',
    address: '',
    state,
    uptimeMs: 0,
    numFlows: 0,
    maxFlows: 0,
    seenFlows,
  }));

const newestOf = () => 100_000;

/** Two nodes that talk. */
function aWatch(): NodeWatch {
  const watch = new NodeWatch();
  watch.polled(polled({ a: {}, b: {} }), 0, newestOf);
  watch.heard('a', 0);
  watch.heard('b', 0);
  return watch;
}

test('a node told to fail is asked for what it saw once it is connected', () => {
  const watch = aWatch();
  watch.told({ state: 'NODE_ERROR', nodeNames: ['a'], time: 90_000, message: '' }, newestOf);
  expect(watch.missed()).toEqual(new Map([['a', 85_000]]));
  watch.polled(polled({ a: { state: 'NODE_UNAVAILABLE' }, b: {} }), 1, newestOf);
  expect(watch.missed()).toEqual(new Map());
  watch.polled(polled({ a: {}, b: {} }), 2, newestOf);
  expect(watch.missed()).toEqual(new Map([['a', 85_000]]));
  watch.caughtUp('a');
  expect(watch.missed()).toEqual(new Map());
});

test('a node that is away and back between two polls is noticed, though nobody told', () => {
  const watch = aWatch();
  watch.polled(polled({ a: { state: 'NODE_UNAVAILABLE' }, b: {} }), 1, newestOf);
  watch.polled(polled({ a: {}, b: {} }), 2, newestOf);
  expect([...watch.missed().keys()]).toEqual(['a']);
});

test('a node removed and added again has missed something', () => {
  const watch = aWatch();
  watch.polled(polled({ b: {} }), 1, newestOf);
  expect(watch.connected()).toEqual(['b']);
  watch.polled(polled({ a: {}, b: {} }), 2, newestOf);
  expect([...watch.missed().keys()]).toEqual(['a']);
});

test('a node that sees flows and sends none, while others do, is silent; once for a new stream', () => {
  const watch = aWatch();
  watch.heard('b', 9000);
  watch.polled(polled({ a: { seenFlows: 7 }, b: { seenFlows: 7 } }), 9000, newestOf);
  expect(watch.silent(9000, newestOf)).toEqual(['a']);
  expect(watch.silent(9001, newestOf)).toEqual([]);
  expect([...watch.missed().keys()]).toEqual(['a']);
});

test('a node that sees nothing may be quiet, and where all are silent it is not the stream', () => {
  const idle = aWatch();
  idle.heard('b', 9000);
  idle.polled(polled({ a: { seenFlows: 0 }, b: { seenFlows: 7 } }), 9000, newestOf);
  expect(idle.silent(9000, newestOf)).toEqual([]);
  const still = aWatch();
  still.polled(polled({ a: { seenFlows: 7 }, b: { seenFlows: 7 } }), 9000, newestOf);
  expect(still.silent(9000, newestOf)).toEqual([]);
});
