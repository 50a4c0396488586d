import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparable, draggedWindow, MINUTE, moved, STRIP_MS, stripOf } from './time-window.ts';

const to = Date.UTC(2026, 2, 2, 14, 3, 20);
const bounds = { from: to - STRIP_MS, to };

test('a drag chooses whole minutes, in either direction', () => {
  const start = Date.UTC(2026, 2, 2, 13, 10, 40);
  const end = Date.UTC(2026, 2, 2, 13, 20, 5);
  const window = { from: Date.UTC(2026, 2, 2, 13, 10), to: Date.UTC(2026, 2, 2, 13, 21) };
  expect(draggedWindow(start, end, bounds)).toEqual(window);
  expect(draggedWindow(end, start, bounds)).toEqual(window);
});

test('a click chooses five minutes', () => {
  const at = Date.UTC(2026, 2, 2, 13, 10, 40);
  const { from, to: end } = draggedWindow(at, at, bounds);
  expect(end - from).toBe(5 * MINUTE);
  expect(from <= at && at <= end).toBe(true);
});

test('what is compared lies an hour before, or just before where an hour is out of reach', () => {
  const shown = { from: to - 5 * MINUTE, to };
  expect(comparable(shown, bounds).from).toBe(Math.floor((shown.from - 60 * MINUTE) / MINUTE) * MINUTE);
  const early = { from: bounds.from + 10 * MINUTE, to: bounds.from + 15 * MINUTE };
  expect(comparable(early, bounds).to).toBeLessThanOrEqual(early.from + MINUTE);
});

test('a window that is moved keeps its length and stays on the strip', () => {
  const windows = fc.tuple(
    fc.integer({ min: 0, max: 170 }),
    fc.integer({ min: 1, max: 10 }),
    fc.integer({ min: -300, max: 300 }),
  );
  fc.assert(
    fc.property(windows, ([start, minutes, by]) => {
      const window = { from: bounds.from + start * MINUTE, to: bounds.from + (start + minutes) * MINUTE };
      const next = moved(window, by * MINUTE, bounds);
      expect(next.to - next.from).toBe(minutes * MINUTE);
      expect(next.from).toBeGreaterThan(bounds.from - MINUTE);
      expect(next.to).toBeLessThanOrEqual(bounds.to);
    }),
  );
});

test('the strip shows what there is, at least half an hour, at most three', () => {
  expect(stripOf(to, undefined)).toEqual(bounds);
  expect(stripOf(to, to - 9 * 60 * MINUTE)).toEqual(bounds);
  expect(stripOf(to, to - 60 * MINUTE)).toEqual({ from: to - 62 * MINUTE, to });
  expect(stripOf(to, to - MINUTE)).toEqual({ from: to - 30 * MINUTE, to });
});
