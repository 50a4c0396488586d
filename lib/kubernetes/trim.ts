import 'server-only';
import type { KubeMetadata, KubeObject } from './object.ts';

type Json = Readonly<Record<string, unknown>>;
type Kept = Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>;

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
  'Service',
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
        status: {
          ...pick(part(object, 'status'), ['addresses', 'nodeInfo']),
          ...room(object, 'capacity'),
          ...room(object, 'allocatable'),
        },
      };
    case 'Service':
      return { ...kept, spec: pick(part(object, 'spec'), SERVICE_SPEC) };
    case 'CiliumEndpoint':
      return { ...kept, status: pick(part(object, 'status'), ENDPOINT_STATUS) };
    case 'CiliumNode':
      return ciliumNode(kept, object);
    case 'EndpointSlice':
      return { ...kept, ...pick(object, ['addressType', 'ports']), endpoints: sliceEndpoints(object['endpoints']) };
    case 'Namespace':
      return { ...kept, ...pick(object, ['status']) };
    case 'DaemonSet':
      return daemonSet(kept, object);
    case 'EC2NodeClass':
      // User data may hold secrets.
      return { ...kept, spec: pick(part(object, 'spec'), ['amiFamily', 'amiSelectorTerms', 'kubelet', 'metadataOptions']) };
    case 'PolicyEndpoint':
      return { ...kept, spec: pick(part(object, 'spec'), ['policyRef', 'podSelector']) };
    case 'ValidatingWebhookConfiguration':
    case 'MutatingWebhookConfiguration':
      return { ...kept, webhooks: listIn(object, 'webhooks').map(webhook) };
    case 'APIService':
      return { ...kept, spec: pick(part(object, 'spec'), ['group', 'version', 'service']) };
    default:
      return { ...object, metadata: kept.metadata };
  }
}

const POD_STATUS = ['phase', 'podIP', 'podIPs', 'hostIP', 'startTime'];
const SERVICE_SPEC = [
  'type',
  'clusterIP',
  'clusterIPs',
  'selector',
  'ports',
  'externalIPs',
  'externalName',
  'externalTrafficPolicy',
  'loadBalancerClass',
];
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
const podSpec = (spec: Json): Json => ({
  ...pick(spec, ['nodeName', 'hostNetwork', 'serviceAccountName']),
  ...containersOf(spec, (container) => withEnv(pick(container, CONTAINER), container, (name) => AWS_CREDENTIALS.has(name))),
});

const CONTAINER = ['name', 'image', 'ports', 'restartPolicy'];
/** Variables that tell where a pod gets its AWS credentials from; no credentials themselves. */
const AWS_CREDENTIALS = new Set([
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_EC2_METADATA_DISABLED',
]);

/** Settings of the VPC CNI and of agents; a DaemonSet may be told secrets too. */
const AWS_NODE_SETTINGS =
  /^(AWS_VPC_|CLUSTER_|ENABLE_|POD_SECURITY_|WARM_|MINIMUM_|DISABLE_|NETWORK_POLICY_|ANNOTATE_|KUBERNETES_SERVICE_)[A-Z0-9_]+$/;

function containersOf(spec: Json, trim: (container: Json) => Json): Json {
  const fields = ['containers', 'initContainers'].filter((field) => Array.isArray(spec[field]));
  return Object.fromEntries(fields.map((field) => [field, listIn(spec, field).map(trim)]));
}

/** `kept` with those variables of the container whose values stand in it. */
function withEnv(kept: Json, container: Json, isRead: (name: string) => boolean): Json {
  const env = listIn(container, 'env').filter(
    ({ name, value }) => typeof name === 'string' && typeof value === 'string' && isRead(name),
  );
  return env.length > 0 ? { ...kept, env: env.map((variable) => pick(variable, ['name', 'value'])) } : kept;
}

/** How it is steered, what it is told, and who manages its fields: the EKS add-on puts back what others change. */
function daemonSet(kept: Kept, object: KubeObject): KubeObject {
  const template = part(object, 'spec')['template'];
  const spec = part(template instanceof Object ? (template as KubeObject) : object, 'spec');
  const managers = listIn(object.metadata, 'managedFields').map((entry) => pick(entry, ['manager', 'operation', 'subresource']));
  return {
    ...kept,
    metadata: { ...kept.metadata, ...(managers.length > 0 && { managedFields: managers }) },
    spec: {
      ...pick(part(object, 'spec'), ['updateStrategy']),
      template: {
        spec: {
          ...pick(spec, ['nodeSelector', 'affinity', 'tolerations', 'hostNetwork']),
          ...containersOf(spec, (container) =>
            withEnv(pick(container, [...CONTAINER, 'command', 'args']), container, (name) => AWS_NODE_SETTINGS.test(name)),
          ),
        },
      },
    },
    status: pick(part(object, 'status'), [
      'desiredNumberScheduled',
      'currentNumberScheduled',
      'numberReady',
      'numberUnavailable',
    ]),
  };
}

/** Addresses are counted, not held one by one with their owners. */
function ciliumNode(kept: Kept, object: KubeObject): KubeObject {
  const status = part(object, 'status');
  const used = recordIn(recordIn(status, 'ipam'), 'used');
  const pool = recordIn(recordIn(part(object, 'spec'), 'ipam'), 'pool');
  const enis = recordIn(recordIn(status, 'eni'), 'enis');
  return {
    ...kept,
    spec: {
      ...pick(part(object, 'spec'), ['addresses', 'health', 'ingress', 'encryption', 'nodeidentity', 'bootid', 'eni']),
      ipam: {
        ...pick(recordIn(part(object, 'spec'), 'ipam'), ['podCIDRs', 'max-allocate', 'min-allocate', 'pre-allocate']),
        ...(Object.keys(pool).length > 0 && { pool: emptied(pool) }),
      },
    },
    ...((Object.keys(used).length > 0 || Object.keys(enis).length > 0) && {
      status: {
        ipam: {
          ...pick(recordIn(status, 'ipam'), ['operator-status']),
          used: emptied(used),
        },
        eni: {
          enis: Object.fromEntries(
            Object.entries(enis).map(([id, eni]) => [
              id,
              pick(eni as Json, ['id', 'number', 'addresses', 'prefixes', 'subnet', 'vpc']),
            ]),
          ),
        },
      },
    }),
  };
}

/** Addresses without what is said of each. */
const emptied = (addresses: Json): Json => Object.fromEntries(Object.keys(addresses).map((address) => [address, {}]));

/** Pods and branch interfaces that a node has room for. */
const room = (object: KubeObject, field: string): Json => {
  const given = pick(recordIn(part(object, 'status'), field), ['pods', 'vpc.amazonaws.com/pod-eni']);
  return Object.keys(given).length > 0 ? { [field]: given } : {};
};

const webhook = (entry: Json): Json => ({
  ...pick(entry, ['name', 'failurePolicy', 'timeoutSeconds', 'namespaceSelector', 'rules']),
  clientConfig: pick(recordIn(entry, 'clientConfig'), ['service', 'url']),
});

const sliceEndpoints = (endpoints: unknown): Json[] =>
  Array.isArray(endpoints)
    ? (endpoints as Json[]).map((endpoint) => pick(endpoint, ['addresses', 'conditions', 'targetRef', 'nodeName']))
    : [];

const listIn = (record: Json | undefined, field: string): Json[] => {
  const list = record?.[field];
  return Array.isArray(list) ? (list as unknown[]).filter((item): item is Json => item instanceof Object) : [];
};

const recordIn = (record: Json | undefined, field: string): Json => {
  const value = record && Object.hasOwn(record, field) ? record[field] : undefined;
  return value instanceof Object && !Array.isArray(value) ? (value as Json) : {};
};

function part(object: KubeObject, field: string): Json {
  const value = object[field];
  return value instanceof Object ? (value as Json) : {};
}

/** The named own fields that are there. */
function pick(object: Json | null | undefined, fields: readonly string[]): Json {
  return Object.fromEntries(fields.flatMap((field) => (object && Object.hasOwn(object, field) ? [[field, object[field]]] : [])));
}
