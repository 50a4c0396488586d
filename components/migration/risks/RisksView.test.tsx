// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RiskRegister } from '#lib/api/migration.ts';
import { aRisk, aRiskRegister } from '#lib/testing/migration-answers.ts';
import { showPage } from '#lib/testing/show-page.tsx';
import { RisksView } from './RisksView.tsx';

vi.mock('next/navigation', () => ({
  useParams: () => ({ cluster: 'aegis-production' }),
  usePathname: () => '/c/aegis-production/migration/risks',
  useRouter: () => ({ push: () => undefined }),
}));
/** A stream that says nothing. */
class QuietSource extends EventTarget {
  readonly readyState = 1;
  close() {
    // Nothing to end.
  }
}
let sent: { url: string; body: unknown }[] = [];
beforeEach(() => {
  sent = [];
  vi.stubGlobal('EventSource', QuietSource);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show(register: RiskRegister, search = '', mayEdit = true, put: () => Response = () => new Response('{}')) {
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) => {
    if (init?.method === 'PUT') {
      sent.push({ url, body: JSON.parse(typeof init.body === 'string' ? init.body : '') });
      return Promise.resolve(put());
    }
    return Promise.resolve(new Response(JSON.stringify(register)));
  });
  return showPage(<RisksView mayEdit={mayEdit} />, search);
}

test('what has happened stands first, then the weightier', async () => {
  const risks = [
    aRisk({ id: 'a', title: 'Small', likelihood: 'low', impact: 'low' }),
    aRisk({ id: 'b', title: 'Big' }),
    aRisk({ id: 'c', title: 'True', state: 'happened', likelihood: 'low', impact: 'low' }),
    aRisk({ id: 'd', title: 'Over', state: 'closed', likelihood: 'high', impact: 'high' }),
  ];
  show(aRiskRegister({ risks }));
  const rows = within(await screen.findByRole('table', { name: 'Risk register' })).getAllByRole('button');
  expect(rows.map(({ textContent }) => textContent)).toEqual(['True', 'Big', 'Small', 'Over']);
});

test('a risk opens with what moves it, and is saved with its version; what is not said stays with the plan', async () => {
  const changes = show(aRiskRegister(), '', true, () => new Response(JSON.stringify(aRisk({ version: 1 }))));
  fireEvent.click(await screen.findByRole('button', { name: 'Pods lose their network' }));
  await vi.waitFor(() => expect(changes.at(-1)).toBe('?risk=r1'));
  expect(screen.getByRole('link', { name: /^All pods managed/ }).getAttribute('href')).toBe(
    '/c/aegis-production/migration?phase=1&check=1.unmanaged',
  );
  fireEvent.change(screen.getByRole('textbox', { name: 'Owner' }), { target: { value: 'network team' } });
  fireEvent.change(screen.getByRole('combobox', { name: 'State' }), { target: { value: 'watched' } });
  fireEvent.click(screen.getByRole('button', { name: 'Save' }));
  await vi.waitFor(() =>
    expect(sent).toEqual([
      {
        url: '/api/v1/clusters/aegis-production/migration/risks/r1',
        body: { version: 0, owner: 'network team', likelihood: null, impact: null, state: 'watched', note: '' },
      },
    ]),
  );
});

test('what a person said before is kept, what the checks say is not taken for it', async () => {
  const said = { likelihood: 'low' } as const;
  show(aRiskRegister({ risks: [aRisk({ state: 'watched', likelihood: 'low', said, version: 3 })] }), '?risk=r1');
  fireEvent.click(await screen.findByRole('button', { name: 'Save' }));
  await vi.waitFor(() => expect(sent[0]?.body).toMatchObject({ version: 3, likelihood: 'low', impact: null, state: null }));
});

test('when someone was faster nothing is overwritten, and it says so', async () => {
  const conflict = { type: '/problems/conflict', title: 'changed by someone else', status: 409 };
  show(aRiskRegister(), '?risk=r1', true, () => new Response(JSON.stringify(conflict), { status: 409 }));
  fireEvent.click(await screen.findByRole('button', { name: 'Save' }));
  expect((await screen.findByRole('alert')).textContent).toContain('Changed by someone else');
});

test('who may not edit reads only', async () => {
  show(aRiskRegister(), '?risk=r1', false);
  await screen.findByRole('complementary');
  expect(screen.queryByRole('textbox', { name: 'Owner' })).toBeNull();
});

test('a phase narrows register and impacts; an untouched component says so', async () => {
  show(aRiskRegister(), '?phase=4');
  expect(await screen.findByText('No risk matches')).toBeDefined();
  const table = within(screen.getByRole('table', { name: /Impact/ }));
  expect(table.getByRole('row', { name: /kube-proxy/ }).textContent).toContain('highreplaced');
  expect(table.getByRole('row', { name: /SPIRE/ }).textContent).toContain('not touched');
});

test('without a migration the page leads to the plan', async () => {
  vi.stubGlobal('fetch', () =>
    Promise.resolve(
      new Response(JSON.stringify({ type: '/problems/not-found', title: 'not found', status: 404 }), { status: 404 }),
    ),
  );
  showPage(<RisksView mayEdit />);
  expect((await screen.findByRole('link', { name: 'Open the plan' })).getAttribute('href')).toBe('/c/aegis-production/migration');
});
