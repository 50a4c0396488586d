import { expect, test } from 'vitest';
import { webhookOriginsOf } from './webhook-origins.ts';

const of = (text: string | undefined) => webhookOriginsOf({ CAUSEWAY_WEBHOOK_ORIGINS: text });

test('a list of origins, each once and as a URL writes it', () => {
  expect(of(undefined)).toEqual([]);
  expect(of(' , ')).toEqual([]);
  expect(of('https://Hooks.example.com, http://10.0.0.7:8080/,https://hooks.example.com:443')).toEqual([
    'https://hooks.example.com',
    'http://10.0.0.7:8080',
  ]);
});

test.each([
  'hooks.example.com',
  'https://hooks.example.com/services',
  'https://hooks.example.com?x',
  'https://hooks.example.com#x',
  'https://user:word@hooks.example.com',
  'https://*.example.com',
  'ftp://hooks.example.com',
  'file:///etc/passwd',
  'null',
])('%s is no origin, and is not repeated in the message', (text) => {
  expect(() => of(`https://a.example.com,${text}`)).toThrow(/CAUSEWAY_WEBHOOK_ORIGINS is a list of origins .*; number 2 is none/);
});
