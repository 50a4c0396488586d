import {
  Metadata,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js';
import { messageOf } from '#lib/errors/errors.ts';
import type { LostEvents, NodeStatus } from '#lib/flow/flow.ts';
import { hubbleApi } from '#lib/relay/proto.ts';
import type { ClusterEvent, DemoCluster } from './demo-cluster.ts';
import { encodeFlow, encodeLostEvents, encodeNodeStatus } from './encode.ts';
import { type FlowsQuery, heldEvents, parseRequest, type ReceivedRequest, timeOf } from './flows-query.ts';

const HOST = 'demo-relay';
const VERSION = 'hubble-relay v1.19.0';
const AGENT_VERSION = 'cilium v1.19.0';
/** Messages that may wait for a client; what comes beyond is lost to it, and it is told. */
const MOST_WAITING = 20_000;
const TELL_LOST_MS = 1000;

type FlowsCall = ServerWritableStream<ReceivedRequest, Buffer>;

export interface RelayServer {
  /** `HOST:PORT` */
  readonly address: string;
  close(): void;
}

export interface RelayServerOptions {
  /** 0 is any free one. */
  readonly port?: number;
  readonly credentials?: ServerCredentials;
}

/** Serves `cluster` on loopback as a Hubble Relay would: `observer.Observer` and gRPC's health service. */
export async function serveRelay(cluster: DemoCluster, options: RelayServerOptions = {}): Promise<RelayServer> {
  const server = new Server({ 'grpc-node.flow_control_window': 1024 * 1024 });
  server.addService(observerService(), {
    GetFlows: (call: FlowsCall) => {
      serveFlows(cluster, call).catch((error: unknown) =>
        call.emit('error', { code: status.INTERNAL, details: messageOf(error) }),
      );
    },
    GetNodes: answer(() => ({ nodes: nodesOf(cluster) })),
    GetNamespaces: answer(() => ({ namespaces: namespacesOf(cluster) })),
    ServerStatus: answer(() => statusOf(cluster)),
  });
  server.addService(HEALTH, { Check: answer(() => SERVING) });
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = options.credentials ?? ServerCredentials.createInsecure();
    server.bindAsync(`127.0.0.1:${options.port ?? 0}`, credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}

/** Flows are encoded here, by `encode.ts`; the rest by proto-loader. */
function observerService(): ServiceDefinition {
  const { observer } = hubbleApi();
  return { ...observer, GetFlows: { ...hubbleApi().method('GetFlows'), responseSerialize: (bytes: Buffer) => bytes } };
}

/** `grpc.health.v1.Health/Check`, so that `hubble status` is content. */
const SERVING = Buffer.from([8, 1]);
const HEALTH: ServiceDefinition = {
  Check: {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: (bytes: Buffer) => bytes,
  },
};

const answer =
  <T>(make: () => T) =>
  (_call: ServerUnaryCall<unknown, T>, callback: sendUnaryData<T>): void =>
    callback(null, make());

async function serveFlows(cluster: DemoCluster, call: FlowsCall): Promise<void> {
  const metadata = new Metadata();
  metadata.set('hubble-relay-version', VERSION);
  call.sendMetadata(metadata);
  let query: FlowsQuery;
  try {
    query = parseRequest(call.request);
  } catch (error) {
    // As the real relay: a request that no agent takes is no gRPC error.
    call.write(encodeNodeStatus({ ...statusOfNodes(cluster, 'NODE_ERROR', false), message: messageOf(error) }, HOST));
    call.end();
    return;
  }
  for (const [state, isAway] of [
    ['NODE_CONNECTED', false],
    ['NODE_UNAVAILABLE', true],
  ] as const) {
    const nodes = statusOfNodes(cluster, state, isAway);
    if (nodes.nodeNames.length > 0) call.write(encodeNodeStatus(nodes, HOST));
  }

  const waiting: ClusterEvent[] = [];
  let deliver = (events: readonly ClusterEvent[]): void => void waiting.push(...events);
  const held = heldEvents(cluster, query);
  const unlisten = query.follow ? cluster.listen((events) => deliver(events)) : () => undefined;
  call.on('close', unlisten);
  call.on('cancelled', unlisten);
  for (const event of held) {
    if (call.cancelled) return;
    if (!call.write(encode(event, query))) await drained(call);
  }
  if (!query.follow) {
    call.end();
    return;
  }
  deliver = liveDelivery(cluster, call, query);
  deliver(waiting);
}

/** Until the client has taken what was written, or is gone. */
function drained(call: FlowsCall): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ['drain', 'close', 'cancelled']) call.off(event, done);
      resolve();
    };
    for (const event of ['drain', 'close', 'cancelled']) call.on(event, done);
  });
}

/** Sends what passes; to a client that does not keep up it says how much it has missed. */
function liveDelivery(cluster: DemoCluster, call: FlowsCall, query: FlowsQuery): (events: readonly ClusterEvent[]) => void {
  const missed = new Map<string, { count: number; first: number; last: number }>();
  let toldAt = 0;
  return (events) => {
    for (const event of events) {
      if (query.until !== undefined && timeOf(event) > query.until) {
        call.end();
        return;
      }
      if (event.kind === 'flow') {
        const { nodeName, time } = event.flow;
        if (!query.passes(event.flow)) continue;
        if (call.writableLength > MOST_WAITING) {
          const { count, first } = missed.get(nodeName) ?? { count: 0, first: time };
          missed.set(nodeName, { count: count + 1, first, last: time });
          continue;
        }
      }
      call.write(encode(event, query));
    }
    if (missed.size === 0 || cluster.time - toldAt < TELL_LOST_MS) return;
    toldAt = cluster.time;
    for (const [nodeName, { count, first, last }] of missed) {
      const lost: LostEvents = { time: toldAt, nodeName, source: 'HUBBLE_RING_BUFFER', count, first, last };
      call.write(encodeLostEvents(lost));
    }
    missed.clear();
  };
}

function encode(event: ClusterEvent, { mask }: FlowsQuery): Buffer {
  switch (event.kind) {
    case 'flow':
      return encodeFlow(event.flow, mask);
    case 'lost-events':
      return encodeLostEvents(event.lost);
    case 'node-status':
      return encodeNodeStatus(event.status, HOST);
  }
}

function statusOfNodes(cluster: DemoCluster, state: NodeStatus['state'], away: boolean): NodeStatus {
  const nodeNames = cluster.agents.filter(({ isAway }) => isAway === away).map(({ node }) => node.name);
  return { time: cluster.time, state, nodeNames, message: '' };
}

const nodesOf = (cluster: DemoCluster): object[] =>
  cluster.agents.map(({ node, ring, isAway }) => ({
    name: node.name,
    version: AGENT_VERSION,
    address: `${node.ip}:4244`,
    state: isAway ? 'NODE_UNAVAILABLE' : 'NODE_CONNECTED',
    tls: { enabled: false, server_name: '' },
    ...(isAway
      ? {}
      : {
          uptime_ns: nanoseconds(cluster.uptimeMs),
          num_flows: String(ring.size),
          max_flows: String(ring.capacity),
          seen_flows: String(ring.seen),
        }),
  }));

const namespacesOf = (cluster: DemoCluster): object[] =>
  [...new Set([...cluster.plan.world.workloads.values()].map(({ namespace }) => namespace))]
    .toSorted()
    .map((namespace) => ({ cluster: cluster.plan.world.cluster, namespace }));

function statusOf(cluster: DemoCluster): object {
  const connected = cluster.agents.filter(({ isAway }) => !isAway);
  const away = cluster.agents.filter(({ isAway }) => isAway);
  const sum = (of: (agent: (typeof connected)[number]) => number) => connected.reduce((total, agent) => total + of(agent), 0);
  return {
    num_flows: String(sum(({ ring }) => ring.size)),
    max_flows: String(sum(({ ring }) => ring.capacity)),
    seen_flows: String(sum(({ ring }) => ring.seen)),
    uptime_ns: nanoseconds(cluster.uptimeMs),
    num_connected_nodes: { value: connected.length },
    num_unavailable_nodes: { value: away.length },
    unavailable_nodes: away.map(({ node }) => node.name),
    version: VERSION,
    flows_rate: sum(({ ring }) => ring.from(cluster.time - 60_000).length) / 60,
  };
}

const nanoseconds = (ms: number): string => `${Math.round(ms)}000000`;
