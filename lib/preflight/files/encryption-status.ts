import { type JsonRecord, recordOf } from '#lib/flow/json-record.ts';
import { objectText } from '#lib/world/labels.ts';
import { own, part, parts } from '#lib/world/object.ts';
import type { EncryptionStatus } from '../inputs.ts';
import { readJsonObjects } from './json-text.ts';
import { read, type Reading, unreadable } from './reading.ts';

/**
 * `cilium encryption status -o json`: counts over the cluster, or with `--node-details` one object for each node; also a mapping from nodes to their
 * status, and `cilium-dbg encrypt status -o json` of one agent.
 */
export function readEncryptionStatus(text: string): Reading<EncryptionStatus> {
  const file = readJsonObjects(text, 'the output of cilium encryption status -o json');
  if (!file.ok) return file;
  const [first] = file.value;
  if (first && file.value.length === 1 && isOfCluster(first)) return read(ofCluster(first));
  const nodes = file.value.flatMap((record) => nodesIn(record));
  return nodes.length > 0 && nodes.length <= 20_000
    ? read(ofNodes(nodes))
    : unreadable('this is not what cilium encryption status -o json prints: it says nothing of nodes');
}

export const isOfCluster = (record: JsonRecord): boolean => typeof own(record, 'total-node-count') === 'number';
const isOfNode = (record: JsonRecord): boolean =>
  typeof own(record, 'mode') === 'string' &&
  (part(record, 'wireguard') ?? part(record, 'ipsec') ?? own(record, 'mode')) !== undefined;

const ofCluster = (record: JsonRecord): EncryptionStatus => ({
  nodes: countOf(own(record, 'total-node-count')),
  disabled: countOf(own(record, 'enc-disabled-node-count')),
  wireGuard: countOf(own(record, 'enc-wireguard-node-count')),
  ipsec: countOf(own(record, 'enc-ipsec-node-count')),
  details: [],
});

type Node = EncryptionStatus['details'][number];

/** One node, or a mapping from names of nodes. */
export function nodesIn(record: JsonRecord): readonly Node[] {
  if (isOfNode(record)) return [nodeOf('', record)];
  const members = Object.entries(record).map(([name, value]) => [name, recordOf(value)] as const);
  if (!members.every(([, value]) => value && isOfNode(value))) return [];
  return members.map(([name, value]) => nodeOf(objectText(name), value ?? {}));
}

function nodeOf(node: string, record: JsonRecord): Node {
  const wireGuard = part(record, 'wireguard');
  const peers = own(parts(wireGuard, 'interfaces')[0], 'peer-count');
  return {
    node,
    mode: objectText(own(record, 'mode')),
    ...(typeof peers === 'number' && { peers: countOf(peers) }),
    nodeEncryption: objectText(own(wireGuard, 'node-encryption')),
  };
}

function ofNodes(details: readonly Node[]): EncryptionStatus {
  const count = (mode: RegExp): number => details.filter((node) => mode.test(node.mode)).length;
  return {
    nodes: details.length,
    disabled: count(/^disabled$/i),
    wireGuard: count(/^wireguard$/i),
    ipsec: count(/^ipsec$/i),
    details,
  };
}

const countOf = (value: unknown): number => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0);
