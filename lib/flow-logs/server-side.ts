import { EPHEMERAL_PORT_BASE } from '#lib/topology/direction.ts';
import type { FlowLogRecord } from './record-reader.ts';

const [TCP, UDP, SCTP] = [6, 17, 132];
const [SYN, ACK] = [2, 16];

/** Ports that a peer is known to serve (its containers declare them); undefined where none are known. */
export type KnownPorts = ReadonlySet<number> | undefined;

/** Which way the connection of a record was opened, and to which port. */
export interface Opening {
  /** The record's source is the server: it is an answer. */
  reversed: boolean;
  /** The server's port; 0 where there is none, or where it is one of the many that clients get. */
  port: number;
}

/**
 * Who serves, first match wins: a SYN opens and a SYN with ACK answers (flags of a record are those of all its packets); an end with a port below
 * those that clients get, where the other's is one of them; an end that declares its port; the lower port. A port that clients get is kept only where
 * one of the first says that it is served: else each connection would be a tuple of its own.
 */
export function openingOf(record: FlowLogRecord, sourcePorts: KnownPorts, destinationPorts: KnownPorts, into: Opening): void {
  const { protocol, sourcePort, destinationPort, tcpFlags } = record;
  into.reversed = false;
  into.port = 0;
  if (protocol !== TCP && protocol !== UDP && protocol !== SCTP) return;
  if (protocol === TCP && tcpFlags >= 0 && (tcpFlags & SYN) !== 0) {
    into.reversed = (tcpFlags & ACK) !== 0;
    into.port = into.reversed ? sourcePort : destinationPort;
    return;
  }
  const isHighSource = sourcePort >= EPHEMERAL_PORT_BASE;
  const isHighDestination = destinationPort >= EPHEMERAL_PORT_BASE;
  if (isHighSource !== isHighDestination) {
    into.reversed = isHighDestination;
    into.port = isHighDestination ? sourcePort : destinationPort;
    return;
  }
  if (destinationPorts?.has(destinationPort)) {
    into.port = destinationPort;
    return;
  }
  into.reversed = sourcePorts?.has(sourcePort) === true || sourcePort < destinationPort;
  const port = into.reversed ? sourcePort : destinationPort;
  into.port = isHighSource && sourcePorts?.has(sourcePort) !== true ? 0 : port;
}

/** Names as the ledger writes them; others by their number. */
const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [1, 'ICMPv4'],
  [2, 'IGMP'],
  [TCP, 'TCP'],
  [UDP, 'UDP'],
  [47, 'GRE'],
  [50, 'ESP'],
  [58, 'ICMPv6'],
  [112, 'VRRP'],
  [SCTP, 'SCTP'],
]);
export const protocolName = (number: number): string => PROTOCOLS.get(number) ?? `IP-${number}`;
