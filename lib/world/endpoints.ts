import type { NamedPort, WorldEndpoint } from '#lib/policy/model.ts';
import type { InventoryPod } from './inventory.ts';
import { objectText } from './labels.ts';
import { numberIn, own, part, parts, textsIn, type Owner, type WorldObject } from './object.ts';
import { workloadByName, workloadOfPod } from './workload.ts';

/** What Cilium itself says of a pod: its CiliumEndpoint, or its line in a CiliumEndpointSlice. */
export interface EndpointRecord {
  readonly namespace: string;
  readonly name: string;
  readonly identity: number;
  /** Of the identity; empty where only its number is said. */
  readonly labels: readonly string[];
  readonly ips: readonly string[];
  /** Address of its node. */
  readonly nodeIp: string;
  readonly namedPorts: readonly NamedPort[];
  readonly serviceAccount: string;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly audits: InventoryPod['audits'];
  readonly createdAt: number | undefined;
}

const read = new WeakMap<WorldObject, readonly EndpointRecord[]>();

/** What slices and endpoints say, by `namespace/name` of the pod; an endpoint's own words outweigh those of a slice. The same for the same objects. */
export function recordsOf(
  slices: readonly WorldObject[],
  endpoints: readonly WorldObject[],
): ReadonlyMap<string, EndpointRecord> {
  const records = [...slices, ...endpoints].flatMap((object) => {
    const known = read.get(object) ?? (object.kind === 'CiliumEndpoint' ? recordOf(object) : recordsIn(object));
    read.set(object, known);
    return known;
  });
  return new Map(records.map((record) => [`${record.namespace}/${record.name}`, record]));
}

/** A CiliumEndpoint. One that has no identity yet says nothing. */
function recordOf(object: WorldObject): EndpointRecord[] {
  const status = part(object.json, 'status');
  const identity = part(status, 'identity');
  const number = numberIn(identity, 'id');
  if (!Number.isInteger(number) || number <= 0) return [];
  const policy = part(status, 'policy');
  return [
    {
      namespace: object.namespace,
      name: object.name,
      identity: number,
      labels: textsIn(identity, 'labels').toSorted(),
      ...networkingOf(part(status, 'networking')),
      namedPorts: namedPortsOf(parts(status, 'named-ports')),
      serviceAccount: objectText(own(status, 'service-account')),
      podLabels: object.labels,
      audits: { ingress: audits(part(policy, 'ingress')), egress: audits(part(policy, 'egress')) },
      createdAt: object.createdAt,
    },
  ];
}

/** The endpoints in a CiliumEndpointSlice: fewer words for the same. */
const recordsIn = (slice: WorldObject): EndpointRecord[] =>
  parts(slice.json, 'endpoints').flatMap((line) => {
    const name = objectText(own(line, 'name'));
    const identity = numberIn(line, 'id');
    if (name === '' || !Number.isInteger(identity) || identity <= 0) return [];
    return {
      namespace: objectText(own(slice.json, 'namespace')) || slice.namespace,
      name,
      identity,
      labels: [],
      ...networkingOf(part(line, 'networking')),
      namedPorts: namedPortsOf(parts(line, 'named-ports')),
      serviceAccount: objectText(own(line, 'service-account')),
      podLabels: {},
      audits: { ingress: false, egress: false },
      createdAt: slice.createdAt,
    };
  });

/** `non-enforcing`: the policy is computed, its denials are only reported. */
const audits = (direction: Readonly<Record<string, unknown>> | undefined): boolean => own(direction, 'state') === 'non-enforcing';

function networkingOf(networking: Readonly<Record<string, unknown>> | undefined): Pick<EndpointRecord, 'ips' | 'nodeIp'> {
  const ips = parts(networking, 'addressing').flatMap((pair) => [objectText(own(pair, 'ipv4')), objectText(own(pair, 'ipv6'))]);
  return { ips: ips.filter(Boolean), nodeIp: objectText(own(networking, 'node')) };
}

function namedPortsOf(ports: readonly Readonly<Record<string, unknown>>[], numberField = 'port'): NamedPort[] {
  return ports.flatMap((entry) => {
    const name = objectText(own(entry, 'name'));
    const port = numberIn(entry, numberField);
    if (name === '' || !Number.isInteger(port)) return [];
    return { name, port, protocol: objectText(own(entry, 'protocol')) || 'TCP' };
  });
}

/** A pod with all that is known of it: who it is, and the endpoint of the world that it is where Cilium runs it. */
export interface JoinedPod {
  readonly pod: InventoryPod;
  readonly endpoint: WorldEndpoint | undefined;
}

export interface JoinContext {
  /** The controller of the pod's controller, where that is known. */
  readonly above: Owner | undefined;
  /** Labels of the record's identity as its CiliumIdentity says them. */
  readonly identityLabels: readonly string[] | undefined;
  /** Name of the node that has the record's node address. */
  readonly nodeName: string | undefined;
  /** The cluster has CiliumEndpoints: a running pod without one is not managed. */
  readonly hasRecords: boolean;
}

/** Joins a pod and what Cilium says of it; one of both may be missing. */
export function joinPod(object: WorldObject | undefined, record: EndpointRecord | undefined, context: JoinContext): JoinedPod {
  const spec = part(object?.json, 'spec');
  const status = part(object?.json, 'status');
  const namespace = object?.namespace ?? record?.namespace ?? '';
  const name = object?.name ?? record?.name ?? '';
  const id = `${namespace}/${name}`;
  const hostNetwork = own(spec, 'hostNetwork') === true;
  const ended = /^(Succeeded|Failed)$/.test(objectText(own(status, 'phase')));
  const podIps = [objectText(own(status, 'podIP')), ...parts(status, 'podIPs').map((entry) => objectText(own(entry, 'ip')))];
  const ips = record && record.ips.length > 0 ? record.ips : [...new Set(podIps.filter(Boolean))];
  const managed = !hostNetwork && !ended && (record !== undefined || !context.hasRecords || ips.length === 0);
  const labels = object?.labels ?? record?.podLabels ?? {};
  const pod: InventoryPod = {
    id,
    namespace,
    name,
    workload: object ? workloadOfPod(object, context.above) : workloadByName(name),
    labels,
    nodeName: objectText(own(spec, 'nodeName')) || (context.nodeName ?? ''),
    ips: ended ? [] : ips,
    hostNetwork,
    managed,
    identity: record?.identity ?? 0,
    audits: record?.audits ?? { ingress: false, egress: false },
    createdAt: object?.createdAt ?? record?.createdAt,
  };
  if (!managed) return { pod, endpoint: undefined };
  const identityLabels = record && record.labels.length > 0 ? record.labels : context.identityLabels;
  const serviceAccount = record?.serviceAccount || objectText(own(spec, 'serviceAccountName'));
  const namedPorts = record && record.namedPorts.length > 0 ? record.namedPorts : containerPorts(spec);
  return {
    pod,
    endpoint: {
      id,
      namespace,
      workload: pod.workload.name,
      labels: Object.keys(labels).length > 0 ? labels : podLabelsIn(identityLabels ?? []),
      ...(serviceAccount && { serviceAccount }),
      ...(ips[0] && { ip: ips[0] }),
      ...(namedPorts.length > 0 && { namedPorts }),
      ...(identityLabels && { identityLabels }),
    },
  };
}

/** Ports of containers, and of init containers that stay (sidecars). */
function containerPorts(spec: Readonly<Record<string, unknown>> | undefined): NamedPort[] {
  const sidecars = parts(spec, 'initContainers').filter((container) => own(container, 'restartPolicy') === 'Always');
  return [...parts(spec, 'containers'), ...sidecars].flatMap((container) =>
    namedPortsOf(parts(container, 'ports'), 'containerPort'),
  );
}

/** What an identity says of its pods' own labels, for an endpoint of which nothing else is known. */
const podLabelsIn = (identityLabels: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    identityLabels
      .filter(
        (label) => label.startsWith('k8s:') && !label.startsWith('k8s:io.cilium.k8s') && !label.startsWith('k8s:io.kubernetes'),
      )
      .map((label) => label.slice('k8s:'.length))
      .map((label) => [label.split('=', 1)[0] ?? '', label.slice(label.indexOf('=') + 1)]),
  );
