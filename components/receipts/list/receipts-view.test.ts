import { expect, test } from 'vitest';
import { aReceiptSummary } from '#lib/testing/receipt-answers.ts';
import { holdRows, isFiltered, type ReceiptFilter, receiptsQuery } from './receipts-view.ts';

const ALL: ReceiptFilter = { q: '', class: 'all', verdict: 'all', batch: null };
const asked = (filter: Partial<ReceiptFilter>) => receiptsQuery('aegis-dev', { ...ALL, ...filter }, 'range=1h').toString();

test.each([
  { filter: {}, query: 'cluster=aegis-dev&range=1h' },
  { filter: { class: 'dropped', verdict: 'DROPPED' }, query: 'cluster=aegis-dev&range=1h&class=dropped&verdict=DROPPED' },
  { filter: { q: ' payments ledger ' }, query: 'cluster=aegis-dev&range=1h&q=payments+ledger' },
] satisfies { filter: Partial<ReceiptFilter>; query: string }[])('$filter asks for $query', ({ filter, query }) => {
  expect(asked(filter)).toBe(query);
});

test.each([
  { batch: 0 },
  { q: 'rcpt_k5xw6ylpgq3dcmrtgu4wemzxha' },
  { q: '5F2B7A30-0000-4000-8000-000000000117' },
] satisfies Partial<ReceiptFilter>[])('%o is looked for whenever it was', (filter) => {
  expect(asked(filter)).not.toContain('range');
});

test('a filter of nothing is none', () => {
  expect(isFiltered({ ...ALL, q: '  ' })).toBe(false);
  expect(isFiltered({ ...ALL, batch: 0 })).toBe(true);
});

const rows = (...ids: string[]) => ids.map((id) => aReceiptSummary({ id }));

test('rows that somebody reads stay where they are, and newer ones are counted', () => {
  const held = holdRows(rows('b', 'a'), rows('d', 'c', 'b', 'a'));
  expect(held.rows.map(({ id }) => id)).toEqual(['b', 'a']);
  expect(held).toMatchObject({ waiting: 2, more: false });
  expect(holdRows(rows('b', 'a'), rows('d', 'c'))).toMatchObject({ waiting: 2, more: true });
});

test('a row that is held tells how far it has come by now', () => {
  const [before] = holdRows([aReceiptSummary({ id: 'a', standing: 'sealed' })], [aReceiptSummary({ id: 'a' })]).rows;
  expect(before?.standing).toBe('witnessed');
});

test('without rows to hold the newest are shown', () => {
  expect(holdRows(undefined, rows('b')).rows).toHaveLength(1);
  expect(holdRows([], rows('b'))).toMatchObject({ waiting: 0 });
});
