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

test.each([
  [{ CAUSEWAY_RECEIPT_KEY_FILE: '/a' }, /both or not at all/],
  [{ ...FILES, CAUSEWAY_ORGANISATION: 'Aegis Ltd' }, /small letters/],
  [{ ...FILES, CAUSEWAY_ORGANISATION: 'a/b' }, /small letters/],
  [{ ...FILES, CAUSEWAY_KEY_OVERLAP_SECONDS: '-1' }, /number of seconds/],
  [{ ...FILES, CAUSEWAY_WITNESSES: 'x' }, /CAUSEWAY_WITNESSES/],
])('%o is refused', (environment, says) => {
  expect(() => receiptSettingsOf(environment)).toThrow(says);
});
