import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findingId } from './finding-id.ts';

test('an id stays what it is: it is in links', () =>
  expect(findingId('aegis-production', 'R1', 'x')).toMatchInlineSnapshot(`"fnd_2nue4jbcki45rgfdh5pt25pohx"`));

test('ids have one form, and depend on all they are made of', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(findingId(one, 'R2', other)).toMatch(/^fnd_[a-z2-7]{26}$/);
      expect(findingId(one, 'R2', other) === findingId(other, 'R2', one)).toBe(one === other);
      expect(findingId(one, 'R2', other)).not.toBe(findingId(one, 'R3', other));
    }),
  );
});
