import { describe, expect, test } from 'vitest';
import type { PolicyObject } from '#lib/policy/model.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { candidateSet, hashOfSet } from './candidate.ts';

const policy = (name: string, description = ''): PolicyObject => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name, namespace: 'shop' },
  spec: { endpointSelector: {}, description },
});
const inForce = [policy('a'), policy('b'), policy('c')];
const refs = (policies: readonly PolicyObject[]) => policies.map(refOf);

describe('merge', () => {
  test('puts policies in place of those of the same name and takes others out', () => {
    const set = candidateSet(inForce, [policy('b', 'new'), policy('d')], 'merge', ['cnp:shop/a']);
    expect(refs(set.policies)).toEqual(['cnp:shop/c', 'cnp:shop/b', 'cnp:shop/d']);
    expect(set.policies.find(({ metadata }) => metadata.name === 'b')?.spec).toMatchObject({ description: 'new' });
    expect({ put: refs(set.put), remove: set.remove }).toEqual({ put: ['cnp:shop/b', 'cnp:shop/d'], remove: ['cnp:shop/a'] });
  });

  test('keeps what it puts although it is to be removed, and knows nothing of removals of what is not there', () => {
    const set = candidateSet(inForce, [policy('a', 'new')], 'merge', ['cnp:shop/a', 'cnp:shop/none']);
    expect(refs(set.policies)).toHaveLength(3);
    expect(set.remove).toEqual([]);
  });
});

test('replace stands alone', () => {
  const set = candidateSet(inForce, [policy('b')], 'replace');
  expect(refs(set.policies)).toEqual(['cnp:shop/b']);
  expect(set.remove).toEqual(['cnp:shop/a', 'cnp:shop/c']);
});

test('of two policies of one name the later counts', () => {
  expect(candidateSet([], [policy('a'), policy('a', 'later')], 'merge').policies).toEqual([policy('a', 'later')]);
});

test('equal sets have equal hashes, whatever their order and what is no part of their meaning', () => {
  const annotated = { ...policy('a'), metadata: { name: 'a', namespace: 'shop', annotations: { by: 'me' } }, status: {} };
  expect(hashOfSet([annotated, policy('b')])).toBe(hashOfSet([policy('b'), policy('a')]));
  expect(hashOfSet([policy('a', 'other')])).not.toBe(hashOfSet([policy('a')]));
});
