import { describe, expect, test } from 'vitest';
import { FlowReplay } from '#lib/audit/replay-tuples.ts';
import { aFlow } from '#lib/testing/flows.ts';
import { aDaemonSet, aKubePod, aNode } from '#lib/testing/preflight.ts';
import { aPolicy } from '#lib/testing/policies.ts';
import { clusterObjectsOf, preflightInputs } from './gather.ts';
import { helmValues } from './helm-values.ts';
import { trafficFactsOf } from './traffic.ts';

const config = (data: object): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'cilium-config', namespace: 'kube-system' },
  data,
});
const agent = (image: string): object => aDaemonSet('cilium', { containers: [{ name: 'cilium-agent', image }] });

describe('inputs', () => {
  test('without anything know nothing', () => {
    const inputs = preflightInputs({ now: 7 });
    expect(inputs).toMatchObject({ now: 7 });
    expect([inputs.policies, inputs.world, inputs.version, inputs.ciliumConfig, inputs.settings.source]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(inputs.objects.known('Node')).toBe(false);
  });

  test('take the agents’ options from cilium-config, and settings from values first', () => {
    const inputs = preflightInputs({
      now: 0,
      values: helmValues({ MTU: 1500 }),
      cluster: clusterObjectsOf([config({ mtu: '9001', odd: 7 })]),
    });
    expect(inputs.ciliumConfig).toEqual(new Map([['mtu', '9001']]));
    expect([inputs.settings.number('MTU'), inputs.running.number('MTU')]).toEqual([1500, 9001]);
  });

  test('know all policies where some are there, none where it is said so, and nothing otherwise', () => {
    expect(preflightInputs({ now: 0, cluster: clusterObjectsOf([aPolicy({})]) }).policies).toHaveLength(1);
    expect(preflightInputs({ now: 0, cluster: clusterObjectsOf([], ['NetworkPolicy']) }).policies).toEqual([]);
    expect(preflightInputs({ now: 0, cluster: clusterObjectsOf([aNode('a')]) }).policies).toBeUndefined();
  });

  test.each([
    ['the image of their DaemonSet', [agent('quay.io/cilium/cilium:v1.19.5@sha256:ab')], '1.19.5'],
    [
      'the images of most of their pods',
      ['v1.19.4', 'v1.19.5', 'v1.19.5'].map((tag, at) =>
        aKubePod(`cilium-${at}`, {
          labels: { 'k8s-app': 'cilium' },
          spec: { containers: [{ name: 'cilium-agent', image: `cilium:${tag}` }] },
        }),
      ),
      '1.19.5',
    ],
    ['nothing where there is only a digest', [agent('quay.io/cilium/cilium@sha256:ab')], undefined],
    ['nothing where it is no version', [agent('registry:5000/cilium/cilium:latest')], undefined],
  ])('take the version that runs from %s', (_, objects, version) => {
    expect(preflightInputs({ now: 0, cluster: clusterObjectsOf(objects) }).version).toBe(version);
    expect(preflightInputs({ now: 0, version: '1.20.0', cluster: clusterObjectsOf(objects) }).version).toBe('1.20.0');
  });

  test('take the version from cilium status where objects do not say it', () => {
    const status = {
      workloads: [],
      agents: [],
      errors: [],
      collectionErrors: [],
      images: [{ component: 'cilium', image: 'quay.io/cilium/cilium:v1.18.2', count: 3 }],
    };
    expect(preflightInputs({ now: 0, status }).version).toBe('1.18.2');
  });
});

test('traffic is what the ledger counts of flows: with labels, addresses of the outside, names asked for and drops', () => {
  const replay = new FlowReplay();
  replay.add(aFlow({ verdict: 'DROPPED', dropReason: 'POLICY_DENIED' }));
  replay.add(aFlow());
  replay.add(aFlow());
  const { rows, labelSets } = replay.counted();
  const facts = trafficFactsOf(rows, labelSets, { from: 1, to: 2, lost: 3 });
  expect(facts).toMatchObject({ from: 1, to: 2, lost: 3, flows: 3 });
  expect(facts.nodes.length).toBeGreaterThan(0);
  expect(facts.traffic.map(({ verdict, dropReason, flows }) => [verdict, dropReason, flows])).toEqual([
    ['FORWARDED', '', 2],
    ['DROPPED', 'POLICY_DENIED', 1],
  ]);
  const [first] = facts.traffic;
  expect(first?.source.labels).toEqual(labelSets.get(rows[0]?.source.labels ?? ''));
});
