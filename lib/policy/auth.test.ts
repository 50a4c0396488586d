import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aPolicy, aWorld } from '#lib/testing/policies.ts';
import { blockOf, fixedBits } from './auth.ts';
import { compilePolicies } from './compile.ts';
import { decide } from './decide.ts';

type Rule = Readonly<Record<string, unknown>>;
const web = { fromEndpoints: [{ matchLabels: { app: 'web' } }] };
const on = (port: string, endPort?: number) => ({
  toPorts: [{ ports: [{ port, protocol: 'TCP', ...(endPort && { endPort }) }] }],
});
const auth = (mode: string) => ({ authentication: { mode } });

function authOn(port: number, rules: readonly Rule[], src = 'web'): string | undefined {
  const compiled = compilePolicies(aWorld(), [aPolicy({ ingress: rules })]);
  return decide(compiled, { src: { endpoint: src }, dst: { endpoint: 'db' }, protocol: 'TCP', port }).ingress.auth;
}

test.each([
  ['nobody asks for it', [web], undefined],
  ['a rule asks for it', [{ ...web, ...auth('required') }], 'required'],
  ['a narrower silent rule inherits it', [{ ...web, ...auth('required') }, on('80')], 'required'],
  [
    'the one that always fails is the stronger',
    [
      { ...web, ...auth('required') },
      { ...on('80'), ...auth('test-always-fail') },
    ],
    'test-always-fail',
  ],
  [
    'disabled on a narrower port',
    [
      { ...web, ...auth('required') },
      { ...web, ...on('80'), ...auth('disabled') },
    ],
    undefined,
  ],
  [
    'required on a narrower port',
    [
      { ...web, ...auth('disabled') },
      { ...web, ...on('80'), ...auth('required') },
    ],
    'required',
  ],
  [
    'at equal ports the named peer decides: disabled',
    [
      { ...on('80'), ...auth('required') },
      { ...web, ...on('80'), ...auth('disabled') },
    ],
    undefined,
  ],
  [
    'at equal ports the named peer decides: required',
    [
      { ...on('80'), ...auth('disabled') },
      { ...web, ...on('80'), ...auth('required') },
    ],
    'required',
  ],
  [
    'a silent named rule takes its peer’s wider mode',
    [
      { ...web, ...auth('required') },
      { ...web, ...on('80') },
      { ...on('80'), ...auth('disabled') },
    ],
    'required',
  ],
  [
    'a silent named rule without one takes everybody’s',
    [
      { ...web, ...on('80') },
      { fromEntities: ['all'], ...auth('disabled') },
      { ...on('0'), ...auth('required') },
    ],
    'required',
  ],
  [
    'a range is wider than a port',
    [
      { ...web, ...on('80', 95), ...auth('required') },
      { ...on('80'), ...auth('disabled') },
    ],
    undefined,
  ],
])('authentication on port 80: %s', (_, rules, mode) => {
  expect(authOn(80, rules)).toBe(mode);
});

const tier = { fromEndpoints: [{ matchExpressions: [{ key: 'app', operator: 'Exists' }] }] };

// Two selectors that name the peer, on one port: one key of Cilium's map, where the stronger mode holds.
test.each([
  ['required over disabled', 'required', 'disabled', 'required'],
  ['the one that always fails over required', 'test-always-fail', 'required', 'test-always-fail'],
  ['the one that always fails over disabled', 'test-always-fail', 'disabled', 'test-always-fail'],
])('on one key the stronger mode holds, in whatever order: %s', (_, one, other, mode) => {
  const rules = [
    { ...web, ...on('80'), ...auth(one) },
    { ...tier, ...on('80'), ...auth(other) },
    { fromEntities: ['all'], ...auth('disabled') },
  ];
  expect([authOn(80, rules), authOn(80, rules.toReversed())]).toEqual([mode, mode]);
});

test('a silent rule takes the mode of the next wider key, not of the widest', () => {
  const rules = [
    { ...web, ...on('80') },
    { ...web, ...on('80', 95), ...auth('required') },
    { ...web, ...auth('disabled') },
  ];
  expect([authOn(80, rules), authOn(80, rules.toReversed())]).toEqual(['required', 'required']);
});

test('all ports of a protocol are narrower than all protocols', () => {
  const rules = [
    { ...web, ...auth('required') },
    { ...web, ...on('0'), ...auth('disabled') },
  ];
  expect([authOn(80, rules), authOn(80, rules.toReversed())]).toEqual([undefined, undefined]);
});

test('within a range the block of ports decides, not the range', () => {
  // 81-95 is kept as the blocks 81, 82-83, 84-87 and 88-95: on 81 it is as narrow as a single port.
  const rules = [
    { ...web, ...on('81', 95), ...auth('required') },
    { ...on('80', 87), ...auth('disabled') },
  ];
  expect([81, 82, 84, 87, 88].map((port) => authOn(port, rules))).toEqual([
    'required',
    'required',
    'required',
    'required',
    'required',
  ]);
  const reverse = [
    { ...web, ...on('80', 95), ...auth('required') },
    { ...on('81', 82), ...auth('disabled') },
  ];
  expect([80, 81, 82, 83].map((port) => authOn(port, reverse))).toEqual(['required', undefined, undefined, 'required']);
});

test('ports of one range have answers of their own, whichever is asked first', () => {
  // Where both cover, 81-90, the peer’s blocks are 81, 82-83, 84-87 and 88-95, everybody’s 80-87, 88-89 and 90.
  const rules = [
    { ...web, ...on('81', 95), ...auth('required') },
    { ...on('80', 90), ...auth('disabled') },
  ];
  const expected = new Map([
    ...[81, 82, 83, 84, 87].map((port) => [port, 'required'] as const),
    ...[88, 89, 90].map((port) => [port, undefined] as const),
  ]);
  const ports = [...expected.keys()];
  for (const order of [ports, ports.toReversed()]) {
    const compiled = compilePolicies(aWorld(), [aPolicy({ ingress: rules })]);
    const answers = order.map((port) => [
      port,
      decide(compiled, { src: { endpoint: 'web' }, dst: { endpoint: 'db' }, protocol: 'TCP', port }).ingress.auth,
    ]);
    expect(answers).toEqual(order.map((port) => [port, expected.get(port)]));
  }
});

test('the block of a port is the largest aligned one inside the range', () => {
  const ports = fc.nat(65_535);
  fc.assert(
    fc.property(ports, ports, ports, (a, b, c) => {
      const [first = 0, port = 0, last = 0] = [a, b, c].toSorted((x, y) => x - y);
      const { low, high } = blockOf(first, last, port);
      const size = high - low + 1;
      expect([low <= port && port <= high, low >= first && high <= last, Number.isInteger(Math.log2(size)), low % size]).toEqual([
        true,
        true,
        true,
        0,
      ]);
      const wider = low - (low % (size * 2));
      expect(size === 65_536 || wider < first || wider + size * 2 - 1 > last).toBe(true);
      expect(fixedBits(first, last, port)).toBe(16 - Math.log2(size));
    }),
  );
});
