import { EVENT_TYPE, type Flow } from '#lib/flow/flow.ts';

/** First port that clients commonly get from the kernel. Linux: `net.ipv4.ip_local_port_range`. */
export const EPHEMERAL_PORT_BASE = 32_768;

/**
 * Whether the packet went from the server to the client, so that its edge is the other way round.
 *
 * Hubble says so in `is_reply` where it knows. It does not on drops, dropping policy verdicts, socket traces, to-crypto and to-network; then, first match wins:
 * 1. a TCP SYN opens, a SYN with ACK answers; a DNS, HTTP or Kafka request opens, its response answers; an ICMP echo reply answers;
 * 2. an end that was seen to be connected to at that port is the server (the destination, when both were);
 * 3. a policy verdict is made on the packet that opens a connection;
 * 4. a packet from a low port to an ephemeral one answers; anything else opens.
 */
export function isReversed(flow: Flow, sourceListens: () => boolean, destinationListens: () => boolean): boolean {
  if (flow.isReply !== undefined) return flow.isReply;
  if (flow.l7 !== undefined && flow.l7.type !== 'UNKNOWN_L7_TYPE') return flow.l7.type === 'RESPONSE';
  const { l4 } = flow;
  if (l4 === undefined) return false;
  if (l4.protocol === 'ICMPv4') return l4.icmpType === 0;
  if (l4.protocol === 'ICMPv6') return l4.icmpType === 129;
  if (l4.flags?.includes('SYN')) return l4.flags.includes('ACK');
  if (destinationListens()) return false;
  if (sourceListens()) return true;
  if (flow.eventType.type === EVENT_TYPE.policyVerdict) return false;
  return l4.sourcePort > 0 && l4.sourcePort < EPHEMERAL_PORT_BASE && l4.destinationPort >= EPHEMERAL_PORT_BASE;
}
