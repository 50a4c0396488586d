// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest';
import { NO_PLACES } from './layout.ts';
import { forgetPlaces, loadPlaces, savePlaces } from './places-store.ts';

beforeEach(() => localStorage.clear());

const places = {
  ...NO_PLACES,
  blocks: { payments: { band: 0, column: 1 } },
  cells: { 'payments/__proto__': { row: 0, column: 0 } },
  corridor: { x: 40, y: 50 },
};

test('places are kept by cluster and level, and forgotten on demand', () => {
  savePlaces('shop', 'workload', places);
  expect(loadPlaces('shop', 'workload')).toEqual(places);
  expect(loadPlaces('shop', 'pod')).toEqual(NO_PLACES);
  forgetPlaces('shop', 'workload');
  expect(loadPlaces('shop', 'workload')).toEqual(NO_PLACES);
});

test.each([
  '{',
  '[]',
  '{"blocks":{"a":{"band":-1,"column":0}},"cells":{},"outside":{"extent":"","at":{}}}',
  '{"blocks":{},"cells":{"a":{"row":1e9,"column":0}},"outside":{"extent":"","at":{}}}',
])('a store that holds %s is forgotten', (text) => {
  localStorage.setItem('causeway.map.1:shop:workload', text);
  expect(loadPlaces('shop', 'workload')).toEqual(NO_PLACES);
});
