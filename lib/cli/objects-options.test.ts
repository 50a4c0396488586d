import { expect, test } from 'vitest';
import { clusterHere, objectsTarget } from './objects-options.ts';

test('options name an API server, a folder, or nothing', () => {
  expect(objectsTarget({})).toBeUndefined();
  expect(objectsTarget({ objects: '/o' })).toEqual({ from: 'folder', path: '/o' });
  expect(objectsTarget({ kubeconfig: '/k', kubeContext: 'prod', kubeNamespace: ['a', 'b'] })).toEqual({
    from: 'kubernetes',
    kubeconfig: '/k',
    context: 'prod',
    namespaces: ['a', 'b'],
  });
});

test.each([
  [{ kubeconfig: '/k', objects: '/o' }, /two places/],
  [{ kubeNamespace: ['a'] }, /go with --kubeconfig/],
  [{ kubeconfig: '/k', kubeNamespace: ['Not A Name'] }, /^--kube-namespace: expected a namespace$/],
])('%j is refused', (options, message) => expect(() => objectsTarget(options)).toThrow(message));

test('an ingest in a pod learns from its environment which cluster it is in', () => {
  expect(clusterHere({})).toBeUndefined();
  expect(clusterHere({ CAUSEWAY_KUBERNETES_CLUSTER: 'prd' })).toEqual({ cluster: 'prd', target: {} });
  expect(
    clusterHere({
      CAUSEWAY_KUBERNETES_CLUSTER: 'prd',
      KUBECONFIG: '/k',
      CAUSEWAY_KUBE_CONTEXT: 'c',
      CAUSEWAY_KUBE_NAMESPACES: 'a, b',
    }),
  ).toEqual({ cluster: 'prd', target: { kubeconfig: '/k', context: 'c', namespaces: ['a', 'b'] } });
});
