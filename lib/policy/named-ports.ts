import type { World, WorldEndpoint } from './model.ts';
import { protocolIndex, type ProtocolIndex } from './protocols.ts';

/** Number of a named port of a protocol: undefined where nobody has such a port, `unknown` where nobody can tell. */
export type NamedPorts = (name: string, protocol: ProtocolIndex) => number | 'unknown' | undefined;

export const noPorts: NamedPorts = () => undefined;
export const unknownPorts: NamedPorts = () => 'unknown';

/** Container ports of one pod, by name. */
export function podPorts({ namedPorts = [] }: WorldEndpoint): NamedPorts {
  if (namedPorts.length === 0) return noPorts;
  const numbers = new Map(namedPorts.map(({ name, port, protocol }) => [portKey(name, protocolOf(protocol)), port]));
  return (name, protocol) => numbers.get(portKey(name, protocol));
}

/** Equal for pods with the same named ports. */
export const portsSignature = ({ namedPorts = [] }: WorldEndpoint): string =>
  namedPorts
    .map(({ name, port, protocol }) => `${portKey(name, protocolOf(protocol))}=${port}`)
    .toSorted()
    .join(' ');

/** Named ports of all pods together, for egress: a name that two pods give different numbers stands for none. */
export function clusterPorts({ endpoints, missing }: World): NamedPorts {
  if (missing?.includes('endpoints')) return unknownPorts;
  const numbers = new Map<string, number | undefined>();
  for (const { namedPorts = [] } of endpoints)
    for (const { name, port, protocol } of namedPorts) {
      const key = portKey(name, protocolOf(protocol));
      numbers.set(key, !numbers.has(key) || numbers.get(key) === port ? port : undefined);
    }
  return (name, protocol) => numbers.get(portKey(name, protocol));
}

const portKey = (name: string, protocol: ProtocolIndex): string => `${protocol}/${name.toLowerCase()}`;

const protocolOf = (text: string): ProtocolIndex => {
  const upper = text.toUpperCase();
  return upper === 'UDP' || upper === 'SCTP' ? protocolIndex(upper) : 0;
};
