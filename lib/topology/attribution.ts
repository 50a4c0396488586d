import { dropReasonOf } from '#lib/flow/drop-reasons.ts';
import { isDrop } from '#lib/flow/drops.ts';
import { workloadOf } from '#lib/flow/endpoint-name.ts';
import type { Endpoint, Flow } from '#lib/flow/flow.ts';
import { kindOfOutside, kindOfWorkload } from './classify.ts';
import { DIRECTORY_LIMITS, Directory, type DirectoryLimits, type TrafficEdge, type TrafficNode, portKey } from './directory.ts';
import { isReversed } from './direction.ts';
import { EncryptionJudge, learnNodeName } from './encryption.ts';
import { NameTable, cidrGroupOf, entityOfIdentity, isWorldIdentity, nodeIdOfLabels } from './names.ts';

/** Where a flow belongs: what map, ledger and rollups all need to know of it, found once. */
export interface Attributed {
  /** At pod level, from the client to the server. */
  readonly edge: TrafficEdge;
  /** The client's and the server's endpoint as the flow has them. */
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** The packet went from the server to the client. */
  readonly reversed: boolean;
  /** Index into `ENCRYPTION_KINDS`; -1 when the flow is no evidence. */
  readonly encryption: number;
  /** Why the packet was dropped, on the one event that counts it; undefined on all others. */
  readonly dropReason: string | undefined;
}

export interface AttributionOptions {
  /** Labels of an endpoint whose stream is masked; by default those the flow carries. */
  readonly labelsOf?: (endpoint: Endpoint) => readonly string[];
  readonly limits?: Partial<DirectoryLimits>;
}

/** What is known of an endpoint object. Pods resolve at once; outside, it depends on the address. */
interface Known {
  readonly pod: TrafficNode | undefined;
  readonly byAddress: Map<string, OutsideEntry>;
}
interface OutsideEntry {
  readonly node: TrafficNode;
  /** What `NameTable.version` was when no name was found; -1 when the node needs no name. */
  readonly nameless: number;
}

const MAX_CACHED_ENDPOINTS = 50_000;
const MAX_CACHED_ADDRESSES = 4_096;
const MAX_ADDRESSES_PER_NODE = 4_096;
const MAX_LISTENING_PORTS = 256;
const SWEEP_INTERVAL_MS = 300_000;
/** Longer than anybody who counts by edges remembers them. */
const FORGET_AFTER_MS = 75 * 60_000;

/**
 * Says for each flow which edge of the map it belongs to. It learns as it goes (names of addresses, who listens where, which node a pod runs on),
 * so one instance sees all flows of a cluster, in about the order of their time. Everything in it is bounded.
 */
export class Attribution {
  readonly directory: Directory;
  readonly names = new NameTable();
  readonly #judge = new EncryptionJudge();
  readonly #labelsOf: (endpoint: Endpoint) => readonly string[];
  /** By the object itself, which streams share between flows, then by content. */
  #byObject = new Map<Endpoint, Known>();
  #byContent = new Map<string, Known>();
  #nextSweep = 0;

  constructor(options: AttributionOptions = {}) {
    this.directory = new Directory({ ...DIRECTORY_LIMITS, ...options.limits });
    this.#labelsOf = options.labelsOf ?? ((endpoint) => endpoint.labels);
  }

  /** The edge of a flow, and what else of it everybody counts. */
  attribute(flow: Flow): Attributed {
    const { time, l7 } = flow;
    if (time > this.#nextSweep) this.#sweep(time);
    if (l7?.dns && l7.type === 'RESPONSE') this.names.learn(l7.dns, time);

    const sender = this.#nodeOf(flow.source, flow.ip?.source ?? '', flow.sourceNames, time);
    const receiver = this.#nodeOf(flow.destination, flow.ip?.destination ?? '', flow.destinationNames, time);
    const protocol = flow.l4?.protocol ?? 'NONE';
    const sourcePort = flow.l4?.sourcePort ?? 0;
    const destinationPort = flow.l4?.destinationPort ?? 0;
    const reversed =
      flow.isReply ??
      isReversed(
        flow,
        () => sender.workload.listens.has(portKey(protocol, sourcePort)),
        () => receiver.workload.listens.has(portKey(protocol, destinationPort)),
      );

    const client = reversed ? receiver : sender;
    const server = reversed ? sender : receiver;
    learnNodeName(flow, client, server);
    const edge = this.directory.edge(client, server, protocol, reversed ? sourcePort : destinationPort, time);
    if (!edge.confirmed && flow.isReply !== undefined) confirm(edge);
    if (time > edge.lastSeen) edge.lastSeen = time;
    if (time < edge.firstSeen) edge.seenSince(time);
    if (l7) noteL7(edge, flow);
    return {
      edge,
      source: reversed ? flow.destination : flow.source,
      destination: reversed ? flow.source : flow.destination,
      reversed,
      encryption: this.#judge.judge(flow, sender, receiver),
      dropReason: isDrop(flow) ? dropReasonOf(flow) : undefined,
    };
  }

  /** To be called when the labels of an identity became known: its endpoints are named anew. */
  labelsChanged(): void {
    this.#byObject = new Map();
    this.#byContent = new Map();
  }

  #nodeOf(endpoint: Endpoint, ip: string, names: readonly string[], time: number): TrafficNode {
    const known = this.#byObject.get(endpoint) ?? this.#recognise(endpoint, time);
    return known.pod ?? this.#outsideOf(known, endpoint, ip, names, time);
  }

  #recognise(endpoint: Endpoint, time: number): Known {
    if (this.#byObject.size >= MAX_CACHED_ENDPOINTS) this.labelsChanged();
    const key = `${endpoint.identity} ${endpoint.namespace} ${endpoint.podName} ${endpoint.workload?.name ?? ''} ${endpoint.id}`;
    let known = this.#byContent.get(key);
    if (!known) {
      known = { pod: this.#podOf(endpoint, time), byAddress: new Map() };
      this.#byContent.set(key, known);
    }
    this.#byObject.set(endpoint, known);
    return known;
  }

  #podOf(endpoint: Endpoint, time: number): TrafficNode | undefined {
    const { namespace, identity } = endpoint;
    if (namespace === '') return undefined;
    const owner = workloadOf(endpoint);
    const workload = owner?.name ?? `identity:${identity}`;
    const pod = this.directory.pod({
      namespace,
      name: endpoint.podName || workload,
      workload,
      workloadKind: owner?.kind ?? '',
      kind: kindOfWorkload({ namespace, name: workload, labels: this.#labelsOf(endpoint) }),
      time,
    });
    for (const node of [pod, pod.workload, pod.group]) addIdentity(node, identity);
    return pod;
  }

  #outsideOf(known: Known, endpoint: Endpoint, ip: string, names: readonly string[], time: number): TrafficNode {
    let entry = known.byAddress.get(ip);
    if (!entry || (entry.nameless >= 0 && (names.length > 0 || entry.nameless !== this.names.version))) {
      entry = this.#resolve(endpoint, ip, names, time);
      if (known.byAddress.size >= MAX_CACHED_ADDRESSES) known.byAddress.clear();
      known.byAddress.set(ip, entry);
      addIdentity(entry.node, endpoint.identity);
    }
    const addresses = entry.node.addresses;
    if (addresses && ip !== '' && (addresses.size < MAX_ADDRESSES_PER_NODE || addresses.has(ip))) addresses.set(ip, time);
    return entry.node;
  }

  #resolve(endpoint: Endpoint, ip: string, names: readonly string[], time: number): OutsideEntry {
    const { identity } = endpoint;
    const reserved = entityOfIdentity(identity);
    if (reserved !== undefined && !isWorldIdentity(identity)) return this.#outside(`entity:${reserved}`);
    const byLabels = nodeIdOfLabels(this.#labelsOf(endpoint));
    if (byLabels?.startsWith('entity:')) return this.#outside(byLabels);
    const name = names[0] ?? this.names.nameOf(ip, time);
    if (name) return this.#outside(`fqdn:${name.toLowerCase().replace(/\.$/, '')}`);
    if (byLabels) return this.#outside(byLabels);
    const group = cidrGroupOf(ip);
    if (group) return this.#outside(`cidr:${group}`, this.names.version);
    return this.#outside(identity === 0 ? 'entity:unknown' : 'entity:world');
  }

  #outside(id: string, nameless = -1): OutsideEntry {
    return { node: this.directory.outside(id, kindOfOutside(id)), nameless };
  }

  #sweep(time: number): void {
    if (this.#nextSweep > 0) {
      this.directory.sweep(time - FORGET_AFTER_MS);
      this.labelsChanged(); // the caches hold nodes that may be gone now
    }
    this.#nextSweep = time + SWEEP_INTERVAL_MS;
  }
}

function confirm(edge: TrafficEdge): void {
  edge.confirmed = true;
  const { listens } = edge.destination.workload;
  if (edge.port > 0 && listens.size < MAX_LISTENING_PORTS) listens.add(portKey(edge.protocol, edge.port));
}

function noteL7(edge: TrafficEdge, { l7 }: Flow): void {
  const kind = l7?.http ? 'http' : l7?.dns ? 'dns' : l7?.kafka ? 'kafka' : '';
  const metrics = l7?.http?.url.endsWith('/metrics') ?? false;
  for (const each of [edge, edge.workload, edge.group]) {
    if (kind !== '') each.l7 = kind;
    if (metrics) each.metricsPath = true;
  }
}

function addIdentity(node: TrafficNode, identity: number): void {
  if (identity !== 0 && node.identities.length < 8 && !node.identities.includes(identity)) node.identities.push(identity);
}
