import 'server-only';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSync, type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';

const ENTRY = 'observer/observer.proto';

/**
 * The folder that holds Hubble's .proto files: `$CAUSEWAY_ROOT/proto`, else the nearest `proto/` above this module or the working directory
 * (a bundle lies deeper than its source).
 */
export function protoRoot(): string {
  const starts = [process.env['CAUSEWAY_ROOT'], moduleFolder(), process.cwd()];
  for (const start of starts) {
    for (let folder = start; folder; folder = dirname(folder)) {
      const candidate = join(folder, 'proto');
      if (existsSync(join(candidate, ENTRY))) return candidate;
      if (dirname(folder) === folder) break;
    }
  }
  throw new Error(`proto/${ENTRY} is not there: set CAUSEWAY_ROOT to the folder that holds it`);
}

/** A message of the API: plain objects with the fields' own names, 64-bit numbers as strings, enums by name. */
export type Message = MessageTypeDefinition<object, object>;

export interface HubbleApi {
  readonly observer: ServiceDefinition;
  /** A unary or streaming method of `observer.Observer`. */
  method(name: 'GetFlows' | 'GetNodes' | 'GetNamespaces' | 'ServerStatus'): MethodDefinition<object, object>;
  /** By full name, e.g. `observer.GetFlowsResponse`. */
  message(name: string): Message;
}

let loaded: HubbleApi | undefined;

/** Hubble's API as read from the .proto files; read once. */
export function hubbleApi(): HubbleApi {
  loaded ??= read(
    loadSync(ENTRY, { includeDirs: [protoRoot()], keepCase: true, longs: String, enums: String, defaults: true, oneofs: false }),
  );
  return loaded;
}

function read(definition: PackageDefinition): HubbleApi {
  const observer = definition['observer.Observer'] as unknown as ServiceDefinition;
  return {
    observer,
    method: (name) => observer[name] as MethodDefinition<object, object>,
    message: (name) => definition[name] as Message,
  };
}

function moduleFolder(): string | undefined {
  const { url } = import.meta;
  return url?.startsWith('file:') ? dirname(fileURLToPath(url)) : undefined;
}
