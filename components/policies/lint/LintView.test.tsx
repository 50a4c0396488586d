// @vitest-environment happy-dom
import { showPage } from '#lib/testing/show-page.tsx';
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import type { LintReport } from '#lib/api/policies.ts';
import { aLintFinding } from '#lib/testing/policy-answers.ts';
import { LintView } from './LintView.tsx';

vi.mock('next/navigation', () => ({
  useParams: () => ({ cluster: 'aegis-production' }),
  usePathname: () => '/c/aegis-production/policies/lint',
}));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show(report: LintReport, search = '') {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify(report))));
  return showPage(<LintView />, search);
}

const note = aLintFinding({ id: 'b', ruleId: 'unused-label', severity: 'note', policy: 'ccnp:allow-dns' });

test('a finding says where, why, what to do and who says so', async () => {
  show({ findings: [aLintFinding()], policies: 27 });
  const card = within(await screen.findByRole('region', { name: 'open-service-rule' }));
  expect(card.getByRole('img', { name: 'warning' })).toBeDefined();
  expect(card.getByText('Name a service that is there.')).toBeDefined();
  expect(card.getByRole('link', { name: /ledger-from-checkout/ }).getAttribute('href')).toMatch(
    /\/policies\/cnp\/payments\/ledger-from-checkout\?.*line=7/,
  );
  const citation = card.getByRole('link', { name: /docs\.cilium\.io/ });
  expect(citation.getAttribute('rel')).toContain('noopener');
});

test('severity narrows the list and the link carries it', async () => {
  const changes = show({ findings: [aLintFinding(), note], policies: 27 });
  await screen.findByRole('region', { name: 'unused-label' });
  fireEvent.click(screen.getByRole('radio', { name: 'Notes 1' }));
  await vi.waitFor(() => expect(screen.queryByRole('region', { name: 'open-service-rule' })).toBeNull());
  await vi.waitFor(() => expect(changes.at(-1)).toBe('?severity=note'));
});

test('no findings is told apart from no policies', async () => {
  show({ findings: [], policies: 27 });
  expect(await screen.findByText('All 27 policies in force were looked at.')).toBeDefined();
  cleanup();
  show({ findings: [], policies: 0 });
  expect(await screen.findByText('No policies to look at')).toBeDefined();
});
