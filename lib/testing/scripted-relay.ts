import { Server, ServerCredentials, type ServerWritableStream } from '@grpc/grpc-js';
import { hubbleApi } from '#lib/relay/proto.ts';

/** A call of GetFlows: `write` takes the bytes of one `observer.GetFlowsResponse`, whatever they are. */
export type FlowsCall = ServerWritableStream<
  {
    readonly field_mask: object | null;
    readonly follow: boolean;
    readonly whitelist: readonly { readonly uuid: readonly string[] }[];
  },
  Buffer
>;

export interface ScriptedRelay {
  readonly address: string;
  close(): void;
}

export interface RelayScript {
  readonly send: (call: FlowsCall) => void;
  /** Plain text when absent. */
  readonly credentials?: ServerCredentials;
  /** `observer.GetNodesResponse` and the others, as plain objects. */
  readonly nodes?: object;
  readonly status?: object;
  readonly namespaces?: object;
}

/** A relay on loopback that sends exactly what a test tells it to, right or wrong. */
export async function scriptedRelay({ send, credentials, nodes, status, namespaces }: RelayScript): Promise<ScriptedRelay> {
  const api = hubbleApi();
  const server = new Server();
  const answer = (value: object) => (_call: unknown, callback: (error: null, value: object) => void) => callback(null, value);
  server.addService(
    { ...api.observer, GetFlows: { ...api.method('GetFlows'), responseSerialize: (bytes: Buffer) => bytes } },
    {
      GetFlows: send,
      GetNodes: answer(nodes ?? { nodes: [] }),
      ServerStatus: answer(status ?? {}),
      GetNamespaces: answer(namespaces ?? {}),
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', credentials ?? ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}
