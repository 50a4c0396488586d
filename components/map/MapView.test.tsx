// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { NuqsTestingAdapter, type UrlUpdateEvent } from 'nuqs/adapters/testing';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { useConsole } from '#components/live/use-console.ts';
import { MapView } from './MapView.tsx';
import { useMapState } from './use-map-state.ts';
import { shopWorld } from './world.fixture.ts';

vi.mock('next/navigation', () => ({ useParams: () => ({ cluster: 'shop' }), usePathname: () => '/c/shop/map' }));

beforeAll(() => {
  // The drawer asks for rates and flows: there is no server here.
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
});
afterEach(cleanup);

const topology = shopWorld();

function Harness() {
  const view = useConsole();
  const state = useMapState();
  return (
    <MapView
      topology={topology}
      view={view}
      state={state}
      compact={false}
      onOverlay={(overlay) => void state.set({ overlay })}
      changeOf={undefined}
      note={null}
    />
  );
}

function open(search = '') {
  const urls: string[] = [];
  const onUrlUpdate = ({ searchParams }: UrlUpdateEvent) => urls.push(searchParams.toString());
  render(
    <NuqsTestingAdapter searchParams={search} onUrlUpdate={onUrlUpdate} hasMemory>
      <Harness />
    </NuqsTestingAdapter>,
  );
  const map = () => screen.getByRole('application');
  const press = (...keys: string[]) => keys.forEach((key) => fireEvent.keyDown(map(), { key }));
  return { map, press, urls, spoken: () => document.querySelector('output[aria-live]')?.textContent ?? '' };
}

test('arrow keys walk from card to card and each is spoken with what it is', () => {
  const { press, spoken } = open();
  press('ArrowRight');
  const first = spoken();
  expect(first).toMatch(/, \d+ out, \d+ in/);
  press('ArrowDown');
  expect(spoken()).not.toBe(first);
});

test('Enter selects the card that the walk stands on, and its drawer opens', async () => {
  const { press, spoken } = open();
  press('ArrowRight');
  const [name = ''] = spoken().split(',');
  press('Enter');
  const drawer = await screen.findByRole('complementary');
  expect(within(drawer).getByRole('heading', { level: 2 }).textContent).toContain(name.split('/').at(-1));
});

test('L steps through the lines of a card, Enter selects one', async () => {
  const { press, spoken } = open();
  press('ArrowRight', 'L');
  expect(spoken()).toMatch(/; line .+ to .+/);
  press('Enter');
  const drawer = await screen.findByRole('complementary');
  expect(within(drawer).getByText(/^(Edge|\d+ edges)$/)).toBeTruthy();
});

test('Esc clears the selection and the walk', async () => {
  const { press, spoken } = open();
  press('ArrowRight', 'Enter');
  await screen.findByRole('complementary');
  press('Escape');
  await vi.waitFor(() => expect(screen.queryByRole('complementary')).toBeNull());
  expect(spoken()).toBe('');
});

test('the table holds every edge of the map, drops first, and selects like the map', async () => {
  open('?view=table');
  const table = screen.getByRole('table');
  const rows = within(table).getAllByRole('row').slice(1);
  expect(rows).toHaveLength(topology.edges.length);
  expect(rows[0]?.textContent).toContain('DROPPED');
  fireEvent.click(within(rows[0] as HTMLElement).getByRole('button'));
  expect(await screen.findByRole('complementary')).toBeTruthy();
});

test('a head of the table sorts by its column and says so', () => {
  open('?view=table');
  fireEvent.click(screen.getByRole('button', { name: /^Flows/ }));
  expect(screen.getByRole('columnheader', { name: /^Flows/ }).getAttribute('aria-sort')).toBe('descending');
  expect(within(screen.getByRole('table')).getAllByRole('row')[1]?.textContent).toContain('payments/checkout-api');
});

test('what is hidden is gone from the table, and a filter a map cannot answer is explained', () => {
  open('?view=table&hide=verdict:FORWARDED');
  const rows = within(screen.getByRole('table')).getAllByRole('row').slice(1);
  expect(rows.every((row) => !/FORWARDED/.test(row.textContent ?? ''))).toBe(true);
  cleanup();
  open('?find=path:/v1');
  // Once in the toolbar and once in the row of a narrow one: style sheets show one of them.
  expect(screen.getAllByText(/A map does not keep paths/)).toHaveLength(2);
});

test('the question mark opens the list of keys', () => {
  const { press } = open();
  press('?');
  expect(screen.getByRole('dialog', { name: 'Keys of the map' })).toBeTruthy();
});
