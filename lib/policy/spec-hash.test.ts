import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PolicyObject } from './model.ts';
import { canonicalJson, setHash, specHash } from './spec-hash.ts';

const policy: PolicyObject = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'a', namespace: 'shop', generation: 3, uid: 'u', labels: { x: 'y' } },
  spec: { endpointSelector: {}, ingress: [{}, { fromEntities: ['host'] }] },
  status: { conditions: [] },
};

test('the hash is that of the canonical JSON of what the policy says', () => {
  const text =
    '{"apiVersion":"cilium.io/v2","kind":"CiliumNetworkPolicy","name":"a","namespace":"shop","spec":{"endpointSelector":{},"ingress":[{},{"fromEntities":["host"]}]}}';
  expect(specHash(policy)).toBe(createHash('sha256').update(text).digest('hex'));
});

test('metadata and status do not change it; rules, their order, null and emptiness do', () => {
  const same = { ...policy, metadata: { name: 'a', namespace: 'shop' }, status: undefined };
  expect(specHash(same)).toBe(specHash(policy));
  const others = [
    { endpointSelector: {}, ingress: [{ fromEntities: ['host'] }, {}] },
    { endpointSelector: {}, ingress: [{}, { fromEntities: [] }] },
    { endpointSelector: {}, ingress: [{}, { fromEntities: null }] },
    { endpointSelector: {}, ingress: [{}, {}] },
  ].map((spec) => specHash({ ...policy, spec }));
  expect(new Set([specHash(policy), ...others]).size).toBe(5);
});

// RFC 8785, section 3.2.3: keys sort by UTF-16 code units.
test('keys sort by code units, whatever they are named', () => {
  const value = JSON.parse('{"\\ud83d\\ude00":1,"\\ufb33":2,"__proto__":3,"1":4,"\\r":5}') as unknown;
  expect(canonicalJson(value)).toBe('{"\\r":5,"1":4,"__proto__":3,"\u{1f600}":1,"\ufb33":2}');
});

test('canonical JSON means what was given, in one way only', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
  );
});

test('a set is named by its policies, not by their order', () => {
  const [a, b] = [
    { ref: 'cnp:shop/a', hash: '1' },
    { ref: 'ccnp:b', hash: '2' },
  ] as const;
  expect(setHash([a, b])).toBe(setHash([b, a]));
  expect(new Set([setHash([]), setHash([a]), setHash([a, b]), setHash([{ ...a, hash: '2' }])]).size).toBe(4);
});
