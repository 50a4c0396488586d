import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { aWorld } from '#lib/testing/lint.ts';
import { POLICY_KINDS, type PolicyObject } from '../model.ts';
import { problemsOf } from '../validate.ts';
import { lintPolicies } from './lint.ts';
import { LINT_RULES } from './rules.ts';

const NETWORK_SPEC =
  '{podSelector: {matchLabels: {app: a}}, ingress: [{from: [{podSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 80, endPort: 90}]}], egress: [{to: [{namespaceSelector: {}}]}]}';
/** Specs as people write them. */
const specs: readonly unknown[] = [
  ...LINT_RULES.flatMap(({ example }) => (example ? [example.bad, example.good] : [])),
  NETWORK_SPEC,
].map((text) => parse(text) as unknown);

/** What somebody may have put in the place of something else. */
const ODD_TEXTS =
  '80 0 70000 http tcp ANY world all 10.0.0.0/8 10.0.0.1 ::/0 * a..b In NotIn reserved:host __proto__ constructor ( (?=a) IPv6 EchoReply required';
const ODD: readonly unknown[] = [
  ...ODD_TEXTS.split(' '),
  '',
  0,
  -1,
  300,
  70_000,
  1.5,
  true,
  false,
  null,
  [],
  {},
  [null],
  [{}],
  [[]],
];
const odd = fc.nat().map((at) => ODD[at % ODD.length]);

/** Ways to the values in a value, itself included. */
function waysIn(value: unknown, way: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [way];
  return [way, ...Object.entries(value).flatMap(([key, item]) => waysIn(item, [...way, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, name === key ? replaced(item, rest, by) : item] as const);
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

const spoilt = fc
  .tuple(
    fc.nat().map((at) => specs[at % specs.length]),
    fc.array(fc.tuple(fc.nat(), odd), { maxLength: 3 }),
  )
  .map(([spec, changes]) =>
    changes.reduce<unknown>((value, [at, by]) => {
      const ways = waysIn(value);
      return replaced(value, ways[at % ways.length] ?? [], by);
    }, spec),
  );

const world = aWorld({
  namespaces: { shop: { labels: { env: 'prod' } } },
  endpoints: [
    {
      id: 'a',
      namespace: 'shop',
      labels: { app: 'web' },
      ip: '10.0.0.1',
      namedPorts: [{ name: 'http', port: 80, protocol: 'TCP' }],
    },
  ],
  nodes: [{ id: 'n', local: true, ip: '10.0.0.2' }],
  services: [{ name: 'a', namespace: 'shop', selector: { app: 'web' } }],
});

test.each(POLICY_KINDS)('nothing throws, whatever a %s holds, and findings are told with their place', (kind) => {
  let accepted = 0;
  fc.assert(
    fc.property(spoilt, (spec) => {
      const object = { kind, metadata: { name: 'a', namespace: 'shop' }, spec } as PolicyObject;
      if (!problemsOf(object).some(({ layer }) => layer === 'engine')) accepted++;
      for (const { message, path } of lintPolicies([object, object], { world, cluster: { chaining: true, podIdentity: true } })) {
        expect(message).toMatch(/\S/);
        expect(path).toMatch(/^($|spec|metadata)/);
      }
    }),
    { numRuns: 300 },
  );
  // It would prove little if all of them were refused.
  expect(accepted).toBeGreaterThan(30);
});
