import 'server-only';
import type { KubeMetadata, KubeObject } from './object.ts';

type Json = Readonly<Record<string, unknown>>;

/** Annotations that repeat the object or are only read by other tools. */
const DROPPED_ANNOTATIONS = new Set(['kubectl.kubernetes.io/last-applied-configuration', 'deployment.kubernetes.io/revision']);
/** Kinds whose annotations mean something to a policy or to Cilium. */
const ANNOTATED = new Set([
  'CiliumNetworkPolicy',
  'CiliumClusterwideNetworkPolicy',
  'NetworkPolicy',
  'CiliumNode',
  'Namespace',
  'Pod',
]);
const METADATA = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'labels',
  'ownerReferences',
];

/**
 * The object without what nobody here reads: a cluster of ten thousand pods is held whole in memory, so what is kept of each is chosen. Policies
 * are kept whole, but for what the API server adds for its own use.
 */
export function trimmed(object: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = object;
  const kept = { apiVersion, kind, metadata: metadataOf(kind, metadata) };
  switch (kind) {
    case 'Pod':
      return { ...kept, spec: podSpec(part(object, 'spec')), status: pick(part(object, 'status'), POD_STATUS) };
    case 'Node':
      return {
        ...kept,
        spec: pick(part(object, 'spec'), ['podCIDR', 'podCIDRs', 'providerID', 'taints', 'unschedulable']),
        status: pick(part(object, 'status'), ['addresses', 'nodeInfo']),
      };
    case 'Service':
      return { ...kept, spec: pick(part(object, 'spec'), SERVICE_SPEC) };
    case 'CiliumEndpoint':
      return { ...kept, status: pick(part(object, 'status'), ENDPOINT_STATUS) };
    case 'CiliumNode':
      return { ...kept, spec: pick(part(object, 'spec'), ['addresses', 'health', 'ingress', 'encryption', 'nodeidentity']) };
    case 'EndpointSlice':
      return { ...kept, ...pick(object, ['addressType', 'ports']), endpoints: sliceEndpoints(object['endpoints']) };
    case 'Namespace':
      return { ...kept, ...pick(object, ['status']) };
    default:
      return { ...object, metadata: kept.metadata };
  }
}

const POD_STATUS = ['phase', 'podIP', 'podIPs', 'hostIP', 'startTime'];
const SERVICE_SPEC = ['type', 'clusterIP', 'clusterIPs', 'selector', 'ports', 'externalIPs', 'externalName'];
const ENDPOINT_STATUS = [
  'id',
  'identity',
  'networking',
  'named-ports',
  'policy',
  'state',
  'encryption',
  'service-account',
  'external-identifiers',
];

function metadataOf(kind: string, metadata: KubeMetadata): KubeMetadata {
  const annotations = ANNOTATED.has(kind)
    ? Object.entries(metadata.annotations ?? {}).filter(([key]) => !DROPPED_ANNOTATIONS.has(key))
    : [];
  return {
    ...(pick(metadata, METADATA) as KubeMetadata),
    ...(annotations.length > 0 && { annotations: Object.fromEntries(annotations) }),
  };
}

/** Ports of all containers: a named port may be that of an init container that stays (a sidecar). */
function podSpec(spec: Json): Json {
  const containers = (field: string): object =>
    Array.isArray(spec[field])
      ? { [field]: (spec[field] as Json[]).map((container) => pick(container, ['name', 'image', 'ports', 'restartPolicy'])) }
      : {};
  return {
    ...pick(spec, ['nodeName', 'hostNetwork', 'serviceAccountName']),
    ...containers('containers'),
    ...containers('initContainers'),
  };
}

const sliceEndpoints = (endpoints: unknown): Json[] =>
  Array.isArray(endpoints)
    ? (endpoints as Json[]).map((endpoint) => pick(endpoint, ['addresses', 'conditions', 'targetRef', 'nodeName']))
    : [];

function part(object: KubeObject, field: string): Json {
  const value = object[field];
  return value instanceof Object ? (value as Json) : {};
}

/** The named own fields that are there. */
function pick(object: Json | null | undefined, fields: readonly string[]): Json {
  return Object.fromEntries(fields.flatMap((field) => (object && Object.hasOwn(object, field) ? [[field, object[field]]] : [])));
}
