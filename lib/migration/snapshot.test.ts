import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EvidenceContent, hashOf, snapshotOf } from './snapshot.ts';

const CONTENT: EvidenceContent = {
  plan_version: '2026.2',
  revision: 1,
  cluster: 'aegis-production',
  environment: 'PRD',
  phase: 3,
  checks: [{ id: '3.encrypted', status: 'pass', threshold: 'at least 99.9 %', acknowledged: false }],
  checklist: [{ step: '3.wireguard', done: true }],
  policy_set_hash: 'abc',
  facts: { cilium_version: '1.18.2', kubernetes_version: '1.32', values_hash: '', node_list_hash: 'def' },
};

test('the bytes are those of RFC 8785: names sorted, no space, and the hash is of exactly them', () => {
  const { body, hash } = snapshotOf(CONTENT);
  expect(body.startsWith('{"checklist":[{"done":true,"step":"3.wireguard"}],"checks":[{"acknowledged":false,"id":')).toBe(true);
  expect(JSON.parse(body)).toEqual({ schema: 'causeway.evidence/1', ...CONTENT });
  expect(hash).toBe(hashOf(body));
  // sha256sum of the text of FIPS 180-2
  expect(hashOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

const content = fc.record({
  plan_version: fc.string({ unit: 'grapheme' }),
  revision: fc.nat(),
  cluster: fc.string({ unit: 'grapheme' }),
  environment: fc.constantFrom('DEV', 'TST', 'PRD'),
  phase: fc.constantFrom(0, 1, 2, 3, 4),
  checks: fc.array(
    fc.record({
      id: fc.string({ unit: 'grapheme' }),
      status: fc.constantFrom('pass', 'fail', 'unknown'),
      threshold: fc.string({ unit: 'grapheme' }),
      acknowledged: fc.boolean(),
    }),
  ),
  checklist: fc.array(fc.record({ step: fc.string({ unit: 'grapheme' }), done: fc.boolean() })),
  policy_set_hash: fc.string({ unit: 'grapheme' }),
  facts: fc.record({
    cilium_version: fc.string({ unit: 'grapheme' }),
    kubernetes_version: fc.string({ unit: 'grapheme' }),
    values_hash: fc.string({ unit: 'grapheme' }),
    node_list_hash: fc.string({ unit: 'grapheme' }),
  }),
}) as fc.Arbitrary<EvidenceContent>;

/** The same value with the fields of every object in another order. */
const turned = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(turned)
    : value instanceof Object
      ? Object.fromEntries(
          Object.entries(value)
            .toReversed()
            .map(([name, field]) => [name, turned(field)]),
        )
      : value;

test('the same evidence has the same hash, in whatever order its fields stand and after a journey through JSON', () => {
  fc.assert(
    fc.property(content, (evidence) => {
      const { hash, body } = snapshotOf(evidence);
      expect(snapshotOf(turned(evidence) as EvidenceContent).hash).toBe(hash);
      expect(snapshotOf(JSON.parse(JSON.stringify(evidence)) as EvidenceContent).body).toBe(body);
    }),
  );
});

test('different evidence has different bytes', () => {
  fc.assert(
    fc.property(content, content, (one, other) => {
      expect(snapshotOf(one).hash === snapshotOf(other).hash).toBe(JSON.stringify(turned(one)) === JSON.stringify(turned(other)));
    }),
  );
});

test.each([
  ['a verdict', { checks: [{ ...CONTENT.checks[0]!, status: 'fail' as const }] }],
  ['a threshold', { checks: [{ ...CONTENT.checks[0]!, threshold: 'at least 99 %' }] }],
  ['an acknowledgement', { checks: [{ ...CONTENT.checks[0]!, acknowledged: true }] }],
  ['a tick', { checklist: [{ step: '3.wireguard', done: false }] }],
  ['the policies', { policy_set_hash: 'abd' }],
  ['the nodes', { facts: { ...CONTENT.facts, node_list_hash: 'deg' } }],
  ['the revision of the plan', { revision: 2 }],
])('%s that changes makes another hash', (_, change) => {
  expect(snapshotOf({ ...CONTENT, ...change }).hash).not.toBe(snapshotOf(CONTENT).hash);
});

test('half a surrogate pair is refused: it has no bytes', () => {
  expect(() => snapshotOf({ ...CONTENT, cluster: 'a\ud800' })).toThrow('no Unicode');
  expect(snapshotOf({ ...CONTENT, cluster: '😀' }).body).toContain('😀');
});
