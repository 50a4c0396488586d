// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { NuqsTestingAdapter } from 'nuqs/adapters/testing';
import { afterEach, expect, test, vi } from 'vitest';
import type { PolicySummary } from '#lib/api/policies.ts';
import { aPolicySummary } from '#lib/testing/policy-answers.ts';
import { PolicyTable } from './PolicyTable.tsx';

vi.mock('next/navigation', () => ({ useParams: () => ({ cluster: 'aegis-production' }) }));
afterEach(cleanup);

const tableOf = (policies: readonly PolicySummary[]) => (
  <NuqsTestingAdapter>
    <PolicyTable
      policies={policies}
      namespaces={[]}
      grouped={false}
      everything
      podsKnown
      sort="hits"
      onSort={() => undefined}
      window="last 1 h"
    />
  </NuqsTestingAdapter>
);
const table = () => screen.getByRole('table', { name: 'Policies, last 1 h' });
const links = () =>
  within(table())
    .getAllByRole('link')
    .map(({ textContent }) => textContent.replace('CNP', ''));

test('rows stay where they are while somebody points at them, and move once the pointer is gone', () => {
  const [ledger, edge] = [aPolicySummary({ name: 'ledger', hits: 10 }), aPolicySummary({ name: 'edge', hits: 9 })];
  const { rerender } = render(tableOf([ledger, edge]));
  expect(links()).toEqual(['payments/ledger', 'payments/edge']);
  fireEvent.pointerMove(table());
  rerender(tableOf([ledger, { ...edge, hits: 5000 }]));
  expect(table().textContent).toContain('5,000');
  expect(links()).toEqual(['payments/ledger', 'payments/edge']);
  const around = table().closest('div');
  if (around) fireEvent.pointerLeave(around);
  expect(links()).toEqual(['payments/edge', 'payments/ledger']);
});

test('of thousands of policies a few hundred are drawn until all are asked for', () => {
  const many = Array.from({ length: 600 }, (_, index) => aPolicySummary({ name: `policy-${index}` }));
  render(tableOf(many));
  expect(links()).toHaveLength(250);
  fireEvent.click(screen.getByRole('button', { name: 'Show all 600 policies' }));
  expect(links()).toHaveLength(600);
});
