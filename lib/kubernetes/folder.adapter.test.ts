import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CollectedObjects, collectObjects } from '#lib/testing/objects.ts';
import { until } from '#lib/testing/postgres.ts';
import { followFolder, type FolderSource } from './folder.ts';

let dir: string;
let seen: CollectedObjects;
let source: FolderSource | undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cwf-'));
  seen = collectObjects();
});
afterEach(async () => {
  await source?.close();
  source = undefined;
  rmSync(dir, { recursive: true, force: true });
});

const write = (name: string, text: string | Buffer): void => writeFileSync(join(dir, name), text);
const policy = (name: string, port = 80): string =>
  `apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: ${name}, namespace: shop}\nspec: {endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: "${port}"}]}]}]}\n`;
const follow = (): void => {
  source = followFolder(dir, seen, Date.now, 20);
};
const keys = () => [...seen.objects.keys()].toSorted();

test('all files are read, also below and compressed, and changes are followed', async () => {
  mkdirSync(join(dir, 'team/a'), { recursive: true });
  write('one.yaml', `${policy('one')}---\n${policy('two')}`);
  write('team/a/three.yml', policy('three'));
  write('nodes.json.gz', gzipSync('{"kind":"NodeList","apiVersion":"v1","items":[{"metadata":{"name":"n"}}]}'));
  write('README.md', 'not an object');
  follow();
  const [one, two, three] = ['one', 'two', 'three'].map((name) => `CiliumNetworkPolicy shop/${name}`);
  await until(() => seen.objects.size === 4, 'four objects');
  expect(source?.problem).toBe('');
  expect(source?.states().map(({ kind, objects }) => [kind, objects])).toEqual([
    ['CiliumNetworkPolicy', 3],
    ['Node', 1],
  ]);

  write('one.yaml', policy('one', 8080));
  await until(() => !seen.objects.has(two ?? ''), 'the second policy to go');
  expect(keys()).toEqual([one, three, 'Node /n']);
  expect(seen.objects.get(one ?? '')?.['spec']).toMatchObject({ ingress: [{ toPorts: [{ ports: [{ port: '8080' }] }] }] });
  const heard = seen.changes.length;
  write('one.yaml', `# a remark\n${policy('one', 8080)}`);
  rmSync(join(dir, 'nodes.json.gz'));
  await until(() => !seen.objects.has('Node /n'), 'the node to go');
  expect(seen.changes.slice(heard).map(({ type }) => type)).toEqual(['delete']);
});

test('a file that breaks keeps what it said, and is named with the line', async () => {
  write('one.yaml', policy('one'));
  follow();
  await until(() => seen.objects.size === 1, 'the policy');
  write('one.yaml', `${policy('other')}---\nkind: Node\nmetadata:\n\tname: tab\n`);
  await until(() => source?.problem !== '', 'the problem');
  expect(source?.problem).toMatch(/^one\.yaml: line 8: /);
  expect(keys()).toEqual(['CiliumNetworkPolicy shop/one']);
  write('one.yaml', policy('other'));
  await until(() => source?.problem === '', 'the problem to be gone');
  expect(keys()).toEqual(['CiliumNetworkPolicy shop/other']);
});

test('a kind of which a list says that there are none is known', async () => {
  write('one.yaml', policy('one'));
  write('none.json', JSON.stringify({ apiVersion: 'karpenter.sh/v1', kind: 'NodePoolList', items: [] }));
  follow();
  await until(() => seen.objects.size === 1, 'the policy');
  await until(() => source?.isRead === true, 'the first look');
  expect(source?.states().map(({ kind, state, objects }) => [kind, state, objects])).toEqual([
    ['CiliumNetworkPolicy', 'ready', 1],
    ['NodePool', 'ready', 0],
  ]);
});

test('a folder that is empty, or not there, is a problem that says so', async () => {
  follow();
  await until(() => source?.isRead === true, 'the first look');
  expect(source?.problem).toBe(`there is no .yaml or .json file in ${dir}`);
  write('one.yaml', policy('one'));
  await until(() => seen.objects.size === 1, 'the policy');
  rmSync(dir, { recursive: true });
  await until(() => /cannot be read: ENOENT/.test(source?.problem ?? ''), 'the problem');
  expect(keys()).toEqual(['CiliumNetworkPolicy shop/one']);
});
