import type { PolicyKind, PolicyObject, PolicyRef } from './model.ts';

const PREFIX = {
  CiliumNetworkPolicy: 'cnp',
  CiliumClusterwideNetworkPolicy: 'ccnp',
  NetworkPolicy: 'knp',
} as const satisfies Record<PolicyKind, string>;

/** `cnp:namespace/name`, `ccnp:name` or `knp:namespace/name`; a namespaced policy without a namespace is in `default`. */
export function policyRef(kind: PolicyKind, namespace: string, name: string): PolicyRef {
  const prefix = PREFIX[kind];
  return prefix === 'ccnp' ? `ccnp:${name}` : `${prefix}:${namespace || 'default'}/${name}`;
}

/** The reference of a policy object. */
export const refOf = ({ kind, metadata }: PolicyObject): PolicyRef =>
  policyRef(kind, metadata.namespace ?? '', metadata.name ?? '');
