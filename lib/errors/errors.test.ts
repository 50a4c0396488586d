import { expect, test, vi } from 'vitest';
import { CausewayError } from './errors.ts';

test('an error of another copy of the class is one: pages and routes are bundled apart', async () => {
  vi.resetModules();
  const { CausewayError: Other } = await import('./errors.ts');
  expect(Other).not.toBe(CausewayError);
  expect(new Other('not-found', 'gone')).toBeInstanceOf(CausewayError);
});

test.each([
  new Error('plain'),
  Object.assign(new Error('dressed up'), { name: 'CausewayError', code: 'not-found' }),
  { code: 'not-found' },
])('%s is none', (value) => expect(value).not.toBeInstanceOf(CausewayError));

test('a class derived from it recognises its own and no others', () => {
  class Special extends CausewayError {}
  expect(new CausewayError('conflict', 'plain')).not.toBeInstanceOf(Special);
  expect(new Special('conflict', 'special')).toBeInstanceOf(Special);
  expect(new Special('conflict', 'special')).toBeInstanceOf(CausewayError);
});
