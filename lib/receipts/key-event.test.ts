import { describe, expect, test } from 'vitest';
import { aKeyEvent, TestKey, verifyByNode } from '#lib/testing/receipts.ts';
import { checkKeyEvent, KeyHistory, keyEventToSign } from './key-event.ts';
import type { KeyEvent } from './receipt.ts';

const [old, next, third, warm] = [new TestKey(), new TestKey(), new TestKey(), new TestKey()];
const known = new Map([
  [old.kid, { role: 'receipt' as const, key: old.public }],
  [warm.kid, { role: 'checkpoint' as const, key: warm.public }],
]);
const check = (event: KeyEvent) => checkKeyEvent(event, known, verifyByNode);

test('what is signed names its type and leaves the signatures out', () => {
  const { signatures: _signatures, ...unsigned } = aKeyEvent(next);
  const text = new TextDecoder().decode(keyEventToSign(unsigned));
  expect(text).toMatch(/^DSSEv1 42 application\/vnd\.causeway\.key-event\.v1\+json \d+ \{"at":/);
  expect(new TextDecoder().decode(keyEventToSign(aKeyEvent(next, {}, [next, old])))).toBe(text);
});

describe('a change of a key by itself', () => {
  test('is good with its own signature, and with that of a known key of its role', async () => {
    expect(await check(aKeyEvent(next))).toBeUndefined();
    expect(await check(aKeyEvent(next, {}, [next, old]))).toBeUndefined();
    expect(await check(aKeyEvent(next, { event: 'retired' }, [old]))).toBeUndefined();
  });

  test.each([
    { name: 'without the new key’s own signature', event: aKeyEvent(next, {}, [old]), why: /new key has not signed/ },
    { name: 'signed twice by one key', event: aKeyEvent(next, {}, [next, next]), why: /twice/ },
    { name: 'signed by a key of another role', event: aKeyEvent(next, {}, [next, warm]), why: /another role/ },
    { name: 'with the name of another key', event: { ...aKeyEvent(next), x: third.x }, why: /another one/ },
    { name: 'changed after it was signed', event: { ...aKeyEvent(next), event: 'activated' as const }, why: /does not verify/ },
    {
      name: 'of a key of small order',
      event: { ...aKeyEvent(next), x: 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
      why: /small order/,
    },
  ])('$name is broken', async ({ event, why }) => {
    expect(await check(event)).toEqual({ kind: 'broken', problem: expect.stringMatching(why) as string });
  });

  test('by a key that nobody knows says so', async () => {
    expect(await check(aKeyEvent(next, {}, [next, third]))).toMatchObject({ kind: 'unknown-key' });
  });
});

describe('the history of a log’s keys', () => {
  const activated = { event: 'activated' as const };
  const retired = { event: 'retired' as const };
  const compromised = { event: 'compromised' as const, compromised_at: '2026-03-02T00:00:00.000000Z' };
  const replay = async (events: readonly KeyEvent[]) => {
    const history = new KeyHistory();
    for (const event of events) {
      const wrong = await history.add(event, verifyByNode);
      if (wrong) return wrong.problem;
    }
    return Object.fromEntries([...history.keys].map(([kid, { state }]) => [kid, state]));
  };
  const start = [aKeyEvent(old), aKeyEvent(old, activated)];
  const rotation = [...start, aKeyEvent(next, {}, [next, old]), aKeyEvent(next, activated, [next, old])];

  test('a rotation is signed by the old and the new key, and both are in force until the old one is retired', async () => {
    expect(await replay(rotation)).toEqual({ [old.kid]: 'active', [next.kid]: 'active' });
    expect(await replay([...rotation, aKeyEvent(old, retired, [old, next])])).toEqual({
      [old.kid]: 'retired',
      [next.kid]: 'active',
    });
  });

  test('a key of each role begins by itself', async () => {
    expect(await replay([...start, aKeyEvent(warm, { role: 'checkpoint' })])).toEqual({
      [old.kid]: 'active',
      [warm.kid]: 'pending',
    });
  });

  test.each([
    { name: 'a second key without the word of the first', events: [...start, aKeyEvent(next)], why: /no other active key/ },
    { name: 'a key in force that was not introduced', events: [aKeyEvent(old, activated)], why: /not introduced/ },
    { name: 'a key introduced twice', events: [...start, aKeyEvent(old)], why: /is active/ },
    {
      name: 'a key put in force by itself',
      events: [...start, aKeyEvent(next, {}, [next, old]), aKeyEvent(next, activated)],
      why: /no other active key/,
    },
    {
      name: 'a compromise on the word of that key',
      events: [...rotation, aKeyEvent(old, compromised)],
      why: /no other active key/,
    },
    {
      name: 'a key that comes back',
      events: [...rotation, aKeyEvent(old, retired, [old, next]), aKeyEvent(old, activated, [old, next])],
      why: /is retired/,
    },
    {
      name: 'a key in another role',
      events: [...start, aKeyEvent(old, { ...retired, role: 'checkpoint' })],
      why: /another role/,
    },
  ])('$name is refused', async ({ events, why }) => {
    expect(await replay(events)).toMatch(why);
  });

  test('a compromised key is told by the one that follows it', async () => {
    expect(await replay([...rotation, aKeyEvent(old, compromised, [next])])).toEqual({
      [old.kid]: 'compromised',
      [next.kid]: 'active',
    });
    expect(await replay([...start, aKeyEvent(old, compromised)])).toEqual({ [old.kid]: 'compromised' });
  });
});
