import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { listImports } from '#lib/db/flow-logs/imports.ts';
import { recordWorld } from '#lib/db/policies/worlds.ts';
import { openTrafficDb } from '#lib/db/traffic/connection.ts';
import { factsOf } from '#lib/world/world-builder.ts';
import { withTables } from './database.ts';
import { importFlowLogFiles } from './import-flow-logs.ts';

const START = Math.floor(Date.now() / 1000) - 3600;
const line = (source: string, destination: string) =>
  `2 1 eni-1 ${source} ${destination} 40000 5432 6 2 300 ${START} ${START + 59} ACCEPT OK\n`;
const pod = (name: string, podIP: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { nodeName: 'n1', containers: [{ name: 'c' }] },
  status: { phase: 'Running', podIP },
});

let dir: string;
let options: { data: string; cluster: string };
let said: string[] = [];
const say = (text: string): void => void said.push(text);
const file = (name: string, content: string | Buffer): string => {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
};
const root = process.cwd();
const inDatabase = <T>(work: (db: ReturnType<typeof openTrafficDb>) => Promise<T>): Promise<T> =>
  withTables(options, root, async (url) => {
    const db = openTrafficDb(url, 1);
    return work(db).finally(() => db.close());
  });

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cw-'));
  options = { data: join(dir, 'data'), cluster: 'dev' };
  await inDatabase(async (db) => {
    await db.rows(`INSERT INTO cluster (id, name, environment) VALUES ('dev', 'Dev', 'DEV')`);
    const { world } = factsOf([pod('web', '10.0.0.1'), pod('db', '10.0.0.9')]);
    await recordWorld(db, 'dev', Date.now() - 86_400_000, 'one', world);
  });
});
beforeEach(() => (said = []));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('several files are one import, joined to what the console stored last while it does not run', async () => {
  const files = [file('a.log', line('10.0.0.1', '10.0.0.9')), file('b.log.gz', gzipSync(line('10.0.0.1', '198.51.100.1')))];
  await importFlowLogFiles(files, options, root, say);
  expect(said[0]).toBe('the console does not run; addresses are taken as it stored them last');
  expect(said[1]).toMatch(
    /^imported 2 records as 2 pairs in .* s \(0 rejected by AWS\): open \/c\/dev\/migration\/baseline\?import=/,
  );
  expect(said[2]).toBe('both ends known: 50.0 %, one: 50.0 %, none: 0.0 %; minutes with records: 2 of 2');
  expect(said[3]).toBe('  unknown: 198.51.100.1 (1 records)');
  expect(await inDatabase((db) => listImports(db, 'dev'))).toMatchObject([
    { name: 'a.log and 1 more', by: 'console', state: 'done', tuples: 2 },
  ]);
});

test.each([
  ['a broken line', () => [file('c.log', 'rubbish\n')], {}, 'nothing was stored; line 1: 14 fields'],
  ['a file that is not there', () => [join(dir, 'none.log')], {}, 'cannot read'],
  [
    'a cluster that is not there',
    () => [file('d.log', line('10.0.0.1', '10.0.0.2'))],
    { cluster: 'prd' },
    'no cluster prd; there are dev',
  ],
  [
    'a format that is none',
    () => [file('e.log', line('10.0.0.1', '10.0.0.2'))],
    { format: 'srcaddr' },
    '--format: the format lacks',
  ],
])('%s is told', async (_, files, more, reason) => {
  await expect(importFlowLogFiles(files(), { ...options, ...more }, root, say)).rejects.toThrow(reason);
});
