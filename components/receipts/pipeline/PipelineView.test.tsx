// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import type { AttestationStatus, KeyList } from '#lib/api/receipts.ts';
import { showPage } from '#lib/testing/show-page.tsx';
import { PipelineView } from './PipelineView.tsx';

vi.mock('next/navigation', () => ({
  useParams: () => ({ cluster: 'aegis-production' }),
  usePathname: () => '/c/aegis-production/receipts/pipeline',
}));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const nats: AttestationStatus['nats'] = {
  state: 'off',
  detail: '',
  published: 0,
  consumed: 0,
  duplicates: 0,
  parked: 0,
  pending: 0,
};
const running = (): AttestationStatus => ({
  state: 'running',
  problem: '',
  stages: [
    { stage: 'observed', lagMs: 40, perSecond: 12.5, waiting: 3, failures: 0 },
    { stage: 'sealed', lagMs: 310, perSecond: 12.4, waiting: 0, failures: 0 },
    { stage: 'stored', lagMs: 340, perSecond: 12.4, waiting: 0, failures: 2 },
    { stage: 'logged', lagMs: 9000, perSecond: 0.1, waiting: 0, failures: 0 },
    { stage: 'witnessed', perSecond: 0, waiting: 0, failures: 0 },
  ],
  receipts: { total: 1432, byClass: { dropped: 400, aggregate: 1000, audit: 32 } },
  lastBatch: { seq: 812, at: Date.now() - 900, leaves: 31 },
  lastCheckpoint: { size: 810, at: Date.now() - 8000, witnesses: 0 },
  series: [{ at: Date.now() - 120_000, receipts: 700, p50Ms: 200, p99Ms: 640, gaps: 1 }],
  nats,
});
const KEYS: KeyList = {
  keys: [
    {
      kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
      role: 'receipt',
      state: 'active',
      validFrom: Date.now() - 86_400_000,
      x: 'x',
      source: 'receipt.pem',
      isHere: true,
      signs: true,
    },
  ],
  witnesses: [
    { name: 'security-witness', url: 'https://w', lastSeen: Date.now() - 4000, problem: '' },
    { name: 'late-witness', url: 'https://l', problem: 'has not seen a head yet' },
  ],
  quorum: 1,
  problem: '',
  warnings: ['The receipt key is older than a year.'],
  makesKeys: true,
  overlapMs: 86_400_000,
  changes: [],
};

function show(status: AttestationStatus | undefined, keys: KeyList = KEYS) {
  vi.stubGlobal('fetch', (url: string) => {
    if (url.includes('/keys')) return answer(keys);
    if (url.includes('/status')) return answer({ title: 'away' }, 502);
    return status ? answer(status) : answer({ type: '/problems/forbidden', title: 'forbidden', status: 403 }, 403);
  });
  showPage(<PipelineView />);
}
const answer = (body: unknown, status = 200) => Promise.resolve(new Response(JSON.stringify(body), { status }));
const station = async (name: string) => within((await screen.findByRole('heading', { name })).closest('li') as HTMLElement);

test('what comes through, what waits and what failed stands at each station, heads by the minute', async () => {
  show(running());
  expect((await station('Taken')).getByText('12.5')).toBeDefined();
  const stored = await station('Stored');
  expect(stored.getByText('2')).toBeDefined();
  expect(stored.getByRole('img', { name: 'has failed before' })).toBeDefined();
  expect((await station('In a signed head')).getByText('6')).toBeDefined();
  expect((await station('Witnessed')).getByRole('img', { name: 'nothing yet' })).toBeDefined();
});

test('figures have their unit and what they are measured against', async () => {
  show(running());
  const figures = within(await screen.findByRole('region', { name: 'Receipts now' }));
  expect(figures.getByText('1,000 aggregate, 400 dropped, 32 audit')).toBeDefined();
  expect(figures.getByText('640 ms')).toBeDefined();
  expect(figures.getByText('31 receipts in it')).toBeDefined();
  expect(figures.getByText(/seen by no witness/)).toBeDefined();
});

test('the keys that sign, a role without one, warnings and witnesses are named', async () => {
  show(running());
  const keys = within(await screen.findByRole('region', { name: 'Keys and witnesses' }));
  expect(await keys.findByText('kPrK_qmx…rS4k')).toBeDefined();
  expect(keys.getByText('no key signs them now')).toBeDefined();
  expect(keys.getByText('The receipt key is older than a year.')).toBeDefined();
  expect(keys.getByText('Witnesses, 1 of 2 needed')).toBeDefined();
  expect(keys.getByText(/has not seen a head yet/)).toBeDefined();
});

test('a pipeline that fails says so before every figure, and one that is off is no alarm', async () => {
  show({ ...running(), state: 'failing', problem: 'Receipts cannot be stored now; they wait in memory.' });
  expect((await screen.findByRole('alert')).textContent).toContain('The pipeline fails Receipts cannot be stored now');
  cleanup();
  show({ ...running(), state: 'off', problem: 'Receipts are off in this console.', stages: [], series: [] });
  expect((await screen.findByRole('alert')).textContent).toContain('No receipts are made');
});

test('NATS tells its counts, and what was put aside', async () => {
  show({ ...running(), nats: { ...nats, state: 'connected', consumed: 4100, parked: 3 } });
  const card = within(await screen.findByRole('region', { name: 'NATS' }));
  expect(card.getByText('4,100')).toBeDefined();
  expect(card.getByText('put aside as unreadable')).toBeDefined();
});

test('whoever may not see it is told so', async () => {
  show(undefined);
  expect((await screen.findByRole('alert')).textContent).toContain('You may not see this');
});
