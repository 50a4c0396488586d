import 'server-only';
import { POLICY_KINDS, type PolicyKind, type PolicyObject } from '#lib/policy/model.ts';
import type { KubeObject } from './object.ts';

const GROUP = {
  CiliumNetworkPolicy: /^(cilium\.io\/|$)/,
  CiliumClusterwideNetworkPolicy: /^(cilium\.io\/|$)/,
  NetworkPolicy: /^(networking\.k8s\.io\/|$)/, // Calico has a NetworkPolicy too
} as const satisfies Record<PolicyKind, RegExp>;

/** Whether an object is a policy that is judged here, by kind and group. */
export const isPolicyObject = (object: KubeObject): object is KubeObject & PolicyObject => {
  const kind = POLICY_KINDS.find((known) => known === object.kind);
  return kind !== undefined && GROUP[kind].test(object.apiVersion);
};
