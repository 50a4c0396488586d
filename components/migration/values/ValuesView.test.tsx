// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { GeneratedValues } from '#lib/api/preflight.ts';
import { someValues } from '#lib/testing/migration-answers.ts';
import { showPage } from '#lib/testing/show-page.tsx';
import { ValuesView } from './ValuesView.tsx';

vi.mock('next/navigation', () => ({
  useParams: () => ({ cluster: 'aegis-production' }),
  usePathname: () => '/c/aegis-production/migration/values',
}));
let asked: string[] = [];
beforeEach(() => {
  asked = [];
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show(values: GeneratedValues, search = '') {
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url);
    return Promise.resolve(new Response(JSON.stringify(values)));
  });
  return showPage(<ValuesView />, search);
}

test('values stand with their reasons, and the line that lacks a fact says so', async () => {
  show(someValues());
  const lines = within(await screen.findByRole('list', { name: 'Text of the Helm values' })).getAllByRole('listitem');
  expect(lines[2]?.textContent).toContain('(a fact is missing)');
  expect(lines[1]?.textContent).not.toContain('missing');
  expect(within(screen.getByRole('region', { name: 'Why' })).getByText('The VPC CNI keeps the addresses.')).toBeDefined();
  expect(within(screen.getByRole('region', { name: 'Missing facts' })).getByText('kubectl cluster-info')).toBeDefined();
  expect(asked).toEqual(['/api/v1/clusters/aegis-production/migration/values?phase=1']);
});

test('another phase is asked for, with its steps where it has two', async () => {
  const changes = show(someValues());
  await screen.findByRole('region', { name: 'Why' });
  expect(screen.queryByRole('radio', { name: 'Enforcement' })).toBeNull();
  fireEvent.click(screen.getByRole('radio', { name: 'Phase 2' }));
  fireEvent.click(await screen.findByRole('radio', { name: 'Enforcement' }));
  await vi.waitFor(() => expect(asked.at(-1)).toContain('values?phase=2&stage=finish'));
  await vi.waitFor(() => expect(changes.at(-1)).toBe('?phase=2&stage=finish'));
});

test('changes stand value by value and as text, both sides with signs', async () => {
  show(someValues(), '?show=changes&diff=unified');
  const row = within(await screen.findByRole('table', { name: 'Values that change' })).getAllByRole('row')[1];
  expect(row?.textContent).toContain('cni.exclusive−true+false');
  // Its code comes when it is asked for, which takes a busy machine more than a second.
  const diff = await screen.findByRole('table', { name: 'what runs against generated' }, { timeout: 10_000 });
  expect(diff.textContent).toContain('removed:   exclusive: true');
});

test('not knowing what runs is told apart from no difference', async () => {
  const { diff: _, ...unknown } = someValues();
  show(unknown, '?show=changes');
  expect(await screen.findByText('Not known what runs')).toBeDefined();
  cleanup();
  show(someValues({ diff: { against: 'cilium-config', changes: [], text: '' } }), '?show=changes');
  expect(await screen.findByText('Nothing differs')).toBeDefined();
});
