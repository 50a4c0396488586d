import { endOf, shortNode } from '#lib/audit/tuple.ts';
import type { Endpoint, Flow } from '#lib/flow/flow.ts';
import { type Inventory, type InventoryPod, isUnknownIdentity } from '#lib/world/inventory.ts';
import { Merged } from './merged.ts';
import type { RuleReport, Sighting } from './rule.ts';
import { counted, endText, type RuleContext, seenBefore } from './sample.ts';

/** One end of flows, as they told it. */
export interface EndSample {
  readonly flow: Flow;
  readonly side: 'source' | 'destination';
  readonly count: number;
  /** Unix milliseconds. */
  readonly first: number;
  readonly last: number;
}

/** An identity, or a pod, that is younger than this may not have come to everybody yet: objects and flows take different ways. */
export const YOUNG_MS = 60_000;

/**
 * R2: an identity of the cluster's range that no CiliumIdentity has; an address whose pod has another identity or name by its CiliumEndpoint; or a
 * pod that a node reports as its own and that runs on another. It is to be given ends that were seen at least `YOUNG_MS` ago: what is new has then come
 * to the objects. Reserved identities, those that agents make for addresses, other clusters of a mesh, and identities deleted within the hour are none.
 */
export function unknownIdentities(samples: readonly EndSample[], context: RuleContext): RuleReport {
  const { inventory } = context;
  const found = new Merged();
  let looked = 0;
  for (const sample of samples) {
    looked += sample.count;
    const sighting = withoutObject(sample, inventory) ?? otherThanItsPod(sample, context) ?? fromAnotherNode(sample, context);
    if (sighting) found.add(sighting);
  }
  const notEvaluable = [
    ...(inventory.identities ? [] : ['CiliumIdentity objects cannot be read, so no identity can be said to be unknown.']),
    ...(hasEndpoints(inventory)
      ? []
      : ['CiliumEndpoint objects cannot be read, so identities are not compared with those of their pods.']),
  ];
  return { rule: 'R2', sightings: found.all(), looked, notEvaluable };
}

const hasEndpoints = ({ known }: Inventory): boolean => known.has('CiliumEndpoint') || known.has('CiliumEndpointSlice');

function withoutObject({ flow, side, ...seen }: EndSample, inventory: Inventory): Sighting | undefined {
  const end = flow[side];
  if (!isUnknownIdentity(end.identity, inventory)) return undefined;
  const about = endOf(flow, side, inventory);
  const address = flow.ip?.[side] ?? '';
  const owner = inventory.podByIp.get(address);
  return sightingOf(flow, side, seen, inventory, {
    key: JSON.stringify(['identity', end.identity]),
    severity: 'confirmed',
    title: 'An identity the cluster does not have',
    subject: `identity ${end.identity}${about.namespace === undefined ? '' : ` in ${about.namespace}`}`,
    reasons: [
      `No CiliumIdentity has the number ${end.identity}, and none that had it was deleted within the last hour.`,
      owner
        ? `Its address ${address} belongs to pod ${owner.id}, whose identity is ${owner.identity || 'not known'}.`
        : `No pod of the cluster has its address ${address}.`,
    ],
  });
}

/** Reserved identities stand for an address that its node does not know yet, those of the upper range for ranges and names. */
const isOfPods = (identity: number): boolean => identity >= 256 && identity < 1 << 24;

/** The address belongs to a pod that says otherwise: a spoofed identity, or an address that changed hands without its node noticing. */
function otherThanItsPod({ flow, side, ...seen }: EndSample, context: RuleContext): Sighting | undefined {
  const { inventory } = context;
  const end = flow[side];
  const pod = settledPod(flow, side, inventory);
  if (!pod || !isOfPods(end.identity)) return undefined;
  const differs = differenceOf(end, pod, inventory, flow.time);
  if (differs === undefined) return undefined;
  const key = JSON.stringify(['endpoint', pod.id, end.identity]);
  return sightingOf(flow, side, seen, inventory, {
    key,
    // A pod's labels may have changed in between: only what lasts is more than that.
    severity: seenBefore(context, 'R2', key) ? 'confirmed' : 'suspected',
    title: 'A flow and its pod disagree',
    subject: `pod ${pod.id}`,
    reasons: [
      differs,
      ...(seenBefore(context, 'R2', key) ? [] : ['Its labels may just have changed: seen again it is confirmed.']),
    ],
  });
}

function differenceOf(end: Endpoint, pod: InventoryPod, inventory: Inventory, time: number): string | undefined {
  if (end.podName !== '' && `${end.namespace}/${end.podName}` !== pod.id)
    return `The flow says ${end.namespace}/${end.podName}, the address belongs to pod ${pod.id}.`;
  if (end.namespace !== '' && end.namespace !== pod.namespace)
    return `The flow says namespace ${end.namespace}, the address belongs to pod ${pod.id}.`;
  if (pod.identity === 0) return undefined;
  const own = inventory.identities?.get(pod.identity);
  if (!own || (own.createdAt ?? 0) > time - YOUNG_MS) return undefined;
  if (pod.identity !== end.identity) return `The flow says identity ${end.identity}, its CiliumEndpoint says ${pod.identity}.`;
  const labels = end.labels.filter((label) => label.startsWith('k8s:'));
  const strange = labels.filter((label) => !own.labels.includes(label));
  return labels.length > 0 && strange.length > 0
    ? `The flow carries labels that identity ${end.identity} does not have: ${strange.slice(0, 3).join(', ')}.`
    : undefined;
}

/** A node reports its own endpoints: one that runs elsewhere is a copied address, or a node that lies. */
function fromAnotherNode({ flow, side, ...seen }: EndSample, context: RuleContext): Sighting | undefined {
  const { inventory } = context;
  const isOwn = flow.trafficDirection === (side === 'source' ? 'EGRESS' : 'INGRESS') && flow[side].id > 0;
  const pod = settledPod(flow, side, inventory);
  const node = shortNode(flow.nodeName);
  if (!isOwn || !pod || pod.nodeName === '' || pod.nodeName === node || !inventory.nodes.has(node)) return undefined;
  const key = JSON.stringify(['node', pod.id, node]);
  const again = seenBefore(context, 'R2', key);
  return sightingOf(flow, side, seen, inventory, {
    key,
    severity: again ? 'confirmed' : 'suspected',
    title: 'A pod seen on a node that does not run it',
    subject: `pod ${pod.id} at ${node}`,
    reasons: [
      `Node ${node} reports ${pod.id} as its own endpoint; by its object the pod runs on ${pod.nodeName}.`,
      ...(again ? [] : ['It may have moved: seen again it is confirmed.']),
    ],
  });
}

/** The pod that has the address, where it is Cilium's and has had it long enough before the flow. */
function settledPod(flow: Flow, side: EndSample['side'], { podByIp }: Inventory): InventoryPod | undefined {
  const pod = podByIp.get(flow.ip?.[side] ?? '');
  if (!pod?.managed || pod.hostNetwork) return undefined;
  return (pod.createdAt ?? 0) > flow.time - YOUNG_MS ? undefined : pod;
}

function sightingOf(
  flow: Flow,
  side: EndSample['side'],
  { count, first, last }: Omit<EndSample, 'flow' | 'side'>,
  inventory: Inventory,
  said: Pick<Sighting, 'key' | 'severity' | 'title' | 'subject' | 'reasons'>,
): Sighting {
  const ends = { source: endOf(flow, 'source', inventory), destination: endOf(flow, 'destination', inventory) };
  const other = side === 'source' ? ends.destination : ends.source;
  return {
    rule: 'R2',
    ...said,
    reasons: [...said.reasons, `Seen as the ${side} of ${counted(count, 'flow')}, with ${endText(other)} at the other end.`],
    about: { ...ends, policies: [], nodes: [shortNode(flow.nodeName)] },
    count,
    first,
    last,
    flows: [flow],
  };
}
