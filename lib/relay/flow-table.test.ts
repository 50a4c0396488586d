import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FlowTable } from './flow-table.ts';

test('it holds what a set of texts holds, however it grows', () => {
  const uuid = fc.oneof(
    fc.uuid(),
    fc.constantFrom('00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(uuid, fc.nat(3)), { maxLength: 3000, size: 'max' }), (flows) => {
      const table = new FlowTable();
      const known = new Set<string>();
      for (const [id, time] of flows) {
        const key = `${id} ${time}`;
        expect(table.has(id, time)).toBe(known.has(key));
        expect(table.add(id, time)).toBe(true);
        known.add(key);
        expect(table.size).toBe(known.size);
      }
    }),
    { numRuns: 20 },
  );
});

test('every bit of a uuid counts', () => {
  const bits = Array.from({ length: 128 }, (_, bit) => (1n << BigInt(bit)).toString(16).padStart(32, '0'));
  const uuids = bits.map((hex) => hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5'));
  const table = new FlowTable();
  for (const uuid of uuids) {
    expect(table.has(uuid, 1)).toBe(false);
    table.add(uuid, 1);
  }
  expect(table.size).toBe(128);
});

test('other texts are not held: what is not the very same text is another flow', () => {
  const table = new FlowTable();
  const uuid = 'abcdef01-2345-4678-9abc-def012345678';
  for (const odd of [
    '',
    'u1',
    uuid.toUpperCase(),
    uuid.replaceAll('-', '0'),
    `${uuid}0`,
    uuid.replace('a', 'é'),
    uuid.replace('a', 'g'),
  ]) {
    expect(table.add(odd, 1)).toBe(false);
    expect(table.has(odd, 1)).toBe(false);
  }
  expect(table.size).toBe(0);
});

test('cleared, it is empty', () => {
  const table = new FlowTable();
  table.add('abcdef01-2345-4678-9abc-def012345678', 1);
  table.clear();
  expect(table.has('abcdef01-2345-4678-9abc-def012345678', 1)).toBe(false);
  expect(table.size).toBe(0);
});
