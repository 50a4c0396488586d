// @vitest-environment happy-dom
import { showPage } from '#lib/testing/show-page.tsx';
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aLintFinding, aPolicyDetail, aPolicySummary } from '#lib/testing/policy-answers.ts';
import { PolicyView } from './PolicyView.tsx';

vi.mock('next/navigation', () => ({
  useParams: () => ({ cluster: 'aegis-production' }),
  usePathname: () => '/c/aegis-production/policies/cnp/payments/ledger-from-checkout',
}));

const REF = 'cnp:payments/ledger-from-checkout';
const BASE = '/api/v1/clusters/aegis-production/policies/cnp/payments/ledger-from-checkout';
let answers: Map<string, { body: object; status?: number }>;

beforeEach(() => {
  answers = new Map();
  vi.stubGlobal('fetch', (url: string) => {
    const path = url.split('?', 1)[0] ?? '';
    const { body, status = 200 } = answers.get(path) ?? {
      body: { type: '/problems/not-found', title: 'not found', status: 404 },
      status: 404,
    };
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show(search = '?range=1h') {
  return showPage(<PolicyView policy={REF} />, search);
}

const lines = async () => within(await screen.findByRole('list', { name: 'Lines of the policy' })).getAllByRole('listitem');

test('the text says at each rule what it did and at each line what is wrong', async () => {
  answers.set(BASE, { body: aPolicyDetail({ findings: [aLintFinding({ line: 5, message: 'too wide' })] }) });
  show();
  const shown = (await lines()).map((line) => line.textContent);
  expect(shown[6]).toBe('7    - fromEndpoints: # who calls1,204 flows');
  expect(shown[9]).toBe('10    - fromEntities: [host]no traffic');
  expect(within((await lines())[4] as HTMLElement).getByRole('img', { name: 'too wide' })).toBeDefined();
});

test('a link to a line marks it, a press on a rule marks its line and the link carries both', async () => {
  answers.set(BASE, { body: aPolicyDetail() });
  const changes = show('?range=1h&line=3');
  expect((await lines()).findIndex((line) => line.getAttribute('aria-current') === 'location')).toBe(2);
  fireEvent.click(screen.getByRole('button', { name: /ingress\[1\] allows ingress/ }));
  await vi.waitFor(() => expect(changes.at(-1)).toContain('line=10&rule=spec.ingress[1]'));
  expect((await lines())[9]?.getAttribute('aria-current')).toBe('location');
});

test('a link to a rule marks the line where it begins', async () => {
  answers.set(BASE, { body: aPolicyDetail() });
  show('?rule=spec.ingress[1]');
  expect((await lines())[9]?.getAttribute('aria-current')).toBe('location');
});

test('a rule that others make needless names them', async () => {
  answers.set(BASE, { body: aPolicyDetail() });
  show();
  const link = within(await screen.findByRole('table', { name: /^Rules/ })).getByRole('link', { name: /allow-host/ });
  expect(link.getAttribute('href')).toMatch(/^\/c\/aegis-production\/policies\/ccnp\/-\/allow-host\?.*line=9/);
});

test('a policy that is not in force says why, where, and who refuses it', async () => {
  const problems = [
    { layer: 'schema', class: 'bad-port', message: 'port is no number', path: 'spec.ingress[0]', place: { line: 7, column: 5 } },
  ] as const;
  const summary = aPolicySummary({ valid: false, problems: [...problems], reported: { valid: true, message: '' } });
  answers.set(BASE, { body: aPolicyDetail({ summary, rules: [] }) });
  show();
  const [why] = within(await screen.findByRole('list', { name: 'Why it is not in force' })).getAllByRole('listitem');
  expect(why?.textContent).toBe('spec.ingress[0] port is no number (line 7, column 5), refused by the API server');
  expect(screen.getByText(/The cluster itself reports it as valid/)).toBeDefined();
});

test('an old version is laid beside the one in force', async () => {
  const detail = aPolicyDetail();
  const old = 'b'.repeat(64);
  answers.set(BASE, { body: detail });
  answers.set(`${BASE}/versions/${old}`, {
    body: { ref: REF, version: detail.versions[1], yaml: detail.yaml.replace('checkout-api', 'cart-api') },
  });
  const changes = show();
  fireEvent.click(await screen.findByRole('button', { name: 'Compare version bbbbbbbb with the one in force' }));
  const diff = await screen.findByRole('table', { name: /^version bbbbbbbb \(generation 2\) against version aaaaaaaa/ });
  expect(changes.at(-1)).toContain(`compare=${old}`);
  const changed = within(diff).getByRole('row', { name: /removed:/ });
  expect(changed.textContent).toBe('9−removed:             app: "cart-api"9+added:             app: "checkout-api"');
  expect(screen.getByText(/1 line added, 1 removed/)).toBeDefined();
});

test('a name that is not in force is no failure', async () => {
  show();
  expect(await screen.findByText('No policy of this name is in force')).toBeDefined();
});

test('the change begins with this policy loaded', async () => {
  answers.set(BASE, { body: aPolicyDetail() });
  show();
  expect(screen.getByRole('link', { name: 'Try a change' }).getAttribute('href')).toBe(
    '/c/aegis-production/policies/what-if?range=1h&policy=cnp%3Apayments%2Fledger-from-checkout',
  );
});
