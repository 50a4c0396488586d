import { objectText } from '#lib/world/labels.ts';
import { own, part, parts, textsIn, type WorldObject } from '#lib/world/object.ts';
import type { ObjectSet } from './inputs.ts';

/** A pod as checks look at it. */
export interface PodFacts {
  readonly object: WorldObject;
  /** `Pod shop/web-1` */
  readonly title: string;
  /** `shop/web-1` */
  readonly id: string;
  /** Empty before it is scheduled. */
  readonly node: string;
  readonly hostNetwork: boolean;
  readonly ips: readonly string[];
  /** It has a node and has not ended. */
  readonly isRunning: boolean;
  /** Unix milliseconds; undefined where it is not known. */
  readonly startedAt: number | undefined;
}

const read = new WeakMap<WorldObject, PodFacts>();

/** All pods of the cluster. */
export const podsOf = (objects: ObjectSet): readonly PodFacts[] => objects.all('Pod').map(podFacts);

export function podFacts(object: WorldObject): PodFacts {
  const known = read.get(object);
  if (known) return known;
  const { namespace, name, json } = object;
  const spec = part(json, 'spec');
  const status = part(json, 'status');
  const node = objectText(own(spec, 'nodeName'));
  const started = Date.parse(objectText(own(status, 'startTime')));
  const ips = [objectText(own(status, 'podIP')), ...parts(status, 'podIPs').map((entry) => objectText(own(entry, 'ip')))];
  const facts: PodFacts = {
    object,
    title: `Pod ${namespace}/${name}`,
    id: `${namespace}/${name}`,
    node,
    hostNetwork: own(spec, 'hostNetwork') === true,
    ips: [...new Set(ips.filter(Boolean))],
    isRunning: node !== '' && !/^(Succeeded|Failed)$/.test(objectText(own(status, 'phase'))),
    startedAt: Number.isNaN(started) ? object.createdAt : started,
  };
  read.set(object, facts);
  return facts;
}

/** `namespace/name` of pods that Cilium has an endpoint for; undefined where endpoints are not known. */
export function managedPods(objects: ObjectSet): ReadonlySet<string> | undefined {
  if (!objects.known('CiliumEndpoint') && !objects.known('CiliumEndpointSlice')) return undefined;
  return new Set([
    ...objects.all('CiliumEndpoint').map(({ namespace, name }) => `${namespace}/${name}`),
    ...objects.all('CiliumEndpointSlice').flatMap(({ namespace, json }) => {
      const inNamespace = objectText(own(json, 'namespace')) || namespace;
      return parts(json, 'endpoints').map((line) => `${inNamespace}/${objectText(own(line, 'name'))}`);
    }),
  ]);
}

/** Addresses of a node that other nodes reach it by. */
export const nodeAddresses = ({ json }: WorldObject): readonly string[] =>
  parts(part(json, 'status'), 'addresses')
    .filter((entry) => objectText(own(entry, 'type')).endsWith('IP'))
    .map((entry) => objectText(own(entry, 'address')))
    .filter(Boolean);

/** Ranges that pods of a node get addresses from. */
export const podRanges = (object: WorldObject): readonly string[] =>
  object.kind === 'CiliumNode'
    ? textsIn(part(part(object.json, 'spec'), 'ipam'), 'podCIDRs')
    : textsIn(part(object.json, 'spec'), 'podCIDRs');
