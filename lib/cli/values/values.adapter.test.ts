import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { productionObjects } from '#lib/demo/objects.ts';
import { writeDemoEvidence } from '../demo-evidence.ts';
import { type ValuesCommandOptions, valuesFor } from './values.ts';

const dir = mkdtempSync(join(tmpdir(), 'cw-values-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const objects = join(dir, 'objects.json');
writeFileSync(objects, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: productionObjects() }));
const CHOICES = { method: 'mutual-auth', route: 'node-groups', stage: 'begin', format: 'values' } as const;

let said: string[] = [];
let complaints: string[] = [];
beforeEach(() => {
  said = [];
  complaints = [];
});
const run = (options: Partial<ValuesCommandOptions> & Pick<ValuesCommandOptions, 'phase'>) =>
  valuesFor(
    { ...CHOICES, ...options },
    (line) => said.push(line),
    (line) => complaints.push(line),
  );

test('writes values from what the objects of a cluster say', async () => {
  expect(await run({ phase: 1, objects: [objects] })).toBe(0);
  expect(complaints).toEqual([]);
  expect(parse(said.join('\n'))).toMatchObject({
    cluster: { name: 'aegis-production' },
    cni: { chainingMode: 'aws-cni', exclusive: false },
    upgradeCompatibility: '1.19',
  });
});

test('names what is missing, and says so by its exit status', async () => {
  expect(await run({ phase: 4 })).toBe(3);
  expect(complaints.map((line) => line.split(' ')[0])).toEqual(
    expect.arrayContaining(['<cluster>', '<vpc-cidr>', '<api-server-host>', '<version>']) as unknown,
  );
});

test('compares with what runs', async () => {
  expect(await run({ phase: 1, objects: [objects], format: 'diff' })).toBe(0);
  expect(said.join('\n')).toMatch(/^-\s+chainingMode: none$/m);
  expect(said.join('\n')).toMatch(/^\+\s+chainingMode: aws-cni$/m);
  await expect(run({ phase: 1, format: 'diff' })).rejects.toThrow(/nothing to compare with/);
});

test('keeps what runs but for its secrets, which it names', async () => {
  const values = join(dir, 'values.yaml');
  writeFileSync(values, 'resources:\n  limits:\n    memory: 2Gi\ntls:\n  ca:\n    cert: public\n    key: hidden-text\n');
  await run({ phase: 1, values, objects: [objects], format: 'json' });
  expect(said.join('\n')).not.toContain('hidden-text');
  expect(complaints).toEqual([expect.stringContaining('tls.ca.key: A secret stands here') as unknown]);
  expect(said.join('\n')).toContain('2Gi');
});

test('writes all of it into a folder', async () => {
  const out = join(dir, 'phase-4');
  const route = { route: 'per-node', targetVersion: '1.19.5' } as const;
  await run({ phase: 4, ...route, objects: [objects], out });
  expect(said.map((line) => line.slice(out.length + 1))).toEqual([
    'values.yaml',
    'application.yaml',
    'manifests.yaml',
    'values.diff',
  ]);
  expect(parse(readFileSync(join(out, 'manifests.yaml'), 'utf8'))).toMatchObject({ kind: 'CiliumNodeConfig' });
  await expect(run({ phase: 1, out: join(objects, 'x') })).rejects.toThrow(/cannot write into/);
});

test('a values file that cannot be read is named with its place', async () => {
  const values = join(dir, 'broken.yaml');
  writeFileSync(values, 'cni:\n  exclusive: true\n  exclusive: false\n');
  await expect(run({ phase: 1, values })).rejects.toThrow(/broken\.yaml:3/);
});

test('the demo’s evidence is written as files, trials apart', () => {
  writeDemoEvidence(join(dir, 'evidence'), Date.now(), (line) => said.push(line));
  expect(said).toHaveLength(6);
  for (const file of ['values.yaml', 'agent.conf', 'trials/connectivity.xml', 'trials/iperf3-after.json'])
    expect(existsSync(join(dir, 'evidence', 'aegis-dev', file))).toBe(true);
});
