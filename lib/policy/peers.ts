import { DEFAULT_CLUSTER, k8sLabel, labelSet, POD_NAMESPACE, POLICY_CLUSTER } from './labels.ts';
import type { AgentConfig, WorldService } from './model.ts';
import { compileNamePattern, type NamePattern } from './name-pattern.ts';
import { type Prefix, parseAddress, parsePrefix } from './schema/words.ts';
import {
  equals,
  exists,
  inCluster,
  meetsAll,
  type PeerDefaults,
  peerRequirements,
  type Requirements,
  requirementsKey,
  requirementsOf,
} from './selector.ts';
import { isRecord, listOf, recordOf } from './schema/problems.ts';

/** Selects peers. `key` is equal for selectors that Cilium takes for one. */
export type WrittenSelector =
  | { readonly kind: 'labels'; readonly key: string; readonly requirements: Requirements }
  | { readonly kind: 'cidr'; readonly key: string; readonly prefix: Prefix; readonly except: readonly Prefix[] }
  | { readonly kind: 'group'; readonly key: string; readonly group: GroupChoice; readonly except: readonly Prefix[] }
  | { readonly kind: 'fqdn'; readonly key: string; readonly pattern: NamePattern }
  /** What only another source could resolve: services that nobody listed, groups of the cloud. */
  | { readonly kind: 'unresolved'; readonly key: string; readonly what: 'services' | 'cloud-groups' };

/** A selector that stands for all with its key; `id` counts them. */
export type PeerSelector = WrittenSelector & { readonly id: number };

export type GroupChoice = { readonly name: string } | { readonly requirements: Requirements };

/** Whom an entry names: everybody, nobody, or the union of selectors. */
export type Peers = 'everybody' | 'nobody' | readonly PeerSelector[];
export type WrittenPeers = 'everybody' | 'nobody' | readonly WrittenSelector[];

/** What a policy's peers are read with. */
export interface PeerContext extends PeerDefaults {
  readonly config: AgentConfig;
  readonly services: readonly WorldService[];
  readonly servicesMissing: boolean;
}

/** Selects every identity: no condition at all. */
const isEverybody = (selector: WrittenSelector): boolean => selector.kind === 'labels' && selector.requirements.length === 0;

export const labelSelector = (requirements: Requirements): WrittenSelector => ({
  kind: 'labels',
  key: `labels ${requirementsKey(requirements)}`,
  requirements,
});

/** Fields of which an empty list, even beside a filled one, means nobody. */
const SILENCING = ['Endpoints', 'Nodes', 'Entities', 'CIDR', 'CIDRSet'];

/** The peers of an element of `ingress`, `egress` or their deny sections. `hasPorts` tells whether it names ports or ICMP types. */
export function peersOf(
  rule: Readonly<Record<string, unknown>>,
  section: 'ingress' | 'egress' | 'ingressDeny' | 'egressDeny',
  hasPorts: boolean,
  context: PeerContext,
): WrittenPeers {
  const side = section.startsWith('ingress') ? 'from' : 'to';
  if (SILENCING.some((field) => Array.isArray(rule[side + field]) && listOf(rule[side + field]).length === 0)) return 'nobody';
  const listed = (field: string): readonly unknown[] => listOf(rule[side + field]);
  const selectors: WrittenSelector[] = [
    ...listed('Endpoints').map((selector) => labelSelector(peerRequirements(requirementsOf(selector), context))),
    ...listed('Nodes').map((selector) => labelSelector(nodeRequirements(selector, context))),
    ...listed('Entities').flatMap((entity) => entitySelectors(entity, context.config)),
    ...listed('CIDR').flatMap((cidr) => cidrSelector(cidr, [], context.config)),
    ...listed('CIDRSet').flatMap((element) => cidrSetSelector(recordOf(element), context.config)),
    ...listed('FQDNs').map(nameSelector),
    // Only `egress` is expanded: in a deny section the services stay unresolved, so the entry names nobody, or with ports everybody.
    ...(section === 'egress' ? listed('Services').flatMap((service) => serviceSelectors(recordOf(service), context)) : []),
    ...listed('Groups').map((): WrittenSelector => ({ kind: 'unresolved', key: 'groups', what: 'cloud-groups' })),
  ];
  if (selectors.length === 0) return hasPorts ? 'everybody' : 'nobody';
  return selectors.some(isEverybody) ? 'everybody' : selectors;
}

const clusterOf = (config: AgentConfig): string => config.clusterName ?? DEFAULT_CLUSTER;

function nodeRequirements(selector: unknown, { config }: PeerContext): Requirements {
  const written = [...requirementsOf(selector), exists('reserved', 'remote-node')];
  return inCluster(written, clusterOf(config));
}

const RESERVED_ENTITIES: ReadonlyMap<unknown, readonly string[]> = new Map<unknown, readonly string[]>([
  ['world', ['world', 'world-ipv4', 'world-ipv6']],
  ...['host', 'remote-node', 'init', 'ingress', 'health', 'unmanaged', 'kube-apiserver', 'world-ipv4', 'world-ipv6', 'none'].map(
    (name) => [name, [name]] as const,
  ),
]);
const CLUSTER_ENTITIES = ['host', 'remote-node', 'init', 'ingress', 'health', 'unmanaged', 'kube-apiserver'];

const reservedSelector = (name: string): WrittenSelector => labelSelector([equals('reserved', name, '')]);

function entitySelectors(entity: unknown, config: AgentConfig): WrittenSelector[] {
  if (entity === 'all') return [labelSelector([])];
  if (entity === 'cluster')
    return [...CLUSTER_ENTITIES.map(reservedSelector), labelSelector([equals('k8s', POLICY_CLUSTER, clusterOf(config))])];
  return (RESERVED_ENTITIES.get(entity) ?? []).map(reservedSelector);
}

export function cidrSelector(text: unknown, except: readonly unknown[], config: AgentConfig): WrittenSelector[] {
  const prefix = typeof text === 'string' ? (parsePrefix(text) ?? parseAddress(text)) : undefined;
  if (!prefix) return [];
  const exceptions = prefixes(except);
  if (prefix.bits === 0 && exceptions.length === 0) return wholeFamily(prefix.family, config);
  return [{ kind: 'cidr', key: `cidr ${String(text)} ${exceptKey(except)}`, prefix, except: exceptions }];
}

/** A zero-length prefix stands for the world's label, not for addresses. */
function wholeFamily(family: 4 | 6, { dualStack }: AgentConfig): WrittenSelector[] {
  if (dualStack) return [reservedSelector(`world-ipv${family}`)];
  return [reservedSelector(family === 4 ? 'world' : 'none')];
}

function cidrSetSelector(element: Readonly<Record<string, unknown>>, config: AgentConfig): WrittenSelector[] {
  const { cidr, cidrGroupRef, cidrGroupSelector } = element;
  const except = listOf(element['except']);
  if (typeof cidr === 'string' && cidr !== '') return cidrSelector(cidr, except, config);
  const rest = exceptKey(except);
  if (typeof cidrGroupRef === 'string' && cidrGroupRef !== '')
    return [{ kind: 'group', key: `group ${cidrGroupRef} ${rest}`, group: { name: cidrGroupRef }, except: prefixes(except) }];
  if (!isRecord(cidrGroupSelector)) return [];
  const requirements = requirementsOf(cidrGroupSelector);
  return [
    { kind: 'group', key: `groups ${requirementsKey(requirements)} ${rest}`, group: { requirements }, except: prefixes(except) },
  ];
}

const exceptKey = (texts: readonly unknown[]): string => texts.map(String).toSorted().join(' ');

const prefixes = (texts: readonly unknown[]): Prefix[] =>
  texts.flatMap((text) => (typeof text === 'string' ? (parsePrefix(text) ?? []) : []));

function nameSelector(rule: unknown): WrittenSelector {
  const { matchName, matchPattern } = recordOf(rule);
  const written = {
    ...(typeof matchName === 'string' && { matchName }),
    ...(typeof matchPattern === 'string' && { matchPattern }),
  };
  return { kind: 'fqdn', key: `fqdn ${JSON.stringify(written)}`, pattern: compileNamePattern(written, 'fqdn') };
}

/** The pods of services with a selector, the addresses of those without. */
function serviceSelectors(service: Readonly<Record<string, unknown>>, context: PeerContext): WrittenSelector[] {
  const byName = recordOf(service['k8sService']);
  const bySelector = recordOf(service['k8sServiceSelector']);
  if (context.servicesMissing) return [{ kind: 'unresolved', key: `services ${JSON.stringify(service)}`, what: 'services' }];
  const isNamed = isRecord(service['k8sService']);
  const namespace = isNamed ? byName['namespace'] : bySelector['namespace'];
  const requirements = requirementsOf(bySelector['selector']);
  const chosen = context.services.filter((candidate) => {
    if (typeof namespace === 'string' && namespace !== '' && candidate.namespace !== namespace) return false;
    if (isNamed) return candidate.name === byName['serviceName'];
    const labels = Object.entries(candidate.labels ?? {}).map(([key, value]) => k8sLabel(key, value));
    return meetsAll(requirements, labelSet(labels)) === 'yes';
  });
  return chosen.flatMap((one) => serviceBackends(one, context));
}

function serviceBackends({ namespace, selector, backends }: WorldService, { config, cluster }: PeerContext): WrittenSelector[] {
  const pairs = Object.entries(selector ?? {});
  if (pairs.length === 0) return (backends ?? []).flatMap((address) => cidrSelector(address, [], config));
  const written = [...pairs.map(([key, value]) => equals('k8s', key, value)), equals('k8s', POD_NAMESPACE, namespace)];
  return [labelSelector(inCluster(written, cluster))];
}
