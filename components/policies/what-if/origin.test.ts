// @vitest-environment happy-dom
import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { draftOf, keepDraft, readDrafts } from './drafts.ts';
import { type Origin, keyOf, originOfText } from './origin.ts';

afterEach(() => sessionStorage.clear());

const text = fc.string({ minLength: 1 });
const origin: fc.Arbitrary<Origin> = fc.oneof(
  fc.constant({ kind: 'empty' } as const),
  fc.constant({ kind: 'all' } as const),
  text.map((id) => ({ kind: 'set', id }) as const),
  text.map((ref) => ({ kind: 'policy', ref }) as const),
  fc
    .record({
      from: text,
      to: text,
      protocol: fc.constantFrom('TCP', 'UDP'),
      port: fc.integer({ min: 0, max: 65_535 }),
      path: text,
    })
    .map((asked) => ({ kind: 'allow', asked, set: 'in-force' }) as const),
  fc
    .record({ ns: text, workload: fc.option(text), side: fc.constantFrom('both', 'ingress', 'egress'), l7: fc.boolean() })
    .map((scope) => ({ kind: 'suggest', scope }) as const),
);

test('what a link loads is the same after the way through the link', () => {
  fc.assert(
    fc.property(origin, (given) => {
      expect(originOfText(keyOf(given))).toEqual(given);
    }),
  );
});

test('a draft is kept by what it was loaded from, the newest few', () => {
  const draft = (key: string) => ({ key, text: `# ${key}`, mode: 'merge' as const, removes: [], at: 1 });
  for (let index = 0; index < 12; index += 1) keepDraft('prd', `set=${index}`, draft(`set=${index}`));
  expect(readDrafts('prd')).toHaveLength(8);
  expect(draftOf('prd', 'set=11')?.text).toBe('# set=11');
  expect(draftOf('prd', 'set=0')).toBeUndefined();
  expect(draftOf('tst', 'set=11')).toBeUndefined();
  keepDraft('prd', 'set=11', undefined);
  expect(draftOf('prd', 'set=11')).toBeUndefined();
});

test('a storage that holds something else holds no draft', () => {
  sessionStorage.setItem('causeway:what-if:prd', '[{"key":"a","text":5},null,7]');
  expect(readDrafts('prd')).toEqual([]);
  sessionStorage.setItem('causeway:what-if:prd', 'no json');
  expect(readDrafts('prd')).toEqual([]);
});
