// @vitest-environment happy-dom
import { showPage } from '#lib/testing/show-page.tsx';
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aPolicySource } from '#lib/testing/policy-answers.ts';
import { aReachMatrix } from '#lib/testing/what-if-answers.ts';
import { ReachView } from './ReachView.tsx';
import { type Cell, cellSentence, countStates, moved, stateOf } from './reach-view.ts';

vi.mock('next/navigation', () => ({
  useParams: () => ({ cluster: 'aegis-production' }),
  usePathname: () => '/c/aegis-production/policies/reach',
}));

let asked: string[] = [];
beforeEach(() => {
  asked = [];
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url);
    const workload = url.includes('level=workload');
    return Promise.resolve(
      Response.json(
        url.includes('/source')
          ? aPolicySource()
          : aReachMatrix(workload ? { level: 'workload', names: ['a/x', 'b/y'], cells: [] } : {}),
      ),
    );
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show(search = '') {
  return showPage(<ReachView />, search);
}

test('each pair says in words what policy says and what was seen', async () => {
  show();
  const grid = await screen.findByRole('grid');
  expect(
    within(grid).getByRole('button', { name: 'a to b: allowed and used. Open: TCP/8080. 12 flows let through, 0 denied.' }),
  ).toBeDefined();
  expect(within(grid).getByRole('button', { name: 'b to c: allowed, never used. Open: every port.' })).toBeDefined();
  expect(within(grid).getByRole('button', { name: 'c to a: denied and tried. 0 flows let through, 5 denied.' })).toBeDefined();
  expect(within(grid).getByRole('button', { name: 'a to c: denied, not tried.' })).toBeDefined();
});

test('the matrix is one stop for Tab, and the arrows walk it', async () => {
  show();
  const grid = await screen.findByRole('grid');
  const stops = () =>
    within(grid)
      .getAllByRole('button', { name: / to / })
      .filter((cell) => cell.tabIndex === 0);
  expect(stops()).toHaveLength(1);
  fireEvent.keyDown(grid, { key: 'ArrowRight' });
  expect(document.activeElement?.getAttribute('aria-label')).toMatch(/^a to b/);
  fireEvent.keyDown(grid, { key: 'End', ctrlKey: true });
  expect(document.activeElement?.getAttribute('aria-label')).toMatch(/^c to c/);
  expect(stops()).toEqual([document.activeElement]);
});

test('a pair opens its drawer with a link of its own; the table has the same pairs', async () => {
  const changes = show('?view=table');
  fireEvent.click(within(await screen.findByRole('table')).getByRole('button', { name: /b.*to.*c/ }));
  expect(await screen.findByText(/a candidate for tightening/)).toBeDefined();
  expect(changes.at(-1)).toContain('selected=b-');
});

test('a namespace unfolds to its workloads', async () => {
  show();
  await screen.findByRole('grid');
  const [name] = screen.getAllByRole('button', { name: 'Unfold a' });
  if (name) fireEvent.click(name);
  expect(await screen.findByRole('button', { name: /a\/x to b\/y/ })).toBeDefined();
  expect(asked.at(-1)).toContain('level=workload&namespace=a');
});

const cell: fc.Arbitrary<Cell> = fc.record({
  source: fc.nat(3),
  destination: fc.nat(3),
  policy: fc.constantFrom('allowed', 'denied', 'conditional', 'unknown'),
  ports: fc.array(fc.string(), { maxLength: 12 }),
  conditions: fc.array(fc.string(), { maxLength: 3 }),
  used: fc.nat(),
  tried: fc.nat(),
});

test('the states of all pairs sum to all pairs', () => {
  const cells = fc.uniqueArray(cell, { selector: ({ source, destination }) => source * 4 + destination, maxLength: 16 });
  fc.assert(
    fc.property(cells, (given) => {
      const counts = countStates({ names: ['a', 'b', 'host', 'entity:world'], cells: given });
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(16);
    }),
  );
});

test('what policy denies and was seen passing is neither allowed nor plainly denied', () => {
  const denied: Cell = { source: 0, destination: 0, policy: 'denied', ports: [], conditions: [], used: 3, tried: 0 };
  expect(stateOf(denied, 'a', 'b')).toBe('denied-used');
  expect(stateOf(undefined, 'a', 'world')).toBe('denied');
  expect(stateOf(undefined, 'host', 'world')).toBe('not-judged');
  expect(cellSentence('a', 'b', denied)).toContain('denied, yet seen passing');
});

test('arrows stay inside the matrix', () => {
  expect(moved({ source: 0, destination: 0 }, 'ArrowUp', 3, false)).toEqual({ source: 0, destination: 0 });
  expect(moved({ source: 2, destination: 2 }, 'ArrowRight', 3, false)).toEqual({ source: 2, destination: 2 });
  expect(moved({ source: 1, destination: 1 }, 'x', 3, false)).toBeUndefined();
});
