import type { CidrGroup, WorldAddress, WorldNode, WorldService } from '#lib/policy/model.ts';
import type { InventoryNode } from './inventory.ts';
import { labelsOf, objectText } from './labels.ts';
import { own, part, parts, textsIn, type WorldObject } from './object.ts';

/** Where an agent publishes its node's WireGuard key. */
const WIREGUARD_KEY = 'network.cilium.io/wg-pub-key';

/** A node from its Node, its CiliumNode, or both. */
export function nodeOf(name: string, node: WorldObject | undefined, ciliumNode: WorldObject | undefined): InventoryNode {
  const listed = [
    ...parts(part(node?.json, 'status'), 'addresses').map((entry) => [own(entry, 'type'), own(entry, 'address')]),
    ...parts(part(ciliumNode?.json, 'spec'), 'addresses').map((entry) => [own(entry, 'type'), own(entry, 'ip')]),
  ];
  const addresses = listed
    .filter(([type]) => typeof type === 'string' && type.endsWith('IP'))
    .map(([, address]) => objectText(address));
  return {
    name,
    labels: node?.labels ?? ciliumNode?.labels ?? {},
    addresses: [...new Set(addresses.filter(Boolean))],
    wireGuardKey: Object.hasOwn(ciliumNode?.annotations ?? {}, WIREGUARD_KEY),
    createdAt: node?.createdAt ?? ciliumNode?.createdAt,
  };
}

/** A node as policies see it. Which one is local depends on who asks, so none is marked. */
export const worldNode = ({ name, labels, addresses }: InventoryNode, apiServers: readonly string[]): WorldNode => ({
  id: name,
  ...(addresses[0] && { ip: addresses[0] }),
  labels,
  ...(addresses.some((address) => apiServers.includes(address)) && { kubeApiServer: true }),
});

/** Addresses of the API server that are no node's, as on EKS. */
export const outsideAddresses = (apiServers: readonly string[], nodeByIp: ReadonlyMap<string, unknown>): WorldAddress[] =>
  apiServers.filter((address) => !nodeByIp.has(address)).map((ip) => ({ ip, kubeApiServer: true }));

/** Addresses behind the service `default/kubernetes`: those of the API server. */
export const apiServersOf = (slices: readonly WorldObject[], endpoints: readonly WorldObject[]): readonly string[] =>
  backendsOf({ namespace: 'default', name: 'kubernetes' }, slices, endpoints);

/** Addresses of a service by its EndpointSlices or, where there are none, its Endpoints; sorted. */
export function backendsOf(
  service: { readonly namespace: string; readonly name: string },
  slices: readonly WorldObject[],
  endpoints: readonly WorldObject[],
): readonly string[] {
  const ofService = slices.filter(
    ({ namespace, labels }) => namespace === service.namespace && serviceNameOf(labels) === service.name,
  );
  const addresses =
    ofService.length > 0
      ? ofService.flatMap(({ json }) => parts(json, 'endpoints').flatMap((endpoint) => textsIn(endpoint, 'addresses')))
      : endpoints
          .filter(({ namespace, name }) => namespace === service.namespace && name === service.name)
          .flatMap(({ json }) => parts(json, 'subsets'))
          .flatMap((subset) => parts(subset, 'addresses').map((entry) => objectText(own(entry, 'ip'))));
  return [...new Set(addresses.filter(Boolean))].toSorted();
}

const SERVICE_NAME = 'kubernetes.io/service-name';
const serviceNameOf = (labels: Readonly<Record<string, string>>): string | undefined =>
  Object.hasOwn(labels, SERVICE_NAME) ? labels[SERVICE_NAME] : undefined;

/** A service: by its selector, or by its addresses where it has none. */
export function serviceOf(service: WorldObject, slices: readonly WorldObject[], endpoints: readonly WorldObject[]): WorldService {
  const { name, namespace, labels } = service;
  const selector = labelsOf(own(part(service.json, 'spec'), 'selector'));
  if (Object.keys(selector).length > 0) return { name, namespace, labels, selector };
  return { name, namespace, labels, backends: backendsOf(service, slices, endpoints) };
}

/** A CiliumCIDRGroup. */
export const cidrGroupOf = ({ name, labels, json }: WorldObject): CidrGroup => ({
  name,
  labels,
  externalCIDRs: textsIn(part(json, 'spec'), 'externalCIDRs'),
});
