import { afterAll, beforeAll, expect, test } from 'vitest';
import { withDatabase } from '#lib/db/client.ts';
import { readMigrationOf } from '#lib/db/migration/migrations.ts';
import { readUploads } from '#lib/db/migration/uploads.ts';
import { putCluster } from '#lib/db/platform/clusters.ts';
import { demoClusterNames, demoEvidence } from '#lib/demo/evidence/evidence.ts';
import { type Platform, startPlatform } from '#lib/testing/platform.ts';
import { type DemoMember, recordDemoMigration } from '#lib/usecases/migration/record-demo.ts';

let platform: Platform;
const ENVIRONMENTS = ['DEV', 'TST', 'PRD'] as const;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

test('the demo begins one migration of its clusters, with the files of each, and only once', async () => {
  const members = demoClusterNames().map((cluster, index): DemoMember => {
    const files = demoEvidence(cluster).flatMap(({ kind, ...file }) => (kind === 'objects' ? [] : [{ kind, ...file }]));
    return { cluster, environment: ENVIRONMENTS[index] ?? 'DEV', files };
  });
  for (const { cluster, environment } of members)
    await putCluster({ id: cluster, name: cluster, environment, relay: { address: 'a:1', tls: false }, demo: true });
  await recordDemoMigration('Platform', members);
  await recordDemoMigration('Platform', members);
  const [first] = members;
  expect(await readMigrationOf(first?.cluster ?? '')).toMatchObject({ name: 'Platform', createdBy: { subject: 'console' } });
  expect(await withDatabase((db) => db.migration.count())).toBe(1);
  for (const { cluster, files } of members) {
    const uploads = await readUploads(cluster);
    expect(uploads.map(({ kind }) => kind).toSorted()).toEqual(files.map(({ kind }) => kind).toSorted());
    expect(uploads.every(({ summary, superseded }) => summary !== '' && !superseded)).toBe(true);
  }
});
