// @vitest-environment happy-dom
import { cleanup, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { showPage } from '#lib/testing/show-page.tsx';
import { CLUSTERS, NOW, anInboxItem } from '#lib/testing/tracker-answers.ts';
import { InboxView } from './InboxView.tsx';

vi.mock('next/navigation', () => ({ useParams: () => ({}), usePathname: () => '/approvals' }));

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function show(items: readonly ReturnType<typeof anInboxItem>[]) {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ items })));
  showPage(<InboxView />);
}

test('what waits for whoever looks stands first, with its phase, who asked and when it lapses', async () => {
  show([
    anInboxItem({ until: NOW + 40 * 60_000 }),
    anInboxItem({ kind: 'own', mine: false, environment: 'DEV', cluster: CLUSTERS.DEV }),
    anInboxItem({ mine: false, reason: 'you uploaded evidence for it' }),
  ]);
  await screen.findAllByRole('link');
  const mine = screen.getByRole('region', { name: 'Waits for you' });
  const link = within(mine).getByRole('link');
  await waitFor(() => expect(link.textContent).toMatch(/Gate: phase 3 Mutual auth and WireGuard.*by j\.lindqvist.*lapses in/));
  expect(link.getAttribute('href')).toBe('/c/aegis-production/migration?phase=3&env=PRD');
  expect(
    within(screen.getByRole('region', { name: 'You asked for' })).getByRole('link', { name: /^DEV\s*Your request/ }),
  ).toBeDefined();
  expect(
    within(screen.getByRole('region', { name: 'Waits for others' })).getByText(/you uploaded evidence for it/),
  ).toBeDefined();
});

test('an empty inbox says what will come to it', async () => {
  show([]);
  expect(await screen.findByText('Nothing waits for you')).toBeDefined();
  expect(screen.queryByRole('region', { name: 'You asked for' })).toBeNull();
});
