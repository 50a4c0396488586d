import { POLICY_PROTOCOLS, type L7Request, type Peer, type PolicyProtocol, type Question } from '#lib/policy/model.ts';
import type { SeenEnd, SeenTraffic } from './traffic.ts';

/** Traffic that was seen as a question to the policy engine; undefined where policy does not know its protocol, or the labels of an end are not known. */
export function questionOf({ source, destination, protocol, port }: SeenTraffic, l7?: L7Request): Question | undefined {
  const known = [source, destination].every(({ labels }) => labels.length > 0) ? protocolOf(protocol) : undefined;
  return known && { src: peerOf(source), dst: peerOf(destination), protocol: known, port, ...(l7 && { l7 }) };
}

const protocolOf = (text: string): PolicyProtocol | undefined =>
  text === 'ICMPv4' ? 'ICMP' : POLICY_PROTOCOLS.find((protocol) => protocol === text);

function peerOf({ labels, addresses, names }: SeenEnd): Peer {
  const [ip] = addresses;
  return { seen: { labels, ...(ip !== undefined && { ip }), ...(names.length > 0 && { names }) } };
}
