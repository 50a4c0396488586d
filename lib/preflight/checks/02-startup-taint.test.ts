import { expect, test } from 'vitest';
import { aDaemonSet, aKubePod, aNode, decided, type Given, HOSTILE, told } from '#lib/testing/preflight.ts';
import { startupTaint } from './02-startup-taint.ts';

const KEY = 'node.cilium.io/agent-not-ready';
const aPool = (name: string, spec: object): object => ({
  apiVersion: 'karpenter.sh/v1',
  kind: 'NodePool',
  metadata: { name },
  spec: { template: { spec } },
});
const declared = aPool('general', { startupTaints: [{ key: KEY, value: 'true', effect: 'NoExecute' }] });
const chained = { cni: { chainingMode: 'aws-cni' } };
const of = (given: Given) => decided(startupTaint, { values: chained, ...given });

test('passes where every pool declares the taint', () => {
  expect(of({ objects: [declared] })).toMatchObject({ status: 'pass', missing: [] });
});

test.each([
  ['none', {}, `NodePool p: its startupTaints do not have ${KEY}`],
  [
    'another key',
    { startupTaints: [{ key: 'cilium/agent-not-ready', effect: 'NoExecute' }] },
    'NodePool p: its startup taint is cilium/agent-not-ready',
  ],
  ['a lasting taint', { taints: [{ key: KEY, effect: 'NoExecute' }] }, `NodePool p: ${KEY} is one of its taints`],
  ['a weak effect', { startupTaints: [{ key: KEY, effect: 'PreferNoSchedule' }] }, 'declared with the effect PreferNoSchedule'],
])('fails where a pool has %s', (_, spec, message) => {
  const outcome = of({ objects: [declared, aPool('p', spec)] });
  expect(outcome.status).toBe('fail');
  expect(told(outcome, 'fail').join()).toContain(message);
});

test('takes the key from the settings', () => {
  const own = aPool('p', { startupTaints: [{ key: 'my/key', effect: 'NoExecute' }] });
  expect(of({ values: { agentNotReadyTaintKey: 'my/key' }, objects: [own] }).status).toBe('pass');
  expect(of({ config: { 'agent-not-ready-taint-key': 'my/key' }, values: {}, objects: [own] }).status).toBe('fail');
});

test('fails where tolerations of one’s own keep the agent off its node', () => {
  const others = [{ key: 'dedicated', operator: 'Exists' }];
  expect(told(of({ values: { tolerations: others }, objects: [declared] }), 'fail')[0]).toContain(
    'values: tolerations: the agent does not tolerate',
  );
  expect(of({ values: { tolerations: [...others, { key: KEY, operator: 'Exists' }] }, objects: [declared] }).status).toBe('pass');
  expect(of({ values: { tolerations: [{ operator: 'Exists' }] }, objects: [declared] }).status).toBe('pass');
  const agent = aDaemonSet('cilium', { tolerations: others });
  expect(told(of({ objects: [declared, agent] }), 'fail')[0]).toContain(
    'DaemonSet kube-system/cilium: the agent does not tolerate',
  );
});

test('judges node groups by how their nodes were born', () => {
  const node = aNode('a', { labels: { 'eks.amazonaws.com/nodegroup': 'g' }, createdAt: '2026-10-01T08:00:00Z' });
  const pod = (name: string, startTime: string, more = {}): object =>
    aKubePod(name, { status: { phase: 'Running', startTime }, ...more });
  const agentAt = (startTime: string): object =>
    pod('cilium-1', startTime, { namespace: 'kube-system', labels: { 'k8s-app': 'cilium' }, spec: { hostNetwork: true } });
  const late = pod('web', '2026-10-01T08:05:00Z');
  expect(of({ objects: [node, agentAt('2026-10-01T08:01:00Z'), late] })).toMatchObject({ status: 'pass' });
  const early = pod('early', '2026-10-01T08:00:30Z');
  const outcome = of({ objects: [node, agentAt('2026-10-01T08:01:00Z'), early, late] });
  expect(told(outcome, 'fail')).toEqual([
    'Pod shop/early: it started on a before the agent did: the taint was not there when the node was born',
  ]);
  // Older than Cilium: nothing shows it.
  expect(of({ objects: [node, agentAt('2026-10-20T08:00:00Z'), late] })).toMatchObject({ status: 'unknown' });
  const waiting = aNode('b', {
    labels: { 'eks.amazonaws.com/nodegroup': 'g' },
    spec: { taints: [{ key: KEY, effect: 'NoExecute' }] },
  });
  expect(of({ objects: [node, waiting] }).status).toBe('pass');
});

test('fails without settings where no pool has any such taint', () => {
  expect(decided(startupTaint, { objects: [aPool('p', {})] })).toMatchObject({
    status: 'fail',
    missing: ['values', 'cilium-config'],
  });
  const other = aPool('p', { startupTaints: [{ key: 'cilium/agent-not-ready', effect: 'NoExecute' }] });
  expect(decided(startupTaint, { objects: [other] }).status).toBe('unknown');
});

test('is unknown without pools, nodes or settings', () => {
  expect(of({})).toMatchObject({ status: 'unknown', missing: ['node-pools', 'nodes'] });
  expect(decided(startupTaint, { objects: [declared] })).toMatchObject({
    status: 'unknown',
    missing: ['values', 'cilium-config'],
  });
  expect(of({ objects: [aNode('a', { labels: { 'karpenter.sh/nodepool': 'general' } })] }).missing).toEqual(['node-pools']);
});

test('does not pass for nodes of which nothing shows how they are born', () => {
  expect(of({ objects: [aNode('a')] })).toMatchObject({ status: 'unknown', findings: [{ object: 'nodes of no group' }] });
  expect(of({ objects: [], known: ['Node', 'NodePool'] })).toMatchObject({ status: 'unknown', missing: ['nodes'] });
});

test('takes odd and hostile objects for what they are', () => {
  const odd = [
    aPool(HOSTILE, { startupTaints: [null, 7, { key: HOSTILE }, { key: {}, effect: [] }] }),
    aPool('q', { startupTaints: 'x' }),
  ];
  expect(of({ objects: odd, values: { tolerations: [null, 'x', { operator: 7 }] } }).status).toBe('fail');
});
