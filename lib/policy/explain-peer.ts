import ipaddr from 'ipaddr.js';
import { APP_LABELS } from './describe-selector.ts';
import { ENTITIES, type Entity, type Peer, type World, type WorldEndpoint } from './model.ts';
import { labelOf, namespaceOf } from './nearest-labels.ts';

/** Somebody that a text names, and how to call them. */
export interface FoundPeer {
  readonly peer: Peer;
  readonly name: string;
}

/** Names of workloads for endpoints, where somebody knows them better than their labels do. */
export type WorkloadOf = (endpoint: WorldEndpoint) => string | undefined;

/**
 * Whom a text means: `namespace/pod`, `namespace/workload`, an address, `entity:host` (or `host`), `fqdn:api.example.com`. A workload is judged by its first
 * pod, because policy is the same for all with the same labels. Undefined when the world has nobody of that name.
 */
export function findPeer(text: string, world: World, workloadOf: WorkloadOf = () => undefined): FoundPeer | undefined {
  const entity = text.replace(/^entity:/, '');
  if ((ENTITIES as readonly string[]).includes(entity)) return { peer: { entity: entity as Entity }, name: entity };
  if (text.startsWith('fqdn:')) return namedPeer(text.slice(5), world);
  if (ipaddr.isValid(text)) return { peer: { ip: text }, name: ownerOf(text, world) ?? text };
  if (!text.includes('/') && world.nodes.some(({ id }) => id === text)) return { peer: { node: text }, name: text };
  const exact = world.endpoints.find(({ id }) => id === text);
  if (exact) return { peer: { endpoint: exact.id }, name: text };
  const slash = text.indexOf('/');
  const [namespace, workload] = [text.slice(0, slash), text.slice(slash + 1)];
  const candidates = world.endpoints
    .filter((endpoint) => endpoint.namespace === namespace)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const found =
    candidates.find((endpoint) => workloadOf(endpoint) === workload) ??
    candidates.find(({ labels }) => APP_LABELS.some((key) => Object.hasOwn(labels, key) && labels[key] === workload)) ??
    candidates.find(({ id }) => isPodOf(id.slice(id.indexOf('/') + 1), workload));
  return found && { peer: { endpoint: found.id }, name: text };
}

function namedPeer(name: string, { fqdnCache }: World): FoundPeer {
  const plain = name.replace(/\.$/, '').toLowerCase();
  const addresses = Object.entries(fqdnCache).find(([known]) => known.replace(/\.$/, '').toLowerCase() === plain)?.[1];
  const ip = addresses?.[0];
  return { peer: { seen: { labels: ['reserved:world'], names: [plain], ...(ip !== undefined && { ip }) } }, name: plain };
}

const ownerOf = (ip: string, { endpoints, nodes }: World): string | undefined =>
  endpoints.find((endpoint) => endpoint.ip === ip)?.id ?? nodes.find((node) => node.ip === ip)?.id;

/** Names of pods are their workload's with a hash, a number or both behind it. */
const isPodOf = (pod: string, workload: string): boolean =>
  pod.startsWith(`${workload}-`) && /^([a-z0-9]{1,10}-)?[a-z0-9]{1,10}$/.test(pod.slice(workload.length + 1));

/** How to call a side of a question that nobody has named. */
export function nameOfPeer(peer: Peer): string {
  if ('endpoint' in peer) return peer.endpoint;
  if ('node' in peer) return peer.node;
  if ('ip' in peer) return peer.ip;
  if ('entity' in peer) return peer.entity;
  const { labels, names, ip } = peer.seen;
  const namespace = namespaceOf(labels);
  if (namespace !== undefined) {
    const app = APP_LABELS.map((key) => labelOf(labels, key)).find((value) => value !== undefined);
    return app === undefined ? `a pod in ${namespace}` : `${namespace}/${app}`;
  }
  const reserved = labels
    .find((label) => label.startsWith('reserved:'))
    ?.slice(9)
    .replace(/=$/, '');
  return names?.[0] ?? ip ?? reserved ?? 'an unknown peer';
}
