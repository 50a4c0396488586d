import 'server-only';
import { Client } from '@grpc/grpc-js';
import type { RelayTarget } from '#lib/api/clusters.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { type Flow, NODE_STATES, type NodeState, type StreamEvent } from '#lib/flow/flow.ts';
import { DEFAULT_REDACTION, type Redaction } from '#lib/flow/redact.ts';
import { boundText, LIMITS } from '#lib/flow/text.ts';
import { channelCredentials } from './credentials.ts';
import { type Decoded, FlowDecoder, type Malformed, MOST_NODES } from './decode.ts';
import { followCall } from './follow-call.ts';
import { hubbleApi } from './proto.ts';
import { receive, type StreamCall } from './receive.ts';
import { relayError } from './relay-error.ts';
import { type FlowsRequest, flowsRequestMessage } from './request.ts';

const UNARY_DEADLINE_MS = 10_000;
const WINDOW_BYTES = 4 * 1024 * 1024;
const VERSION_HEADER = 'hubble-relay-version';
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** `ServerStatus`: sums over the nodes that are connected. */
export interface RelayStatus {
  readonly version: string;
  readonly numFlows: number;
  readonly maxFlows: number;
  readonly seenFlows: number;
  readonly uptimeMs: number;
  readonly flowsPerSecond: number;
  readonly connectedNodes: number;
  readonly unavailableNodes: number;
}

/** A node as the relay sees it; numbers are 0 where it is not connected. */
export interface RelayNode {
  readonly name: string;
  readonly version: string;
  readonly address: string;
  readonly state: NodeState;
  readonly uptimeMs: number;
  readonly numFlows: number;
  readonly maxFlows: number;
  readonly seenFlows: number;
}

export interface RelayNamespace {
  readonly cluster: string;
  readonly namespace: string;
}

export interface FlowStreamOptions {
  /** The client's own when absent. */
  readonly decoder?: FlowDecoder;
  readonly onMalformed?: (malformed: Malformed) => void;
  /** The relay's version, from the response header. */
  readonly onVersion?: (version: string) => void;
}

export interface RelayClient {
  readonly target: RelayTarget;
  serverStatus(): Promise<RelayStatus>;
  nodes(): Promise<RelayNode[]>;
  namespaces(): Promise<RelayNamespace[]>;
  /** Events in the batches in which they arrive, until the relay has no more or `signal` aborts. A failing node is an event; only a failing relay throws. */
  getFlows(request: FlowsRequest, signal: AbortSignal, options?: FlowStreamOptions): AsyncGenerator<StreamEvent[]>;
  /** The whole flow with labels, Hubble's summary and all; undefined when no node holds it any more. */
  flowByUuid(uuid: string, signal?: AbortSignal): Promise<Flow | undefined>;
  close(): void;
}

/**
 * A client of `target`. Connects on first use; every method throws `relay-unreachable`, `relay-tls`, `relay-incompatible` or `relay-refused`.
 * Certificates are read anew after a failure: a renewed one is taken without a restart. `redaction` holds for streams without a decoder of their own.
 */
export function connectRelay(target: RelayTarget, redaction: Redaction = DEFAULT_REDACTION): RelayClient {
  let client: Client | undefined;
  let streams = 0;

  const connected = (): Client => (client ??= openChannel(target));
  const failed = async (error: unknown): Promise<CausewayError> => {
    const known = await relayError(error, target);
    if (target.tls && streams === 0 && ['relay-tls', 'relay-unreachable'].includes(known.code)) {
      client?.close();
      client = undefined;
    }
    return known;
  };

  let ownDecoder: FlowDecoder | undefined;

  async function ask(method: 'GetNodes' | 'GetNamespaces' | 'ServerStatus'): Promise<Record<string, unknown>> {
    const { path, requestSerialize, responseDeserialize } = hubbleApi().method(method);
    try {
      return await new Promise<Record<string, unknown>>((resolve, reject) => {
        connected().makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          {},
          { deadline: Date.now() + UNARY_DEADLINE_MS },
          (error, answer) => (error ? reject(error) : resolve((answer ?? {}) as Record<string, unknown>)),
        );
      });
    } catch (error) {
      throw await failed(error);
    }
  }

  function callFlows(request: FlowsRequest, options: FlowStreamOptions): StreamCall<Decoded> {
    const { path, requestSerialize } = hubbleApi().method('GetFlows');
    const { decode } = options.decoder ?? (ownDecoder ??= new FlowDecoder({ redaction }));
    const message = flowsRequestMessage(request);
    const tellVersion = (version: string | string[] | Buffer | undefined) => {
      if (version !== undefined) options.onVersion?.(boundText(version.toString(), LIMITS.name));
    };
    if (request.follow && !usesProxy()) {
      return followCall(target, {
        path,
        request: requestSerialize(message),
        decode,
        windowBytes: WINDOW_BYTES,
        mostBytes: MAX_MESSAGE_BYTES,
        onHeaders: (headers) => tellVersion(headers[VERSION_HEADER]),
      });
    }
    const call = connected().makeServerStreamRequest(path, requestSerialize, (frame) => decode(frame), message);
    call.on('metadata', (metadata) => tellVersion(metadata.get(VERSION_HEADER)[0]));
    return call;
  }

  async function* getFlows(
    request: FlowsRequest,
    signal: AbortSignal,
    options: FlowStreamOptions = {},
  ): AsyncGenerator<StreamEvent[]> {
    streams += 1;
    try {
      for await (const batch of receive(callFlows(request, options), signal)) {
        const events = batch.filter((event) => event.kind !== 'malformed');
        if (events.length < batch.length) {
          for (const event of batch) if (event.kind === 'malformed') options.onMalformed?.(event);
        }
        if (events.length > 0) yield events;
      }
    } catch (error) {
      throw await relayError(error, target);
    } finally {
      streams -= 1;
    }
  }

  async function flowByUuid(
    uuid: string,
    signal: AbortSignal = AbortSignal.timeout(UNARY_DEADLINE_MS),
  ): Promise<Flow | undefined> {
    if (uuid === '') throw new CausewayError('bad-input', 'A flow without a uuid cannot be asked for.');
    for await (const batch of getFlows({ whitelist: [{ uuid: [uuid] }], number: 1 }, signal)) {
      for (const event of batch) if (event.kind === 'flow' && event.flow.uuid === uuid) return event.flow;
    }
    return undefined;
  }

  return {
    target,
    serverStatus: async () => statusOf(await ask('ServerStatus')),
    nodes: async () =>
      listOf((await ask('GetNodes'))['nodes'])
        .slice(0, MOST_NODES)
        .map(nodeOf),
    namespaces: async () =>
      listOf((await ask('GetNamespaces'))['namespaces']).map((entry) => ({
        cluster: textOf(entry['cluster']),
        namespace: textOf(entry['namespace']),
      })),
    getFlows,
    flowByUuid,
    close: () => client?.close(),
  };
}

/** Whether gRPC's client would go through a proxy, as the environment tells it to: only that client knows how. */
const usesProxy = (): boolean => ['grpc_proxy', 'https_proxy', 'http_proxy'].some((name) => Boolean(process.env[name]));

const openChannel = (target: RelayTarget): Client =>
  new Client(target.address, channelCredentials(target), {
    'grpc-node.flow_control_window': WINDOW_BYTES,
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.keepalive_permit_without_calls': 0,
    'grpc.initial_reconnect_backoff_ms': 250,
    'grpc.max_reconnect_backoff_ms': 5000,
    ...(target.tls && target.tlsServerName
      ? { 'grpc.ssl_target_name_override': target.tlsServerName, 'grpc.default_authority': target.tlsServerName }
      : {}),
  });

const statusOf = (answer: Record<string, unknown>): RelayStatus => ({
  version: textOf(answer['version']),
  numFlows: numberOf(answer['num_flows']),
  maxFlows: numberOf(answer['max_flows']),
  seenFlows: numberOf(answer['seen_flows']),
  uptimeMs: numberOf(answer['uptime_ns']) / 1e6,
  flowsPerSecond: numberOf(answer['flows_rate']),
  connectedNodes: wrappedNumberOf(answer['num_connected_nodes']),
  unavailableNodes: wrappedNumberOf(answer['num_unavailable_nodes']),
});

const nodeOf = (entry: Record<string, unknown>): RelayNode => ({
  name: textOf(entry['name']),
  version: textOf(entry['version']),
  address: textOf(entry['address']),
  state: NODE_STATES.find((state) => state === entry['state']) ?? 'UNKNOWN_NODE_STATE',
  uptimeMs: numberOf(entry['uptime_ns']) / 1e6,
  numFlows: numberOf(entry['num_flows']),
  maxFlows: numberOf(entry['max_flows']),
  seenFlows: numberOf(entry['seen_flows']),
});

// proto-loader's objects: every field there, 64-bit numbers as strings, wrappers as `{ value }` or null.
const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string => boundText(typeof value === 'string' ? value : '', LIMITS.name);
const numberOf = (value: unknown): number => Number(value ?? 0) || 0;
const wrappedNumberOf = (value: unknown): number => numberOf((value as { value?: unknown } | null)?.value);
