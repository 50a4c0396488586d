import type { Settings } from './settings.ts';

/** Another plugin gives out addresses and Cilium is chained behind it; undefined where the mode is not known. */
export function isChained(settings: Settings): boolean | undefined {
  const mode = settings.text('cni.chainingMode');
  return mode === undefined ? undefined : mode !== '' && mode !== 'none';
}

/** Who gives out the addresses of pods: VPC CNI (chained), Cilium from the VPC (`eni`), or a range that the VPC does not know. */
export type Addresses = 'vpc-cni' | 'eni' | 'pool';

export function addressesOf(settings: Settings): Addresses | undefined {
  const chained = isChained(settings);
  if (chained === undefined) return undefined;
  if (chained) return 'vpc-cni';
  return settings.text('ipam.mode') === 'eni' ? 'eni' : 'pool';
}

/** Addresses of pods are not known to the VPC: what stands outside the cluster, the API server included, cannot reach them. */
export function isOverlay(settings: Settings): boolean | undefined {
  const addresses = addressesOf(settings);
  if (addresses === undefined) return undefined;
  return addresses === 'pool' && settings.text('routingMode') !== 'native';
}

/** kube-proxy is replaced; older values (`strict`, `partial`) are read as they were meant. */
export function replacesKubeProxy(settings: Settings): boolean | undefined {
  const text = settings.text('kubeProxyReplacement')?.toLowerCase();
  if (text === undefined) return undefined;
  return text === 'true' || text === 'strict' || text === 'partial';
}
