import type { Console } from '#components/live/use-console.ts';

/** A policy's reference in its parts; `namespace` is empty for clusterwide ones. */
export interface PolicyParts {
  readonly kind: 'cnp' | 'ccnp' | 'knp';
  readonly namespace: string;
  readonly name: string;
}

const SHAPE = /^(cnp|ccnp|knp):(?:([^/]*)\/)?(.+)$/s;

/** `cnp:payments/ledger` in its parts; undefined for what is no reference. */
export function policyParts(ref: string): PolicyParts | undefined {
  const [, kind, namespace = '', name] = SHAPE.exec(ref) ?? [];
  return name === undefined ? undefined : { kind: kind as PolicyParts['kind'], namespace, name };
}

/** `payments/ledger`, or the name alone of a clusterwide policy: how a reference is shown. */
export function policyLabel(ref: string): string {
  const parts = policyParts(ref);
  if (!parts) return ref;
  return parts.namespace === '' ? parts.name : `${parts.namespace}/${parts.name}`;
}

/** Path of the policy's page below its cluster, e.g. `policies/cnp/payments/ledger`; the API has the same. */
export function policyPath(ref: string): string {
  const parts = policyParts(ref);
  if (!parts) return 'policies';
  return `policies/${parts.kind}/${encodeURIComponent(parts.namespace || '-')}/${encodeURIComponent(parts.name)}`;
}

/** A link to the policy, at a rule where one is given. */
export const policyHref = (view: Pick<Console, 'hrefOf'>, ref: string, rule?: { path: string; line?: number | undefined }) =>
  view.hrefOf(policyPath(ref), {
    ...(rule === undefined ? {} : { rule: rule.path }),
    ...(rule?.line === undefined ? {} : { line: String(rule.line) }),
  });

const KINDS: Readonly<Record<string, PolicyParts['kind']>> = {
  CiliumNetworkPolicy: 'cnp',
  CiliumClusterwideNetworkPolicy: 'ccnp',
  NetworkPolicy: 'knp',
  cnp: 'cnp',
  ccnp: 'ccnp',
  knp: 'knp',
};

/** The reference of a policy as flows and maps name it (`CiliumNetworkPolicy:payments/ledger`, `cnp:payments/ledger`); undefined for those that Cilium derives itself. */
export function refOfHubbleName(policy: string): string | undefined {
  const colon = policy.indexOf(':');
  const kind = KINDS[policy.slice(0, Math.max(colon, 0))];
  return kind === undefined ? undefined : `${kind}:${policy.slice(colon + 1)}`;
}

/** `spec.ingress[0]` as a person says it: `ingress[0]`; a second spec keeps its number. */
export const ruleName = (path: string): string => path.replace(/^spec\./, '');
