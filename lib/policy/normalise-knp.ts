import { DEFAULT_CLUSTER, NAMESPACE_LABELS, POD_NAMESPACE } from './labels.ts';
import type { AgentConfig, PolicyObject, PolicyRef } from './model.ts';
import type { Direction, Entry, NormaliseContext } from './normalise.ts';
import { cidrSelector, labelSelector, type WrittenPeers, type WrittenSelector } from './peers.ts';
import { portProtocols } from './protocols.ts';
import { ALL_PORTS, portRange, type PortSection } from './sections.ts';
import { equals, exists, inCluster, type Requirements, requirementsOf } from './selector.ts';
import { isRecord, listOf, recordOf } from './schema/problems.ts';

/** The entries of a Kubernetes NetworkPolicy: all allow, and all close their direction. */
export function networkPolicyEntries(
  { metadata, spec: written }: PolicyObject,
  policy: PolicyRef,
  { config, selectors }: Required<NormaliseContext>,
): Entry[] {
  const spec = recordOf(written);
  const namespace = metadata.namespace || 'default';
  const local = [equals('k8s', POD_NAMESPACE, namespace)];
  const subject = { node: false, requirements: [...requirementsOf(spec['podSelector'], 'k8s'), ...local] };
  const entry = (direction: Direction, path: string, peers: WrittenPeers, ports: Entry['ports']): Entry => ({
    policy,
    path,
    subject,
    direction,
    deny: false,
    defaultDeny: true,
    peers: selectors.peers(peers),
    ports,
  });
  return (['ingress', 'egress'] as const).flatMap((direction) => {
    const rules = listOf(spec[direction]);
    if (rules.length === 0) return closes(spec, direction) ? [entry(direction, `spec.${direction}`, 'nobody', undefined)] : [];
    return rules.flatMap((element, index) => {
      const rule = recordOf(element);
      const ports = networkPorts(rule);
      const path = `spec.${direction}[${index}]`;
      const peers = listOf(rule[direction === 'ingress' ? 'from' : 'to']);
      if (peers.length === 0) return [entry(direction, path, 'everybody', ports)];
      // Each peer is an entry of its own; they only differ in whom they name, so one entry with all of them says the same.
      return [
        entry(
          direction,
          path,
          peers.flatMap((peer) => networkPeer(recordOf(peer), namespace, config)),
          ports,
        ),
      ];
    });
  });
}

/** A direction without rules is closed when `policyTypes` names it; ingress also when nothing says that only egress is meant. */
function closes(spec: Readonly<Record<string, unknown>>, direction: Direction): boolean {
  const types = listOf(spec['policyTypes']);
  if (direction === 'egress') return types.includes('Egress');
  return types.includes('Ingress') || !types.includes('Egress');
}

function networkPeer(peer: Readonly<Record<string, unknown>>, namespace: string, config: AgentConfig): WrittenSelector[] {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  if (isRecord(ipBlock)) return cidrSelector(ipBlock['cidr'], listOf(ipBlock['except']), config);
  if (!isRecord(namespaceSelector) && !isRecord(podSelector)) return [];
  const requirements: Requirements = [
    ...(isRecord(namespaceSelector) ? namespaceRequirements(namespaceSelector) : [equals('k8s', POD_NAMESPACE, namespace)]),
    ...requirementsOf(podSelector, 'k8s'),
  ];
  const cluster = config.disablePolicyDefaultLocalCluster ? undefined : (config.clusterName ?? DEFAULT_CLUSTER);
  return [labelSelector(inCluster(requirements, cluster))];
}

/** Labels of the namespace, as identities carry them; an empty selector is any pod that has a namespace. */
function namespaceRequirements(selector: unknown): Requirements {
  const requirements = requirementsOf(selector, 'k8s');
  if (requirements.length === 0) return [exists('k8s', POD_NAMESPACE)];
  return requirements.map(({ key, ...rest }) => ({ ...rest, key: `${NAMESPACE_LABELS}.${key}` }));
}

/** Sections of `ports`; a protocol that is left out is TCP, a port that is left out is all of the protocol. */
function networkPorts(rule: Readonly<Record<string, unknown>>): PortSection[] | undefined {
  const ports = listOf(rule['ports']);
  if (ports.length === 0) return undefined;
  return ports.flatMap((element) => {
    const { port, protocol, endPort } = recordOf(element);
    const [index] = portProtocols(typeof protocol === 'string' && protocol !== '' ? protocol : 'TCP');
    const isGiven = typeof port === 'number' || typeof port === 'string';
    const range = isGiven ? portRange(String(port), endPort) : { first: 0, last: ALL_PORTS };
    if (index === undefined || !range) return [];
    return [{ protocol: index, ...range, key: `${index}/${'name' in range ? range.name : range.first}-${range.last}` }];
  });
}
