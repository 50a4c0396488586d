import { expect, test } from 'vitest';
import { checkSameOrigin } from './same-origin.ts';

const ours = 'https://causeway.example';
const local = 'http://127.0.0.1:3000';

test.each([
  { name: 'a page of ours', method: 'POST', headers: { origin: ours, 'sec-fetch-site': 'same-origin' }, url: ours },
  { name: 'a browser that sends no Sec-Fetch-Site', method: 'POST', headers: { origin: ours }, url: ours },
  { name: 'a program with a token', method: 'DELETE', headers: { authorization: 'Bearer x' }, url: ours },
  { name: 'another name of this machine', method: 'POST', headers: { origin: 'http://localhost:3000' }, url: local },
  {
    name: 'a link on another site',
    method: 'GET',
    headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
    url: ours,
  },
  { name: 'a probe', method: 'GET', headers: {}, url: ours },
])('$name passes', ({ method, headers, url }) => {
  expect(() => checkSameOrigin(method, new Headers(headers), url)).not.toThrow();
});

test.each([
  { name: 'another site', method: 'POST', headers: { origin: 'https://evil.example' }, url: ours },
  { name: 'a site whose name begins like ours', method: 'POST', headers: { origin: 'https://causeway.example.evil' }, url: ours },
  { name: 'our name without TLS', method: 'POST', headers: { origin: 'http://causeway.example' }, url: ours },
  { name: 'a sandboxed frame', method: 'POST', headers: { origin: 'null' }, url: ours },
  { name: 'no origin at all', method: 'PUT', headers: { cookie: 'a=b' }, url: ours },
  {
    name: 'our origin, said by a site beside ours',
    method: 'POST',
    headers: { origin: ours, 'sec-fetch-site': 'same-site' },
    url: ours,
  },
  { name: 'a token beside a cookie', method: 'POST', headers: { authorization: 'Bearer x', cookie: 'a=b' }, url: ours },
  { name: 'another port of this machine', method: 'POST', headers: { origin: 'http://127.0.0.1:3001' }, url: local },
  {
    name: 'a name that was rebound to this machine',
    method: 'POST',
    headers: { origin: 'http://evil.example:3000' },
    url: local,
  },
  {
    name: 'data loaded by another site',
    method: 'GET',
    headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    url: ours,
  },
])('$name is refused', ({ method, headers, url }) => {
  expect(() => checkSameOrigin(method, new Headers(headers), url)).toThrow(/comes from/);
});
