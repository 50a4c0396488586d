import { expect, test } from 'vitest';
import { toBase64Url } from '#lib/receipts/base64.ts';
import { TestKey } from '#lib/testing/receipts.ts';
import { witnessSettingsOf } from './witnesses.ts';

const [a, b, c] = [new TestKey(), new TestKey(), new TestKey()];
const settings = (CAUSEWAY_WITNESSES: string, quorum?: string) =>
  witnessSettingsOf({ CAUSEWAY_WITNESSES, ...(quorum !== undefined && { CAUSEWAY_WITNESS_QUORUM: quorum }) });
const one = `security=https://witness.example/causeway/=${a.x}`;
const two = `audit=http://10.0.0.7:8099=${b.x}`;
const three = `x=http://x=${c.x}`;

test('witnesses are named with address and key; more than half of them make a quorum', () => {
  const { witnesses, quorum } = settings(`${one}, ${two},`);
  expect(witnesses.map(({ name, url, key }) => [name, url, toBase64Url(key)])).toEqual([
    ['security', 'https://witness.example/causeway', a.x],
    ['audit', 'http://10.0.0.7:8099', b.x],
  ]);
  expect([settings('').quorum, settings(one).quorum, quorum, settings(`${one},${two},${three}`).quorum]).toEqual([0, 1, 2, 2]);
  expect([settings(`${one},${two}`, '1').quorum, settings(one, '0').quorum]).toEqual([1, 0]);
  expect(witnessSettingsOf({})).toEqual({ witnesses: [], quorum: 0 });
});

test.each([
  { name: 'a part missing', text: `security=${a.x}`, why: /number 1, is not written/ },
  { name: 'a name with a space', text: `${one},a b=http://x=${b.x}`, why: /number 2, is not written/ },
  { name: 'another protocol', text: `s=ftp://x=${a.x}`, why: /no URL/ },
  { name: 'a password in the URL', text: `s=http://u:p@x=${a.x}`, why: /without credentials/ },
  { name: 'a short key', text: 's=http://x=AAAA', why: /no Ed25519 key/ },
  { name: 'a key of small order', text: 's=http://x=AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', why: /small order/ },
  { name: 'one key under two names', text: `${one},other=http://x=${a.x}`, why: /a key twice/ },
  { name: 'one name for two', text: `${one},security=http://x=${b.x}`, why: /a name twice/ },
  { name: 'one address for two', text: `${two},y=http://10.0.0.7:8099/=${c.x}`, why: /a url twice/ },
])('$name is refused', ({ text, why }) => expect(() => settings(text)).toThrow(why));

test.each(['2', 'all', '-1', '1.5'])('a quorum of %s of one is refused', (quorum) =>
  expect(() => settings(one, quorum)).toThrow(/CAUSEWAY_WITNESS_QUORUM/),
);
