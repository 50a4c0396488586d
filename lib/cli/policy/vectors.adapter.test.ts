import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aPolicy, aWorld } from '#lib/testing/policies.ts';
import { compareVectors } from './vectors.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'causeway-vectors-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const direction = { enforced: false, defaultDeny: false, verdict: 'allowed', reason: 'no-policy' };

/** A vector whose second query expects what the engine does not say. */
const flows = {
  category: 'made',
  vectors: [
    {
      id: 'v-1',
      world: aWorld(),
      policies: [aPolicy({ ingress: [{}] })],
      queries: [
        {
          id: 'q1',
          src: { endpoint: 'web' },
          dst: { endpoint: 'cart' },
          proto: 'TCP',
          port: 80,
          expected: { verdict: 'allowed', egress: direction, ingress: direction },
        },
        {
          id: 'q2',
          src: { endpoint: 'web' },
          dst: { endpoint: 'db' },
          proto: 'TCP',
          port: 80,
          expected: { verdict: 'allowed', egress: direction, ingress: direction },
        },
      ],
    },
  ],
};

function run(json = false): { status: number; said: string[]; complained: string[] } {
  const said: string[] = [];
  const complained: string[] = [];
  const status = compareVectors(
    dir,
    { json },
    (line) => said.push(line),
    (line) => complained.push(line),
  );
  return { status, said, complained };
}

test('a directory without vectors cannot be compared', () => {
  expect(run()).toEqual({ status: 2, said: [], complained: [`causeway: ${dir} holds no vector files (*.json)`] });
  expect(
    compareVectors(
      join(dir, 'missing'),
      {},
      () => undefined,
      () => undefined,
    ),
  ).toBe(2);
});

test('each category is told with its differences, and the last line sums up', () => {
  writeFileSync(join(dir, 'made.json'), JSON.stringify(flows));
  const { status, said } = run();
  expect(status).toBe(1);
  expect(said[0]).toBe('made                 1/2');
  expect(said[1]).toBe('  v-1/q2 verdict: Cilium says "allowed", the engine "denied"');
  expect(said.at(-1)).toBe('1 agree, 1 disagree');
});

test('JSON tells all', () => {
  const { said } = run(true);
  expect(JSON.parse(said.join('\n'))).toMatchObject({
    agree: 1,
    disagree: 1,
    categories: [{ category: 'made', agree: 1, disagree: 1 }],
  });
});

test('fields that are unstable in Cilium are not compared', () => {
  const [vector] = flows.vectors;
  const queries = vector?.queries.map((query) => ({
    ...query,
    expected: { ...query.expected, verdict: query.id === 'q2' ? 'denied' : 'allowed' },
    unstable: ['ingress.enforced', 'ingress.defaultDeny', 'ingress.verdict', 'ingress.reason'],
  }));
  writeFileSync(join(dir, 'made.json'), JSON.stringify({ ...flows, vectors: [{ ...vector, queries }] }));
  expect(run()).toMatchObject({ status: 0, said: [expect.stringContaining('2/2'), '2 agree, 0 disagree'] });
});

test('validation and pattern vectors are compared too', () => {
  const policy = aPolicy({ ingress: [{ fromEntities: ['nobody'] }] });
  const validation = {
    category: 'validation',
    vectors: [{ id: 'v', policy, expected: { schemaValid: false, sanitizeValid: true } }],
  };
  const patterns = {
    category: 'names',
    vectors: [{ id: 'p', kind: 'fqdn', rule: { matchPattern: '*.io' }, valid: true, names: { 'a.io': true, 'a.b.io': true } }],
  };
  writeFileSync(join(dir, 'made.json'), JSON.stringify(validation));
  writeFileSync(join(dir, 'names.json'), JSON.stringify(patterns));
  const { status, said } = run();
  expect(status).toBe(1);
  expect(said).toEqual([
    expect.stringContaining('0/1'),
    '  v sanitizeValid: Cilium says true, the engine false',
    expect.stringContaining('2/3'),
    '  p/a.b.io matches: Cilium says true, the engine false',
    '2 agree, 2 disagree',
  ]);
});

test('a file that is something else is named', () => {
  writeFileSync(join(dir, 'zzz.json'), '[]');
  expect(run()).toMatchObject({ status: 2, complained: [expect.stringContaining('zzz.json: is no file of policy vectors')] });
});
