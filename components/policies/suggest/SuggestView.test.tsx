// @vitest-environment happy-dom
import { showPage } from '#lib/testing/show-page.tsx';
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aPolicySource } from '#lib/testing/policy-answers.ts';
import { aSuggestion } from '#lib/testing/what-if-answers.ts';
import { SuggestView } from './SuggestView.tsx';

vi.mock('next/navigation', () => ({
  useParams: () => ({ cluster: 'aegis-production' }),
  usePathname: () => '/c/aegis-production/policies/suggest',
}));

let sent: unknown[] = [];
let suggestion = aSuggestion();

beforeEach(() => {
  sent = [];
  suggestion = aSuggestion();
  vi.stubGlobal('fetch', (url: string, init: RequestInit = {}) => {
    if (init.method === 'POST') sent.push(JSON.parse(init.body as string));
    return Promise.resolve(Response.json(url.endsWith('/suggest') ? suggestion : url.endsWith('/source') ? aPolicySource() : {}));
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const show = (search = '') => showPage(<SuggestView />, search);

test('nothing is asked before a namespace is chosen', async () => {
  show();
  expect(await screen.findByText('Choose a namespace')).toBeDefined();
  expect(sent).toEqual([]);
});

test('a suggestion says what it was judged to do, and each rule shows its traffic and what would break it', async () => {
  show('?ns=payments&workload=ledger&side=ingress&l7=true&range=24h');
  expect(await screen.findByText('0 newly denied, 0 newly allowed')).toBeDefined();
  expect(sent).toEqual([{ range: '24h', namespace: 'payments', workload: 'ledger', directions: ['ingress'], l7: true }]);
  expect(screen.getByText(/DNS to kube-system\/coredns is allowed/)).toBeDefined();
  expect(screen.getByText('high confidence')).toBeDefined();
  const traffic = screen.getByRole('list', { name: 'Traffic behind it', hidden: true });
  expect(within(traffic).getByText('120 flows')).toBeDefined();
  expect(screen.getByText('Seen for one day only.')).toBeDefined();
});

test('it opens in the what-if by a link that makes the same suggestion again', async () => {
  show('?ns=payments&range=24h');
  const link = await screen.findByRole('link', { name: 'Open in what-if' });
  expect(link.getAttribute('href')).toBe('/c/aegis-production/policies/what-if?range=24h&load=suggest&ns=payments');
});

test('a suggestion that would deny something is not told as good', async () => {
  suggestion = aSuggestion({ check: { tuples: 12, newlyDenied: 2, newlyAllowed: 0, unknown: 1 } });
  show('?ns=payments&range=24h');
  const check = await screen.findByText('2 newly denied, 0 newly allowed');
  expect(check.closest('p')?.querySelector('svg')?.getAttribute('class')).toContain('text-drop-text');
  expect(screen.getByText(/Of 1 tuple it cannot be told/)).toBeDefined();
});

test('YAML stands behind the rules', async () => {
  show('?ns=payments&range=24h');
  fireEvent.click(await screen.findByRole('radio', { name: 'YAML' }));
  expect(screen.getByLabelText('YAML of cnp:payments/ledger').textContent).toContain('CiliumNetworkPolicy');
});
