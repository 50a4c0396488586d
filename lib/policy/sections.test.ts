import { expect, test } from 'vitest';
import { portRange, sectionsOf } from './sections.ts';

test.each([
  ['80', undefined, { first: 80, last: 80 }],
  ['80', 90, { first: 80, last: 90 }],
  ['80', 80, { first: 80, last: 80 }],
  ['80', 70, { first: 80, last: 80 }],
  ['80', 70_000, { first: 80, last: 65_535 }],
  ['0', undefined, { first: 0, last: 65_535 }],
  ['0', 65_535, { first: 0, last: 65_535 }],
  ['0', 100, { first: 0, last: 100 }],
  ['HTTP', undefined, { first: 0, last: 0, name: 'http' }],
  ['http', 90, { first: 0, last: 90, name: 'http' }],
  ['0x50', undefined, { first: 0, last: 0, name: '0x50' }],
  ['70000', undefined, undefined],
  ['-', undefined, undefined],
])('port %s to %s is %j', (port, endPort, range) => {
  expect(portRange(port, endPort)).toEqual(range);
});

const ports = (rule: Record<string, unknown>) => sectionsOf(rule)?.map(({ protocol, first, last }) => [protocol, first, last]);

test('no ports are all ports; an element without ports opens none', () => {
  expect([
    ports({}),
    ports({ toPorts: [] }),
    ports({ toPorts: null }),
    ports({ toPorts: [{}] }),
    ports({ toPorts: [{ ports: [] }] }),
  ]).toEqual([undefined, undefined, undefined, [], []]);
});

test('a protocol that is left out, or any, is TCP, UDP and SCTP', () => {
  const three = [
    [0, 53, 53],
    [1, 53, 53],
    [2, 53, 53],
  ];
  expect(ports({ toPorts: [{ ports: [{ port: '53' }] }] })).toEqual(three);
  expect(ports({ toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }] }] })).toEqual(three);
  expect(ports({ toPorts: [{ ports: [{ port: '53', protocol: 'udp' }] }] })).toEqual([[1, 53, 53]]);
  expect(
    ports({
      toPorts: [
        {
          ports: [
            { port: '53', protocol: 'VRRP' },
            { port: '53', protocol: 'ICMP' },
            { port: '53', protocol: 'ICMPv6' },
          ],
        },
      ],
    }),
  ).toEqual([]);
});

test('ICMP types by number, text and name of their family; type 0 is every type, above 255 none', () => {
  const type = (...fields: unknown[]) => ports({ icmps: [{ fields }] });
  expect(type({ type: 8 }, { type: '8' }, { type: 'EchoRequest' })).toEqual([
    [3, 8, 8],
    [3, 8, 8],
    [3, 8, 8],
  ]);
  expect(type({ type: 'EchoRequest', family: 'IPv6' }, { type: 'EchoReply', family: 'IPv4' })).toEqual([
    [4, 128, 128],
    [3, 0, 65_535],
  ]);
  expect(type({ type: 255 }, { type: 256 }, { type: 'Nothing' }, {})).toEqual([[3, 255, 255]]);
});

const l7 = (element: Record<string, unknown>) =>
  sectionsOf({ toPorts: [{ ports: [{ port: '80' }], ...element }] })?.map((section) => section.l7?.kind);

test('DNS rules are for every protocol, other parsers for TCP; empty lists are none', () => {
  expect(l7({ rules: { dns: [{ matchPattern: '*' }] } })).toEqual(['dns', 'dns', 'dns']);
  expect(l7({ rules: { http: [{}] } })).toEqual(['http', undefined, undefined]);
  expect(l7({ rules: { kafka: [{}] } })).toEqual(['kafka', undefined, undefined]);
  expect(l7({ rules: { l7proto: 'x' } })).toEqual(['l7proto', undefined, undefined]);
  expect(l7({ rules: { http: [], dns: [], kafka: [] } })).toEqual([undefined, undefined, undefined]);
  expect(l7({ serverNames: ['a.io'] })).toEqual(['tls', undefined, undefined]);
  expect(l7({ serverNames: [] })).toEqual([undefined, undefined, undefined]);
  expect(l7({ originatingTLS: {} })).toEqual(['tls', undefined, undefined]);
  expect(l7({ listener: { name: 'a' } })).toEqual(['crd', undefined, undefined]);
});

test('of several proxies the priority decides, which a listener can set', () => {
  const priority = (listener: Record<string, unknown>) =>
    sectionsOf({ toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], listener }] })?.[0]?.l7?.priority;
  expect([priority({ name: 'a' }), priority({ name: 'a', priority: 1 }), priority({ name: 'a', priority: 0 })]).toEqual([
    126, 1, 126,
  ]);
});

test('the priorities are those of Cilium’s proxies', () => {
  const priorities = [
    { rules: { http: [{}] } },
    { rules: { kafka: [{}] } },
    { rules: { l7proto: 'x' } },
    { serverNames: ['a.io'] },
    { rules: { dns: [{ matchPattern: '*' }] } },
  ].map((element) => sectionsOf({ toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], ...element }] })?.[0]?.l7?.priority);
  expect(priorities).toEqual([101, 106, 111, 116, 121]);
});

test('ports as written are the key of what Cilium merges', () => {
  const keys = (...list: object[]) =>
    sectionsOf({ toPorts: [{ ports: list.map((port) => ({ protocol: 'TCP', ...port })) }] })?.map(({ key }) => key);
  expect(
    new Set(
      keys(
        { port: '80' },
        { port: '81' },
        { port: '80', endPort: 90 },
        { port: 'http' },
        { port: 'grpc' },
        { port: '80', protocol: 'UDP' },
      ),
    ).size,
  ).toBe(6);
  expect(new Set(keys({ port: '80' }, { port: '80', endPort: 80 })).size).toBe(1);
  expect(new Set(keys({ port: 'http' }, { port: 'HTTP' })).size).toBe(1);
});
