import { expect, test } from 'vitest';
import { aDroppedFlow, aFlow, anHttpFlow } from '#lib/testing/flows.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { diffTopologies } from './diff.ts';
import { RollingTopology } from './rolling.ts';
import type { Topology } from './topology.ts';

const START = Date.UTC(2026, 2, 2, 14);
const coverage = { nodesReporting: 1, nodesExpected: 1, missing: [], lost: {}, lostTotal: 0, gaps: [], newestFlow: undefined };
const KEY = 'payments/checkout-api->payments/ledger:TCP/9090';

function aMap(flows: readonly Flow[], minutes = 5): Topology {
  const rolling = new RollingTopology({ cluster: 'test' });
  for (const flow of flows) rolling.add(flow);
  const to = START + minutes * 60_000;
  return rolling.snapshot('workload', START, to, to, coverage);
}
const times = (count: number, flow: Flow): Flow[] => Array.from({ length: count }, () => ({ ...flow, time: START }));
const verdict = (name: string) => ({
  ...aFlow(),
  eventType: { type: 5, subType: 0 },
  ingressAllowedBy: [{ name, namespace: 'payments', kind: 'CiliumNetworkPolicy', revision: 1, labels: [] }],
});

test.each([
  ['as it was', times(30, aFlow()), times(31, aFlow()), []],
  ['much more of it', times(30, aFlow()), times(90, aFlow()), ['volume']],
  ['more, but few', times(1, aFlow()), times(15, aFlow()), []],
  ['the first drop', times(30, aFlow()), [...times(30, aFlow()), ...times(1, aDroppedFlow())], ['drops']],
  ['a drop too many', times(30, aFlow()), [...times(30, aFlow()), ...times(3, aDroppedFlow())], ['drops', 'status']],
  ['another policy', times(1, verdict('a')), times(1, verdict('b')), ['policies']],
  ['the first server error', times(1, anHttpFlow('GET', '/x', 200)), times(1, anHttpFlow('GET', '/x', 500)), ['errors']],
])('an edge with %s changed in %s', (_, before, after, reasons) => {
  const change = [...diffTopologies(aMap(before), aMap(after)).edges.values()][0];
  expect(change?.kind).toBe(reasons.length > 0 ? 'changed' : 'same');
  expect(change?.kind === 'changed' ? change.reasons : []).toEqual(reasons);
});

test('edges and nodes on one side only are new or gone', () => {
  const other = aFlow({ l4: { protocol: 'TCP', sourcePort: 40_000, destinationPort: 5432 } });
  const diff = diffTopologies(aMap(times(1, aFlow())), aMap(times(1, other)));
  expect([...diff.edges].map(([key, { kind }]) => [key, kind])).toEqual([
    ['payments/checkout-api->payments/ledger:TCP/5432', 'new'],
    [KEY, 'gone'],
  ]);
  expect(diff.newNodes).toEqual([]);
  expect(diffTopologies(aMap([]), aMap(times(1, aFlow())))).toMatchObject({
    newNodes: ['payments/checkout-api', 'payments/ledger'],
    goneNodes: [],
  });
});

test('windows of different length are compared by rate', () => {
  const diff = diffTopologies(aMap(times(100, aFlow()), 1), aMap(times(500, aFlow()), 5));
  expect(diff.edges.get(KEY)?.kind).toBe('same');
});
