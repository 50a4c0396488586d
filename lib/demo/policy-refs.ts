import type { PolicyRef } from '#lib/flow/flow.ts';

const KINDS: ReadonlyMap<string, string> = new Map([
  ['cnp', 'CiliumNetworkPolicy'],
  ['ccnp', 'CiliumClusterwideNetworkPolicy'],
  ['knp', 'NetworkPolicy'],
]);
const policyCache = new Map<string, readonly PolicyRef[]>();

/** Policies as a policy verdict names them; equal ones are one object. */
export function policyRefs(refs: readonly string[], revision: number): readonly PolicyRef[] {
  const key = `${revision} ${refs.join(' ')}`;
  const known = policyCache.get(key);
  if (known) return known;
  const policies = refs.map((ref): PolicyRef => {
    const [short = '', path = ''] = ref.split(':');
    const kind = KINDS.get(short) ?? '';
    const slash = path.indexOf('/');
    const namespace = slash < 0 ? '' : path.slice(0, slash);
    const name = path.slice(slash + 1);
    const labels = [
      `k8s:io.cilium.k8s.policy.derived-from=${kind}`,
      `k8s:io.cilium.k8s.policy.name=${name}`,
      ...(namespace ? [`k8s:io.cilium.k8s.policy.namespace=${namespace}`] : []),
    ];
    return { name, namespace, kind, revision, labels };
  });
  policyCache.set(key, policies);
  return policies;
}

/** What a policy verdict names where nothing was enforced, or where traffic is allowed by default. */
export function derivedAllow(direction: 'INGRESS' | 'EGRESS', revision: number): readonly PolicyRef[] {
  const labels = [`reserved:io.cilium.policy.derived-from=allow-any-${direction.toLowerCase()}`];
  return [{ name: '', namespace: '', kind: '', revision, labels }];
}
