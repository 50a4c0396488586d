import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Kubernetes, kubernetesMissing, startKubernetes } from '#lib/testing/kubernetes.ts';
import { checkKubernetes, kubernetesByDefault } from './check.ts';
import { resourceOf, WATCHED_KINDS } from './kinds.ts';

const all = WATCHED_KINDS.map(resourceOf);

describe.skipIf(kubernetesMissing())('a check of a real API server', () => {
  let kubernetes: Kubernetes;
  beforeAll(async () => {
    kubernetes = await startKubernetes({ crds: false });
  });
  afterAll(() => kubernetes.stop());

  test('says what may be read, what may not, and what is not there', async () => {
    const absent = all.filter((resource) => /\.(cilium\.io|karpenter\.sh|[a-z]+\.k8s\.aws)$/.test(resource));
    expect(await checkKubernetes({ kubeconfig: kubernetes.admin })).toEqual({
      server: kubernetes.server,
      version: 'v1.34.4',
      readable: all.filter((resource) => !absent.includes(resource)),
      forbidden: [],
      absent,
    });
    const limited = await checkKubernetes({ kubeconfig: kubernetes.limited, namespaces: ['payments'] });
    expect(limited.readable).toEqual(['networkpolicies.networking.k8s.io', 'services', 'pods']);
    expect(limited.forbidden).toContain('nodes');
  });

  test('tells credentials that are not taken from a server that is away', async () => {
    await expect(checkKubernetes({ kubeconfig: '/nowhere' })).rejects.toMatchObject({ code: 'not-configured' });
    const start = await kubernetes.killServer();
    await expect(checkKubernetes({ kubeconfig: kubernetes.reader })).rejects.toThrow(/does not answer: /);
    await start();
  });
});

test('an API server is looked for where kubectl would look', () => {
  expect(kubernetesByDefault({ KUBECONFIG: '/a:/b' })).toEqual({ kubeconfig: '/a' });
});
