import { expect, test } from 'vitest';
import { aPolicy } from '#lib/testing/policies.ts';
import { conflictOf } from './conflicts.ts';
import { entriesOf } from './normalise.ts';
import { SelectorTable } from './selector-table.ts';

const context = { config: {}, services: [], servicesMissing: false, selectors: new SelectorTable() };
const conflict = (...rules: readonly unknown[]) =>
  conflictOf(rules.flatMap((rule, index) => entriesOf(aPolicy({ egress: [rule] }, `p${index}`), context)));

const web = { toEndpoints: [{ matchLabels: { app: 'web' } }] };
const section = (more: object, port = '80', protocol = 'TCP') => ({ toPorts: [{ ports: [{ port, protocol }], ...more }] });
const http = section({ rules: { http: [{}] } });
const kafka = section({ rules: { kafka: [{ topic: 't' }] } });
const auth = (mode: string) => ({ authentication: { mode } });
const secret = (name: string) => ({ secret: { name, namespace: 'shop' } });
const listener = (name: string, priority?: number) =>
  section({ listener: { envoyConfig: { name: 'c' }, name, ...(priority && { priority }) } });

test.each([
  ['two L7 kinds', { ...web, ...http }, { ...web, ...kafka }],
  [
    'DNS and HTTP on one protocol of several',
    { ...web, ...section({ rules: { dns: [{ matchPattern: '*' }] } }, '80', 'ANY') },
    { ...web, ...http },
  ],
  ['two modes', { ...web, ...auth('required') }, { ...web, ...auth('disabled') }],
  [
    'two modes for everybody, however it is said',
    { ...section({}), ...auth('required') },
    { toEntities: ['all'], ...section({}), ...auth('disabled') },
  ],
  [
    'two parsers of proxylib',
    { ...web, ...section({ rules: { l7proto: 'a', l7: [{ k: 'v' }] } }) },
    { ...web, ...section({ rules: { l7proto: 'b', l7: [{ k: 'v' }] } }) },
  ],
  [
    'two TLS contexts',
    { ...web, ...section({ terminatingTLS: secret('a') }) },
    { ...web, ...section({ terminatingTLS: secret('b') }) },
  ],
  [
    'two origins',
    { ...web, ...section({ originatingTLS: secret('a') }) },
    { ...web, ...section({ originatingTLS: secret('b') }) },
  ],
  [
    'TLS and DNS',
    { ...web, ...section({ terminatingTLS: secret('a') }) },
    { ...web, ...section({ rules: { dns: [{ matchPattern: '*' }] } }) },
  ],
  ['two listeners of one priority', { ...web, ...listener('a', 5) }, { ...web, ...listener('b', 5) }],
])('%s for one peer and port cannot be merged', (_, first, second) => {
  expect(conflict(first, second)).toMatchObject({ first: { policy: 'cnp:shop/p0' }, second: { policy: 'cnp:shop/p1' } });
  expect(conflict(second, first)).toBeDefined();
});

test.each([
  ['an L7 rule and a plain one', { ...web, ...http }, { ...web, ...section({}) }],
  ['one L7 kind twice', { ...web, ...http }, { ...web, ...section({ rules: { http: [{ method: 'GET' }] } }) }],
  ['two kinds on two ports', { ...web, ...http }, { ...web, ...section({ rules: { kafka: [{ topic: 't' }] } }, '81') }],
  ['a name and its number', { ...web, ...http }, { ...web, ...section({ rules: { kafka: [{ topic: 't' }] } }, 'http') }],
  ['two kinds for two peers that overlap', { ...web, ...http }, { toEndpoints: [{}], ...kafka }],
  ['one mode twice', { ...web, ...auth('required') }, { ...web, ...auth('required') }],
  [
    'two modes on two protocols',
    { ...web, ...section({}), ...auth('required') },
    { ...web, ...section({}, '80', 'UDP'), ...auth('disabled') },
  ],
  [
    'two names',
    { ...web, ...section({ rules: { http: [{}] } }, 'http') },
    { ...web, ...section({ rules: { kafka: [{ topic: 't' }] } }, 'grpc') },
  ],
  ['an origin of TLS and HTTP', { ...web, ...section({ originatingTLS: secret('a') }) }, { ...web, ...http }],
  ['TLS and HTTP', { ...web, ...section({ terminatingTLS: secret('a') }) }, { ...web, ...http }],
  ['two listeners of two priorities', { ...web, ...listener('a', 5) }, { ...web, ...listener('b', 6) }],
  ['nobody and somebody', { toEntities: [], ...auth('required') }, { toEntities: [], ...auth('disabled') }],
])('%s can', (_, first, second) => {
  expect(conflict(first, second)).toBeUndefined();
});
