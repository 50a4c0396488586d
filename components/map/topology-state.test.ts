import { expect, test } from 'vitest';
import { applyDelta } from './topology-state.ts';
import { receive } from './use-topology.ts';
import { anEdge, aNode, aTopology, largeWorld } from './world.fixture.ts';

const base = aTopology([anEdge('a/x->a/y:TCP/80'), anEdge('a/y->a/z:TCP/81')]);
const quiet = {
  from: 1,
  to: 2,
  lastUpdated: 3,
  coverage: base.coverage,
  nodes: [],
  edges: [],
  removedNodes: [],
  removedEdges: [],
};

test('a delta replaces what changed in place, appends what is new and takes away what left the window', () => {
  const busier = anEdge('a/x->a/y:TCP/80', { FORWARDED: 99 });
  const fresh = anEdge('a/x->a/w:TCP/82');
  const next = applyDelta(base, {
    ...quiet,
    edges: [busier, fresh],
    nodes: [aNode('a/w')],
    removedEdges: ['a/y->a/z:TCP/81'],
    removedNodes: ['a/z'],
  });
  expect(next.edges).toEqual([busier, fresh]);
  expect(next.nodes.map(({ id }) => id)).toEqual(['a/x', 'a/y', 'a/w']);
  expect(next).toMatchObject({ from: 1, to: 2, lastUpdated: 3 });
});

test('what a delta does not name keeps its identity', () => {
  const next = applyDelta(base, { ...quiet, edges: [anEdge('a/x->a/y:TCP/80', { DROPPED: 1 })] });
  expect(next.edges[1]).toBe(base.edges[1]);
  expect(next.nodes).toBe(base.nodes);
});

test('something removed and seen again in one delta is there', () => {
  const again = anEdge('a/x->a/y:TCP/80', { FORWARDED: 1 });
  expect(applyDelta(base, { ...quiet, edges: [again], removedEdges: [again.key] }).edges).toContain(again);
});

test('a stream draws each delta of a small map at once, and of one with thousands of edges every few seconds, losing none', () => {
  const play = (topology: typeof base) => {
    let live = receive(undefined, { kind: 'snapshot', url: 'u', topology });
    const shown = [1000, 2000, 3000].map((now) => {
      live = receive(live, { kind: 'delta', url: 'u', delta: { ...quiet, to: now, lastUpdated: topology.lastUpdated + now } });
      return live?.shown.to;
    });
    return { shown, newest: live?.newest.to };
  };
  expect(play(base)).toEqual({ shown: [1000, 2000, 3000], newest: 3000 });
  const large = largeWorld(800, 3500);
  expect(play(large)).toEqual({ shown: [large.to, large.to, 3000], newest: 3000 });
});

test('a delta of a stream that was left changes nothing', () => {
  const live = receive(undefined, { kind: 'snapshot', url: 'pods', topology: base });
  expect(receive(live, { kind: 'delta', url: 'workloads', delta: quiet })).toBe(live);
  expect(receive(undefined, { kind: 'delta', url: 'pods', delta: quiet })).toBeUndefined();
});
