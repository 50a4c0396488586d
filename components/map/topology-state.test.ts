import { expect, test } from 'vitest';
import { applyDelta } from './topology-state.ts';
import { anEdge, aNode, aTopology } from './world.fixture.ts';

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
