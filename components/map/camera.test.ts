import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitCamera, toScreen, toWorld } from './camera.ts';
import { FIT_MARGIN } from './measures.ts';

const place = fc.integer({ min: -3000, max: 3000 });
const rect = fc.record({
  x: place,
  y: place,
  width: fc.integer({ min: 1, max: 6000 }),
  height: fc.integer({ min: 1, max: 6000 }),
});

test('a map that is fitted keeps clear of legend, counts and buttons, and is never enlarged', () => {
  fc.assert(
    fc.property(rect, fc.integer({ min: 800, max: 2500 }), fc.integer({ min: 400, max: 1500 }), (bounds, width, height) => {
      const camera = fitCamera(bounds, width, height);
      const start = toScreen(bounds, camera);
      const end = toScreen({ x: bounds.x + bounds.width, y: bounds.y + bounds.height }, camera);
      expect(camera.zoom).toBeLessThanOrEqual(1);
      expect(start.x).toBeGreaterThanOrEqual(FIT_MARGIN.left - 0.001);
      expect(start.y).toBeGreaterThanOrEqual(FIT_MARGIN.top - 0.001);
      expect(end.x).toBeLessThanOrEqual(width - FIT_MARGIN.right + 0.001);
      expect(end.y).toBeLessThanOrEqual(height - FIT_MARGIN.bottom + 0.001);
    }),
  );
});

test('screen and world are each other turned round', () => {
  const camera = { x: 12, y: -40, zoom: 0.4 };
  const back = toWorld(toScreen({ x: 310, y: 77 }, camera), camera);
  expect(back.x).toBeCloseTo(310);
  expect(back.y).toBeCloseTo(77);
});
