import { POLICY_PROTOCOLS, type PolicyProtocol } from './model.ts';

/** Index in `POLICY_PROTOCOLS`. */
export type ProtocolIndex = 0 | 1 | 2 | 3 | 4;

export const PROTOCOL_COUNT = POLICY_PROTOCOLS.length;

const INDEX: ReadonlyMap<string, ProtocolIndex> = new Map([
  ['TCP', 0],
  ['UDP', 1],
  ['SCTP', 2],
  ['ICMP', 3],
  ['ICMPv6', 4],
]);

/** Number of a protocol for `verdictOf`. */
export const protocolIndex = (protocol: PolicyProtocol): ProtocolIndex => INDEX.get(protocol) ?? 0;

/** Protocols with ports that a policy's `protocol` stands for; `ANY` is all of them, never ICMP. Others (VRRP, IGMP) have none of these. */
export function portProtocols(text: string): readonly ProtocolIndex[] {
  const upper = text.toUpperCase();
  if (upper === 'ANY' || upper === '') return [0, 1, 2];
  const index = INDEX.get(upper);
  return index !== undefined && index < 3 ? [index] : [];
}
