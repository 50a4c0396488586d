import { expect, test } from 'vitest';
import { aNode, decided, HOSTILE, told } from '#lib/testing/preflight.ts';
import { nodeKinds } from './30-node-kinds.ts';

const linux = aNode('a', {
  status: { nodeInfo: { kernelVersion: '6.1.158-180.294.amzn2023.aarch64', operatingSystem: 'linux' } },
});

test('passes on Linux nodes of EC2, and says who supports what', () => {
  const outcome = decided(nodeKinds, { objects: [linux] });
  expect(outcome.status).toBe('pass');
  expect(told(outcome).join()).toContain('AWS supports VPC CNI only');
});

test.each([
  ['Fargate', aNode('b', { labels: { 'eks.amazonaws.com/compute-type': 'fargate' } }), 'of Fargate'],
  ['Fargate by its name', aNode('fargate-ip-10-0-0-1'), 'of Fargate'],
  ['EKS Auto Mode', aNode('b', { labels: { 'eks.amazonaws.com/compute-type': 'auto' } }), 'EKS Auto Mode'],
  ['Windows', aNode('b', { labels: { 'kubernetes.io/os': 'windows' } }), 'runs Windows'],
  [
    'an old kernel',
    aNode('b', { status: { nodeInfo: { kernelVersion: '4.14.355-280.684.amzn2.x86_64' } } }),
    'older than 4.19.57',
  ],
])('fails for a node of %s', (_, node, says) => {
  expect(told(decided(nodeKinds, { objects: [linux, node] }), 'fail').join()).toContain(says);
});

test('is unknown without nodes', () => {
  expect(decided(nodeKinds, {})).toMatchObject({ status: 'unknown', missing: ['nodes'] });
  expect(decided(nodeKinds, { known: ['Node'] }).status).toBe('unknown');
});

test('takes hostile names and labels as text', () => {
  expect(decided(nodeKinds, { objects: [aNode(HOSTILE, { labels: { [HOSTILE]: 'fargate' } })] }).status).toBe('pass');
});
