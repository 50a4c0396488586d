import { RESERVED_IDENTITIES } from '#lib/flow/enums.ts';
import type { Endpoint, Flow } from '#lib/flow/flow.ts';
import { type Side, nameOf } from '#lib/flow/endpoint-name.ts';
import { quoted } from '#lib/flow/filter-tokens.ts';

/** Filter terms that select what a map, a pair of drops or a flow names. */

interface Term {
  readonly key: string;
  readonly value: string;
}

const ENTITIES = new Set(RESERVED_IDENTITIES.values());
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:.]+)(\/\d{1,3})?$/i;

/**
 * The term for one end: `payments/ledger`, `entity:world` or `world`, `fqdn:api.example.com`, `cidr:203.0.113.0/24`, an address, `identity:24110`.
 * Undefined for `unknown`, which no filter can name.
 */
export function peerTerm(side: Side, id: string): Term | undefined {
  const prefix = side === 'source' ? 'from' : 'to';
  const marked = /^(entity|fqdn|cidr|identity):(.+)$/s.exec(id);
  const [, kind, rest = ''] = marked ?? [];
  switch (kind) {
    case 'entity':
      return { key: `${prefix}-label`, value: `reserved:${rest}` };
    case 'fqdn':
      return { key: `${prefix}-fqdn`, value: rest };
    case 'cidr':
      return { key: `${prefix}-ip`, value: rest };
    case 'identity':
      return { key: `${prefix}-identity`, value: rest };
  }
  if (id === 'unknown' || id === '') return undefined;
  if (ENTITIES.has(id)) return { key: `${prefix}-label`, value: `reserved:${id}` };
  if (ADDRESS.test(id)) return { key: `${prefix}-ip`, value: id };
  if (id.includes('/')) return { key: `${prefix}-workload`, value: id };
  return { key: `${prefix}-fqdn`, value: id };
}

/** `key:value`, quoted where needed. */
export const termText = ({ key, value }: Term): string => `${key}:${quoted(value)}`;

/** The filter that selects a pair with its port, e.g. `from-workload:gateway/web-bff to-workload:payments/ledger to-port:9090`. */
export function pairFilter(source: string, destination: string, protocol: string, port: number): string {
  const ends = [peerTerm('source', source), peerTerm('destination', destination)].flatMap((term) =>
    term ? [termText(term)] : [],
  );
  if (port > 0) ends.push(`to-port:${port}`);
  else if (protocol !== '' && protocol !== 'NONE') ends.push(`proto:${protocol.toLowerCase()}`);
  return ends.join(' ');
}

/** The filter that selects the pair of a flow. A pod of no controller has no workload for Hubble: it is named as a pod. */
export function flowPairFilter(flow: Flow): string {
  const { source, destination, protocol, port } = pairOfFlow(flow);
  const [from, to] = flow.isReply === true ? [flow.destination, flow.source] : [flow.source, flow.destination];
  return asPod(asPod(pairFilter(source, destination, protocol, port), from, 'from'), to, 'to');
}

const asPod = (filter: string, { workload, podName }: Endpoint, prefix: 'from' | 'to'): string =>
  workload === undefined && podName !== '' ? filter.replace(`${prefix}-workload:`, `${prefix}-pod:`) : filter;

/** The pair of a flow, with the side that opened the connection as its source; a reply is turned round. */
export function pairOfFlow(flow: Flow): { source: string; destination: string; protocol: string; port: number } {
  const reply = flow.isReply === true;
  return {
    source: nameOf(flow, reply ? 'destination' : 'source'),
    destination: nameOf(flow, reply ? 'source' : 'destination'),
    protocol: flow.l4?.protocol ?? 'NONE',
    port: (reply ? flow.l4?.sourcePort : flow.l4?.destinationPort) ?? 0,
  };
}
