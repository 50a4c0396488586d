import { listOf, recordOf, type JsonRecord } from '#lib/flow/json-record.ts';
import type { Labels } from '#lib/policy/model.ts';
import { labelsOf, objectText } from './labels.ts';

/** Kinds of objects that say something about a world, with the API group each must be of: Calico has a NetworkPolicy too, Knative a Service. */
const GROUPS = {
  ConfigMap: '',
  Namespace: '',
  Node: '',
  Pod: '',
  Service: '',
  Endpoints: '',
  EndpointSlice: 'discovery.k8s.io',
  ReplicaSet: 'apps',
  Job: 'batch',
  CiliumEndpoint: 'cilium.io',
  CiliumEndpointSlice: 'cilium.io',
  CiliumIdentity: 'cilium.io',
  CiliumNode: 'cilium.io',
  CiliumCIDRGroup: 'cilium.io',
  CiliumNetworkPolicy: 'cilium.io',
  CiliumClusterwideNetworkPolicy: 'cilium.io',
  NetworkPolicy: 'networking.k8s.io',
  // What preflight reads beside them.
  DaemonSet: 'apps',
  CiliumNodeConfig: 'cilium.io',
  NodePool: 'karpenter.sh',
  EC2NodeClass: 'karpenter.k8s.aws',
  SecurityGroupPolicy: 'vpcresources.k8s.aws',
  PolicyEndpoint: 'networking.k8s.aws',
  ValidatingWebhookConfiguration: 'admissionregistration.k8s.io',
  MutatingWebhookConfiguration: 'admissionregistration.k8s.io',
  APIService: 'apiregistration.k8s.io',
} as const;

export type WorldKind = keyof typeof GROUPS;
export const WORLD_KINDS = Object.keys(GROUPS) as readonly WorldKind[];

/** An object of such a kind, its metadata checked; the rest is as it came. */
export interface WorldObject {
  readonly kind: WorldKind;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Unix milliseconds. */
  readonly createdAt: number | undefined;
  readonly owner: Owner | undefined;
  readonly json: JsonRecord;
}

/** The controller of an object. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
}

const isWorldKind = (kind: unknown): kind is WorldKind => typeof kind === 'string' && Object.hasOwn(GROUPS, kind);

/** `value` as an object of a kind that matters here; undefined for another kind or group, or one without a name. */
export function worldObjectOf(value: unknown): WorldObject | undefined {
  const json = recordOf(value);
  const kind = own(json, 'kind');
  if (!json || !isWorldKind(kind) || !isOfGroup(own(json, 'apiVersion'), GROUPS[kind])) return undefined;
  const metadata = recordOf(own(json, 'metadata'));
  const name = objectText(own(metadata, 'name'));
  if (name === '') return undefined;
  return {
    kind,
    name,
    namespace: objectText(own(metadata, 'namespace')),
    uid: objectText(own(metadata, 'uid')),
    labels: labelsOf(own(metadata, 'labels')),
    annotations: labelsOf(own(metadata, 'annotations')),
    createdAt: timestampOf(own(metadata, 'creationTimestamp')),
    owner: ownerOf(own(metadata, 'ownerReferences')),
    json,
  };
}

/** An object written by hand may lack its version; one of another group is something else. */
function isOfGroup(apiVersion: unknown, group: string): boolean {
  if (typeof apiVersion !== 'string' || apiVersion === '') return true;
  const slash = apiVersion.lastIndexOf('/');
  return (slash < 0 ? '' : apiVersion.slice(0, slash)) === group;
}

function ownerOf(references: unknown): Owner | undefined {
  const owners = listOf(references).map(recordOf);
  const owner = owners.find((reference) => own(reference, 'controller') === true) ?? owners[0];
  const kind = objectText(own(owner, 'kind'));
  const name = objectText(own(owner, 'name'));
  return kind && name ? { kind, name } : undefined;
}

/** Longest list of lists that is followed: `kubectl` prints one level. */
const DEEPEST_LIST = 3;

/** The objects in what `kubectl get -o json` prints: one, a `List`, or a `PodList` whose items leave out their kind. */
export function* objectsIn(value: unknown, depth = 0): Generator {
  const json = recordOf(value);
  const kind = own(json, 'kind');
  const items = own(json, 'items');
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items) || depth >= DEEPEST_LIST) return yield value;
  const itemKind = kind.slice(0, -'List'.length);
  for (const item of items) {
    const record = recordOf(item);
    const named = record && itemKind !== '' && own(record, 'kind') === undefined;
    yield* objectsIn(named ? { ...record, kind: itemKind, apiVersion: own(json, 'apiVersion') } : item, depth + 1);
  }
}

/** An own field of an object: `constructor` is none. */
export const own = (record: JsonRecord | undefined, field: string): unknown =>
  record !== undefined && Object.hasOwn(record, field) ? record[field] : undefined;

/** The object in a field, e.g. `spec`. */
export const part = (record: JsonRecord | undefined, field: string): JsonRecord | undefined => recordOf(own(record, field));

/** The objects in a list field. */
export const parts = (record: JsonRecord | undefined, field: string): readonly JsonRecord[] =>
  listOf(own(record, field))
    .map(recordOf)
    .filter((item) => item !== undefined);

/** The objects that a field holds by name, as `status.eni.enis` does. */
export const partsByName = (record: JsonRecord | undefined, field: string): readonly JsonRecord[] =>
  Object.values(part(record, field) ?? {})
    .map(recordOf)
    .filter((item) => item !== undefined);

/** The texts in a list field, empty ones left out. */
export const textsIn = (record: JsonRecord | undefined, field: string): readonly string[] =>
  listOf(own(record, field)).map(objectText).filter(Boolean);

/** A number in a field, written as one or as text; not a number for anything else. An object there may have a `toString` of its own. */
export function numberIn(record: JsonRecord | undefined, field: string): number {
  const value = own(record, field);
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
}

function timestampOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : value instanceof Date ? value.getTime() : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
