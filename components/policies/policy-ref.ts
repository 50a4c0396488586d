import { type PolicyParts, policyParts } from './links.ts';

/** What each kind of policy is called: short as people say it, by its full name, and as the argument of `kubectl get`. */
export const KIND_WORDS: Record<
  PolicyParts['kind'],
  { readonly short: string; readonly full: string; readonly resource: string }
> = {
  cnp: { short: 'CNP', full: 'CiliumNetworkPolicy', resource: 'ciliumnetworkpolicies' },
  ccnp: { short: 'CCNP', full: 'CiliumClusterwideNetworkPolicy', resource: 'ciliumclusterwidenetworkpolicies' },
  knp: { short: 'KNP', full: 'NetworkPolicy', resource: 'networkpolicies.networking.k8s.io' },
};

/**
 * The reference that the address of a policy's page names (`cnp/payments/ledger`, `ccnp/-/allow-dns`), its segments percent-encoded as they
 * stand there; undefined when they name none.
 */
export function refOfPath(kind: string, namespace: string, name: string): string | undefined {
  const [where, what] = [decode(namespace), decode(name)];
  if (!where || !what) return undefined;
  if (where.includes('/') || what.includes('/') || (kind === 'ccnp') !== (where === '-')) return undefined;
  const ref = kind === 'ccnp' ? `ccnp:${what}` : `${kind}:${where}/${what}`;
  return policyParts(ref) === undefined ? undefined : ref;
}

/** The command that prints a policy as it is in the cluster. */
export function getCommand({ kind, namespace, name }: PolicyParts): string {
  const { resource } = KIND_WORDS[kind];
  return `kubectl get ${resource} ${kind === 'ccnp' ? '' : `-n ${namespace} `}${name} -o yaml`;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
