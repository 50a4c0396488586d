// @vitest-environment happy-dom
import { showPage } from '#lib/testing/show-page.tsx';
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aPolicySource } from '#lib/testing/policy-answers.ts';
import { anExplanation } from '#lib/testing/what-if-answers.ts';
import { WhyView } from './WhyView.tsx';

vi.mock('next/navigation', () => ({
  useParams: () => ({ cluster: 'aegis-production' }),
  usePathname: () => '/c/aegis-production/policies/why',
}));

const QUESTION = '?src=gateway/web-bff&dst=payments/payments-db&port=5432';
let asked: string[] = [];
let answers: Record<string, unknown> = {};

beforeEach(() => {
  asked = [];
  answers = { source: aPolicySource(), why: anExplanation(), 'policy-sets': { sets: [] } };
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url);
    const name = url.split('?', 1)[0]?.split('/').at(-1) ?? '';
    return Promise.resolve(
      name in answers ? Response.json(answers[name]) : Response.json({ type: '/p', title: 'none', status: 404 }, { status: 404 }),
    );
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show(search = '') {
  return showPage(<WhyView />, search);
}

test('a link with a question is answered: verdict, both directions, the rule that came nearest', async () => {
  show(QUESTION);
  expect(await screen.findByRole('heading', { level: 2, name: /Denied at egress/ })).toBeDefined();
  const egress = screen.getByRole('region', { name: 'Egress at gateway/web-bff' });
  expect(within(egress).getByText('No rule allows TCP/5432 to payments/payments-db.')).toBeDefined();
  expect(within(egress).getByText(/wants peer app=checkout-api, saw app=payments-db; wants port 8080, saw 5432/)).toBeDefined();
  expect(
    within(egress)
      .getByRole('link', { name: /bff-to-checkout egress\[0\]/ })
      .getAttribute('href'),
  ).toBe('/c/aegis-production/policies/cnp/gateway/bff-to-checkout?rule=spec.egress%5B0%5D&line=12');
  expect(screen.getByRole('region', { name: 'Ingress at payments/payments-db' })).toBeDefined();
});

test('before the change it says what else that would let in, and the change leads to the what-if with the question', async () => {
  show(QUESTION);
  expect(
    await screen.findByText(/matches 3 endpoints\. It would also let pass 1 other pair denied in the last 24 h, 7 flows/),
  ).toBeDefined();
  expect(screen.getByLabelText('Policy with the change, egress').textContent).toContain('+new:     - toEndpoints:');
  const link = screen.getByRole('link', { name: 'Try in what-if' }).getAttribute('href') ?? '';
  expect(link).toMatch(/what-if\?.*load=allow.*src=gateway%2Fweb-bff.*range=24h/);
});

test('a question without its ends is not asked, and says what is missing', async () => {
  const changes = show();
  fireEvent.click(screen.getByRole('button', { name: 'Ask why' }));
  expect(await screen.findAllByText('An end is needed')).toHaveLength(2);
  expect(changes).toEqual([]);
  expect(asked.filter((url) => url.includes('/why'))).toEqual([]);
});

test('a question typed in gets a link of its own', async () => {
  const changes = show();
  fireEvent.change(screen.getByLabelText(/^From/), { target: { value: 'a/b' } });
  fireEvent.change(screen.getByLabelText(/^To/), { target: { value: '10.0.0.1' } });
  fireEvent.change(screen.getByLabelText(/^Port/), { target: { value: '443' } });
  fireEvent.click(screen.getByRole('button', { name: 'Ask why' }));
  await screen.findByRole('region', { name: 'Verdict' });
  expect(changes.at(-1)).toBe('?src=a/b&dst=10.0.0.1&port=443');
  expect(asked.find((url) => url.includes('/why'))).toContain('from=a%2Fb&to=10.0.0.1&protocol=TCP&port=443&set=in-force');
});

test('without a source of policies nothing is judged, and the way to get one is named', async () => {
  answers = { ...answers, source: aPolicySource({ kind: 'none', state: 'none', detail: '', kinds: [] }) };
  show(QUESTION);
  expect(await screen.findByText(/--kubeconfig/)).toBeDefined();
  expect(screen.queryByRole('region', { name: 'Verdict' })).toBeNull();
});

test('hostile text is shown as text', async () => {
  const label = 'k8s:app=<img src=x onerror=alert(1)>\u202E';
  const explanation = anExplanation();
  answers = { ...answers, why: { ...explanation, egress: { ...explanation.egress, labels: [label], subject: label } } };
  show(QUESTION);
  await screen.findByRole('region', { name: 'Verdict' });
  expect(document.querySelector('img')).toBeNull();
  expect(document.body.textContent).not.toContain('\u202E');
});
