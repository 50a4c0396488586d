import { expect, test } from 'vitest';
import { aKeyList, aSigningKey, KEYS_AT } from '#lib/testing/key-answers.ts';
import { compromiseEffects, fromUtcField, inForceWords, signedWords, stateWords, whyNoRotation } from './key-words.ts';

test.each([
  [aSigningKey(), 'pass', 'It signs receipts now.'],
  [aSigningKey({ role: 'checkpoint' }), 'pass', 'It signs heads of the logs now.'],
  [aSigningKey({ signs: false, isHere: false }), 'advice', 'It is in force, and its private part is not here.'],
  [aSigningKey({ signs: false }), 'pass', 'It is in force beside its successor, for what is signed at this moment.'],
  [aSigningKey({ state: 'retired' }), 'stale', 'It signs no more. What it signed while it was in force stays valid.'],
])('a key is told by mark and sentence', (key, mark, means) => {
  expect(stateWords(key)).toMatchObject({ mark, means });
});

test('when a key was in force is said with both ends', () => {
  expect(inForceWords(aSigningKey())).toBe('since 2 Mar 2026 12:00:00 UTC');
  expect(inForceWords(aSigningKey({ state: 'pending' }))).toBe('takes over 2 Mar 2026 12:00:00 UTC');
  expect(inForceWords(aSigningKey({ state: 'retired', validTo: KEYS_AT + 3_600_000 }))).toBe(
    '2 Mar 2026 12:00:00 UTC to 2 Mar 2026 13:00:00 UTC',
  );
  expect(inForceWords(aSigningKey({ state: 'compromised', compromisedAt: KEYS_AT + 1000 }))).toContain(
    'lost 2 Mar 2026 12:00:01',
  );
});

test('what gives up a key says what is lost with it', () => {
  const key = aSigningKey();
  const own = compromiseEffects(key, KEYS_AT, aKeyList({ keys: [key] })).join(' ');
  expect(own).toMatch(
    /where a witness had seen their batch before 2 Mar 2026 12:00:00 UTC.*A new key is made and signs at once.*cannot be taken back/,
  );
  const bare = compromiseEffects(key, KEYS_AT, aKeyList({ keys: [key], witnesses: [], quorum: 0, makesKeys: false })).join(' ');
  expect(bare).toMatch(
    /no receipt that this key signed will verify any more.*Until a new key file is put there, receipts are not signed/,
  );
  const pending = aSigningKey({ kid: 'next', state: 'pending', signs: false });
  expect(compromiseEffects(key, KEYS_AT, aKeyList({ keys: [key, pending], quorum: 2 })).join(' ')).toMatch(
    /2 witnesses had seen.*The other key of its role takes over at once/,
  );
  const checkpoint = aSigningKey({ role: 'checkpoint' });
  expect(compromiseEffects(checkpoint, KEYS_AT, aKeyList({ witnesses: [] })).join(' ')).not.toContain('receipt');
});

test('why a role cannot be rotated now', () => {
  const key = aSigningKey();
  expect(whyNoRotation('receipt', aKeyList({ keys: [key] }))).toBeUndefined();
  expect(whyNoRotation('checkpoint', aKeyList({ keys: [key] }))).toMatch(/No key of this role signs/);
  expect(whyNoRotation('receipt', aKeyList({ keys: [key], makesKeys: false }))).toContain('CAUSEWAY_RECEIPT_KEY_FILE');
  expect(whyNoRotation('receipt', aKeyList({ keys: [key, aSigningKey({ state: 'pending', signs: false })] }))).toMatch(
    /under way/,
  );
});

test('a time in a field is UTC, and what is none is none', () => {
  expect(fromUtcField('2026-03-02T12:00')).toBe(KEYS_AT);
  for (const text of ['', '2026-13-01T00:00', 'yesterday', '2026-03-02']) expect(fromUtcField(text)).toBeUndefined();
});

test.each([
  [['a'], 'itself'],
  [['a', 'b'], 'itself and the other key of its role'],
  [['b'], 'the other key of its role'],
])('a change that %o signed is signed by %s', (signedBy, words) => {
  expect(signedWords({ kid: 'a', role: 'receipt', event: 'introduced', at: KEYS_AT, signedBy })).toBe(words);
});
