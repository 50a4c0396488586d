import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Kubernetes, kubernetesMissing, startKubernetes } from '#lib/testing/kubernetes.ts';
import { collectObjects } from '#lib/testing/objects.ts';
import { until } from '#lib/testing/postgres.ts';
import { checkKubernetes } from './check.ts';
import { WATCHED_KINDS } from './kinds.ts';
import { followKubernetes } from './source.ts';

const SERVICE_ACCOUNT = 'system:serviceaccount:causeway:causeway-ingest';

describe.skipIf(kubernetesMissing())('the manifests of deploy/, in a real API server', () => {
  let kubernetes: Kubernetes;
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'cwd-'));
    kubernetes = await startKubernetes();
    await kubernetes.kubectl(['apply', '-f', 'deploy/namespace.yaml']);
  });
  afterAll(() => {
    kubernetes.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test('are taken, with no field that it does not know and no warning of the Pod Security Standards', async () => {
    const files = readdirSync('deploy').filter((name) => name.endsWith('.yaml'));
    for (const file of files) {
      const said = await kubernetes.kubectl(['apply', '-f', `deploy/${file}`, '--validate=strict', '--warnings-as-errors']);
      expect([file, said]).toEqual([file, expect.stringMatching(/(created|configured|unchanged)$/m)]);
    }
  });

  test('let ingest read every kind, and it asks for nothing but lists and watches', async () => {
    await kubernetes.seed();
    const token = (await kubernetes.kubectl(['-n', 'causeway', 'create', 'token', 'causeway-ingest'])).trim();
    const config = JSON.parse(readFileSync(kubernetes.admin, 'utf8')) as { users: { user: { token: string } }[] };
    const kubeconfig = join(dir, 'ingest.kubeconfig');
    writeFileSync(kubeconfig, JSON.stringify({ ...config, users: [{ ...config.users[0], user: { token } }] }));

    const seen = collectObjects();
    const source = followKubernetes({ kubeconfig }, seen);
    // Cilium's definitions are there, those of Karpenter and of AWS are not.
    await until(
      () => source.states().every(({ state }) => state === 'ready' || state === 'not-installed'),
      'every kind to be read',
      30_000,
    );
    expect(source.states().flatMap(({ kind, state }) => (state === 'ready' ? [] : [kind]))).toEqual([
      'NodePool',
      'EC2NodeClass',
      'SecurityGroupPolicy',
      'PolicyEndpoint',
    ]);
    expect(source.states().map(({ kind }) => kind)).toEqual(WATCHED_KINDS.map(({ kind }) => kind));
    expect(seen.of('Pod').length).toBeGreaterThan(30);
    await source.close();

    expect((await checkKubernetes({ kubeconfig })).forbidden).toEqual([]);
    const verbs = new Set(
      kubernetes
        .requestsOf(SERVICE_ACCOUNT)
        .filter(({ resource }) => resource !== '') // the version, which is no resource
        .map(({ verb }) => verb),
    );
    expect(verbs).toEqual(new Set(['list', 'watch']));
    await expect(kubernetes.kubectl([`--as=${SERVICE_ACCOUNT}`, '-n', 'kube-system', 'get', 'configmaps'])).rejects.toThrow(
      /forbidden/,
    );
    await expect(kubernetes.kubectl([`--as=${SERVICE_ACCOUNT}`, 'get', 'secrets', '-A'])).rejects.toThrow(/forbidden/);
  });
});
