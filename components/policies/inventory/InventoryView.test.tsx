// @vitest-environment happy-dom
import { showPage } from '#lib/testing/show-page.tsx';
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PolicyList } from '#lib/api/policies.ts';
import { aPolicyList, aPolicySource, aPolicySummary } from '#lib/testing/policy-answers.ts';
import { InventoryView } from './InventoryView.tsx';

vi.mock('next/navigation', () => ({
  useParams: () => ({ cluster: 'aegis-production' }),
  usePathname: () => '/c/aegis-production/policies',
}));

let answer: PolicyList | { status: number; problem: object };
let asked: string[] = [];
beforeEach(() => {
  asked = [];
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url);
    const [body, init] = 'problem' in answer ? [answer.problem, { status: answer.status }] : [answer, {}];
    return Promise.resolve(new Response(JSON.stringify(body), init));
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show(list: typeof answer, search = '', mayEdit = true) {
  answer = list;
  return showPage(<InventoryView mayEdit={mayEdit} />, search);
}

const table = () => screen.findByRole('table', { name: 'Policies, last 1\u00a0h' });
const broken = aPolicySummary({
  namespace: '',
  name: 'deny-all',
  valid: false,
  problems: [
    {
      layer: 'engine',
      class: 'combined-peers',
      message: 'two kinds of peers',
      path: 'spec.ingress[0]',
      place: { line: 9, column: 3 },
    },
  ],
});

test('policies stand under their namespace with what they select, close and were used for', async () => {
  show(aPolicyList({ policies: [aPolicySummary({ unusedRules: 1 }), broken] }), '?range=1h');
  const rows = within(await table()).getAllByRole('row');
  expect(rows.map((row) => row.textContent).slice(1)).toEqual([
    expect.stringMatching(/^Clusterwide1 policy/),
    expect.stringMatching(/^deny-allCCNP.*not in forcespec\.ingress\[0\]: two kinds of peers \(line 9\)/),
    expect.stringMatching(/^payments1 policy6 pods6 of 6.*3 of 6/),
    expect.stringMatching(/^ledger-from-checkoutCNP3 pods of ledgercloses.*2, 1 unused1,204.*in force/),
  ]);
  expect(asked[0]).toBe('/api/v1/clusters/aegis-production/policies?range=1h');
  expect(
    within(await table())
      .getByRole('link', { name: /^deny-all/ })
      .getAttribute('href'),
  ).toBe('/c/aegis-production/policies/ccnp/-/deny-all?range=1h');
});

test('figures say their denominators', async () => {
  show(aPolicyList({ policies: [aPolicySummary(), broken] }), '?range=1h');
  await table();
  const figures = screen.getByRole('region', { name: 'Figures' });
  expect(figures.textContent).toContain('100\u00a0% ingressegress 50.0\u00a0%, of 6 pods');
  expect(figures.textContent).toContain('of 2, refused as a whole');
});

test('a short time says little of unused rules, and one press asks for seven days', async () => {
  const changes = show(aPolicyList(), '?range=1h');
  await table();
  fireEvent.click(screen.getByRole('button', { name: 'last 7 d' }));
  await vi.waitFor(() => expect(changes.at(-1)).toBe('?range=7d'));
});

test('the box and the buttons narrow the list, and the link carries them', async () => {
  const changes = show(aPolicyList({ policies: [aPolicySummary(), broken] }), '?range=1h');
  await table();
  fireEvent.click(screen.getByRole('radio', { name: 'Not in force 1' }));
  await vi.waitFor(() => expect(screen.queryAllByRole('link', { name: /ledger/ })).toEqual([]));
  await vi.waitFor(() => expect(changes.at(-1)).toContain('show=invalid'));
  fireEvent.change(screen.getByRole('searchbox', { name: 'Find a policy' }), { target: { value: 'nobody' } });
  expect(await screen.findByText('No policy matches')).toBeDefined();
  fireEvent.click(screen.getByRole('button', { name: 'Show all policies' }));
  await table();
});

test('pods that could not be read leave coverage unknown, never zero', async () => {
  show(aPolicyList({ source: aPolicySource({ state: 'partial', missing: ['endpoints'] }) }), '?range=1h');
  await table();
  const figures = screen.getByRole('region', { name: 'Figures' });
  expect(figures.textContent).toContain('unknown: the source does not hold the pods');
  expect(figures.textContent).not.toContain('0 %');
});

test('without a source it says what to do, and only those who may upload are offered it', async () => {
  const none = aPolicyList({
    policies: [],
    source: aPolicySource({ kind: 'none', state: 'none', kinds: [], detail: 'No source.' }),
  });
  show(none);
  expect(await screen.findByText('causeway up --kubeconfig ~/.kube/config')).toBeDefined();
  fireEvent.click(screen.getByRole('button', { name: 'Upload objects' }));
  expect(await screen.findByRole('heading', { name: 'Upload objects' })).toBeDefined();
  cleanup();
  show(none, '', false);
  expect(await screen.findByText('causeway up --objects DIR')).toBeDefined();
  expect(screen.queryByRole('button', { name: 'Upload objects' })).toBeNull();
});

test('a kind that may not be read is named with its message', async () => {
  const kinds = [
    { kind: 'CiliumNetworkPolicy', state: 'forbidden', objects: 0, message: 'ciliumnetworkpolicies is forbidden', since: 1 },
  ] as const;
  show(aPolicyList({ policies: [], source: aPolicySource({ state: 'partial', kinds: [...kinds], detail: 'Some kinds.' }) }));
  expect((await screen.findByText('CiliumNetworkPolicy')).closest('li')?.textContent).toBe(
    'CiliumNetworkPolicy: not allowed, ciliumnetworkpolicies is forbidden',
  );
});

test('a failed answer says what failed and can be tried again', async () => {
  show({ status: 503, problem: { type: '/problems/x', title: 'ingest does not answer', status: 503 } });
  expect((await screen.findByRole('alert')).textContent).toContain('Ingest does not answer');
  expect(screen.getByRole('button', { name: 'Try again' })).toBeDefined();
});
