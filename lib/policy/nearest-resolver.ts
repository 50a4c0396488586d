import type { World } from './model.ts';
import type { RulePeer } from './nearest-peer.ts';

/** A name that a rule can hold: letters, digits, `-`, `_` and dots. */
export const isName = (name: string): boolean => name.length > 0 && name.length <= 255 && /^[a-z0-9_.-]+$/i.test(name);

/** The cluster's resolver by the labels of its pods, where the world shows one; its Service's labels do not count. */
export function clusterResolver(world: World): RulePeer {
  const pod = world.endpoints.find(({ namespace, labels }) => namespace === 'kube-system' && labels['k8s-app'] === 'kube-dns');
  const coredns = world.endpoints.find(
    ({ namespace, labels }) => namespace === 'kube-system' && labels['app.kubernetes.io/name'] === 'coredns',
  );
  const label = pod || !coredns ? { key: 'k8s-app', value: 'kube-dns' } : { key: 'app.kubernetes.io/name', value: 'coredns' };
  return { kind: 'pods', namespace: 'kube-system', choice: { labels: [label], absent: [], exact: true } };
}
