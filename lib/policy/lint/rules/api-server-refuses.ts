// k8s.io/kubernetes/pkg/apis/networking/validation (ValidateNetworkPolicySpec).
import type { LintPolicy } from '../context.ts';
import type { LintRule, RuleFinding } from '../rule.ts';
import { containsPrefix, isServiceName, parsePrefix } from '../../schema/words.ts';
import { isRecord, listOf, recordOf } from '../../schema/problems.ts';

export const apiServerRefuses: LintRule = {
  id: 'api-server-refuses',
  severity: 'error',
  title: 'is refused by the API server',
  why: 'A NetworkPolicy is checked by Kubernetes before Cilium sees it, and more strictly: such an object never gets into a cluster.',
  source: 'https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/',
  *check({ policies }) {
    for (const policy of policies) if (policy.object.kind === 'NetworkPolicy') yield* refusals(policy);
  },
};

function* refusals({ ref, object }: LintPolicy): Generator<RuleFinding> {
  const spec = recordOf(object.spec);
  for (const [index, type] of listOf(spec['policyTypes']).entries())
    if (type !== 'Ingress' && type !== 'Egress')
      yield { policy: ref, path: `spec.policyTypes[${index}]`, message: `${JSON.stringify(type)} is neither Ingress nor Egress` };
  for (const [section, side] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const)
    for (const [index, item] of listOf(spec[section]).entries()) {
      const path = `spec.${section}[${index}]`;
      const rule = recordOf(item);
      for (const [at, peer] of listOf(rule[side]).entries()) yield* peerRefusals(recordOf(peer), `${path}.${side}[${at}]`, ref);
      for (const [at, port] of listOf(rule['ports']).entries()) yield* portRefusals(recordOf(port), `${path}.ports[${at}]`, ref);
    }
}

function* peerRefusals(peer: Readonly<Record<string, unknown>>, path: string, policy: string): Generator<RuleFinding> {
  const fields = ['podSelector', 'namespaceSelector', 'ipBlock'].filter((field) => isRecord(peer[field]));
  if (fields.length === 0) yield { policy, path, message: 'a peer needs podSelector, namespaceSelector or ipBlock' };
  if (fields.length > 1 && fields.includes('ipBlock'))
    yield { policy, path, message: 'ipBlock cannot stand beside another selector' };
  const { cidr, except } = recordOf(peer['ipBlock']);
  const outer = typeof cidr === 'string' ? parsePrefix(cidr) : undefined;
  for (const [index, hole] of listOf(except).entries()) {
    const inner = typeof hole === 'string' ? parsePrefix(hole) : undefined;
    if (outer && inner && containsPrefix(inner, outer))
      yield { policy, path: `${path}.ipBlock.except[${index}]`, message: `an exception must be smaller than ${String(cidr)}` };
  }
}

function* portRefusals(
  { port, endPort }: Readonly<Record<string, unknown>>,
  path: string,
  policy: string,
): Generator<RuleFinding> {
  if (port === 0)
    yield {
      policy,
      path: `${path}.port`,
      message: 'port 0 is not possible in a NetworkPolicy: leave the port out for all of them',
    };
  if (typeof port === 'string' && !(isServiceName(port) && port === port.toLowerCase()))
    yield {
      policy,
      path: `${path}.port`,
      message: `${JSON.stringify(port.slice(0, 60))} is not the name of a port: numbers stand without quotes`,
    };
  if ((endPort ?? null) === null) return;
  if (typeof port !== 'number') yield { policy, path: `${path}.endPort`, message: 'endPort needs a port by number' };
  else if (typeof endPort === 'number' && endPort < port)
    yield { policy, path: `${path}.endPort`, message: `endPort ${endPort} is below port ${port}` };
}
