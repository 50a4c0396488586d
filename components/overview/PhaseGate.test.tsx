// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PhaseDetail } from '#lib/api/migration.ts';
import { showPage } from '#lib/testing/show-page.tsx';
import { NOW, aCheck, aGate, aMigration, aPhase } from '#lib/testing/tracker-answers.ts';
import { PhaseGate } from './PhaseGate.tsx';

let phase: PhaseDetail;

beforeEach(() => {
  phase = aPhase();
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  vi.stubGlobal('fetch', (url: string) => Promise.resolve(Response.json(url.includes('/phases/') ? phase : aMigration())));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('it counts the checks of the phase the cluster is in, and each that is not met leads to itself', async () => {
  phase = aPhase({
    checks: [
      aCheck({ id: 'a', title: 'Nodes reporting' }),
      aCheck({ id: 'b', title: 'Throughput', status: 'unknown', value: '', reason: 'iperf3 after is missing.' }),
      aCheck({ id: 'c', title: 'Encrypted', status: 'fail', value: '99.84 %' }),
      aCheck({ id: 'd', title: 'Taken on', status: 'fail', demand: 'acknowledge', met: true }),
    ],
  });
  showPage(<PhaseGate cluster="aegis-production" />);
  const card = await screen.findByRole('region', { name: 'Phase 3 gate waits for' });
  const list = await within(card).findByRole('list', { name: 'What the gate waits for' });
  expect(
    within(list)
      .getAllByRole('link')
      .map(({ textContent }) => textContent),
  ).toEqual(['Encrypted99.84 %, needs ≥ 99.90 %', 'Throughputiperf3 after is missing.']);
  expect(within(list).getAllByRole('link')[0]?.getAttribute('href')).toBe('/c/aegis-production/migration?phase=3&check=c');
  expect(card.textContent).toMatch(/1 pass.*2 fail.*1 unknown.*of 4 checks/);
});

test('when all checks are met it says which condition is not', async () => {
  phase = aPhase({
    checks: [aCheck()],
    gate: aGate({ conditions: [{ id: 'window', title: 'Change window', met: false, value: 'Tue 3 Mar 09:00-12:00' }] }),
  });
  showPage(<PhaseGate cluster="aegis-production" />);
  expect(await screen.findByText('Change window')).toBeDefined();
});
