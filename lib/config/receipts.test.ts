import { expect, test } from 'vitest';
import { receiptSettingsOf } from './receipts.ts';

const FILES = { CAUSEWAY_RECEIPT_KEY_FILE: '/keys/receipt.pem', CAUSEWAY_CHECKPOINT_KEY_FILE: '/keys/checkpoint.pem' };

test('without keys nothing is signed', () => {
  expect(receiptSettingsOf({})).toBeUndefined();
  expect(receiptSettingsOf({ CAUSEWAY_ORGANISATION: 'aegis', CAUSEWAY_KEY_DIRECTORY: ' ' })).toBeUndefined();
});

test('files that are named go before a directory', () => {
  expect(receiptSettingsOf({ CAUSEWAY_KEY_DIRECTORY: '/data/keys' })).toEqual({
    organisation: 'local',
    days: 30,
    witnesses: [],
    quorum: 0,
    keys: { directory: '/data/keys' },
  });
  expect(receiptSettingsOf({ ...FILES, CAUSEWAY_KEY_DIRECTORY: '/data/keys', CAUSEWAY_ORGANISATION: 'aegis.eu' })).toMatchObject({
    organisation: 'aegis.eu',
    keys: { receiptKeyFile: '/keys/receipt.pem', checkpointKeyFile: '/keys/checkpoint.pem' },
  });
});

test('the overlap can be shortened for a trial', () => {
  expect(receiptSettingsOf({ ...FILES, CAUSEWAY_KEY_OVERLAP_SECONDS: '5' })?.keys.overlapMs).toBe(5000);
});

test('summaries are kept for as many days as are asked for', () => {
  expect(receiptSettingsOf({ ...FILES, CAUSEWAY_RECEIPT_DAYS: '400' })?.days).toBe(400);
});

test('every flow gets a receipt for a time that ends by itself, at most a day ahead', () => {
  const now = Date.parse('2026-03-02T14:00:00Z');
  const until = (text: string) => receiptSettingsOf({ ...FILES, CAUSEWAY_RECEIPTS_FULL_UNTIL: text }, now)?.fullUntil;
  expect(until('2026-03-02T16:30Z')).toBe(now + 2.5 * 3_600_000);
  expect(until('2026-03-02T13:59:00Z')).toBeUndefined(); // over
  expect(() => until('2026-03-04T14:00Z')).toThrow(/a day ahead/);
  expect(() => until('tomorrow')).toThrow(/is a time as/);
});

test.each([
  [{ CAUSEWAY_RECEIPT_KEY_FILE: '/a' }, /both or not at all/],
  [{ ...FILES, CAUSEWAY_ORGANISATION: 'Aegis Ltd' }, /small letters/],
  [{ ...FILES, CAUSEWAY_ORGANISATION: 'a/b' }, /small letters/],
  [{ ...FILES, CAUSEWAY_KEY_OVERLAP_SECONDS: '-1' }, /number of seconds/],
  [{ ...FILES, CAUSEWAY_RECEIPT_DAYS: '0' }, /number of days/],
  [{ ...FILES, CAUSEWAY_WITNESSES: 'x' }, /CAUSEWAY_WITNESSES/],
])('%o is refused', (environment, says) => {
  expect(() => receiptSettingsOf(environment)).toThrow(says);
});
