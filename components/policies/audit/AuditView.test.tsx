// @vitest-environment happy-dom
import { showPage } from '#lib/testing/show-page.tsx';
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import type { Problem } from '#lib/api/common.ts';
import type { AuditReport } from '#lib/api/what-if.ts';
import { anAuditReport } from '#lib/testing/policy-answers.ts';
import { AuditView } from './AuditView.tsx';

vi.mock('next/navigation', () => ({
  useParams: () => ({ cluster: 'aegis-production' }),
  usePathname: () => '/c/aegis-production/policies/audit',
}));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

let asked: string[] = [];
function show(report: AuditReport | Problem, search = '?range=1h') {
  asked = [];
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url);
    const body = url.includes('/policies/audit') ? report : { flows: [] };
    return Promise.resolve(new Response(JSON.stringify(body), 'status' in body ? { status: body.status } : {}));
  });
  return showPage(<AuditView />, search);
}

const findings = () => screen.findByRole('table', { name: /^Denied although/ });
const nothing = { tuples: 0, flows: 0 };

test('agreement is told with its denominator, and what could not be judged is apart', async () => {
  show(anAuditReport());
  await findings();
  const figures = screen.getByRole('region', { name: 'Figures' }).textContent;
  expect(figures).toContain('99.2\u00a0%');
  expect(figures).toContain('240 of 242 tuples, last 1\u00a0h');
  expect(figures).toContain('8 of 250 tuples');
  expect(screen.getByText('The names of the address are not known.')).toBeDefined();
});

test('a finding opens to its evidence, its policies and the first thing to look at, and has its own link', async () => {
  const changes = show(anAuditReport());
  fireEvent.click(within(await findings()).getByRole('button', { name: /checkout-api.*ledger/ }));
  const drawer = within(await screen.findByRole('complementary'));
  expect(drawer.getByText(/Compare the policy revision/)).toBeDefined();
  expect(drawer.getByText(/Whether the endpoint had applied/)).toBeDefined();
  expect(drawer.getByRole('link', { name: /ledger-from-checkout/ })).toBeDefined();
  const flows = new URL(drawer.getByRole('link', { name: 'Open in Flows' }).getAttribute('href') ?? '', 'http://x');
  expect(flows.searchParams.get('filter')).toBe('from-workload:payments/checkout-api to-workload:payments/ledger to-port:9090');
  expect(drawer.getByRole('link', { name: 'Why?' }).getAttribute('href')).toContain('src=payments%2Fcheckout-api');
  await vi.waitFor(() => expect(changes.at(-1)).toBe('?range=1h&selected=audit-1'));
});

test('a link to a finding that this window lacks shows the page without a drawer', async () => {
  const changes = show(anAuditReport(), '?range=1h&selected=gone');
  await findings();
  await vi.waitFor(() => expect(changes.at(-1)).toBe('?range=1h'));
  expect(screen.queryByRole('complementary')).toBeNull();
});

test('a capture is judged instead of the ledger', async () => {
  show(anAuditReport(), '?capture=c1');
  await findings();
  expect(asked.some((url) => url.endsWith('/policies/audit?range=5m&capture=c1'))).toBe(true);
});

test('nothing judged is never told as agreement', async () => {
  show(anAuditReport({ agree: nothing, disagree: nothing, groups: [] }));
  expect(await screen.findByText('Nothing could be judged')).toBeDefined();
  expect(screen.getByRole('region', { name: 'Figures' }).textContent).toContain('unknown: nothing could be judged');
});

test('no disagreement says of how much that is known', async () => {
  show(anAuditReport({ disagree: nothing, groups: [] }));
  expect(await screen.findByText('240 of 248 tuples were judged and none disagrees.')).toBeDefined();
});

test('a cluster whose policies are not known is no failure: it says where to give them', async () => {
  show({ type: '/problems/not-configured', title: 'not configured', status: 409, detail: 'No source of objects was given.' });
  expect(await screen.findByText('No source of objects was given.')).toBeDefined();
  expect(screen.getByRole('link', { name: 'Give the console its objects' }).getAttribute('href')).toBe(
    '/c/aegis-production/policies?range=1h',
  );
  expect(screen.queryByRole('alert')).toBeNull();
});
