import { RESERVED_IDENTITIES } from '#lib/flow/enums.ts';
import { quoted } from '#lib/flow/filter-tokens.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { type Side, addressOf, isWorld, nameOf } from '#lib/flow/endpoint-name.ts';

/** Filter terms that select what a map, a pair of drops or a flow names. */

/** A key of the filter language without its side, and the values that select an end. */
interface Term {
  readonly key: 'workload' | 'pod' | 'identity' | 'fqdn' | 'ip';
  readonly values: readonly string[];
}

const ENTITIES = new Set(RESERVED_IDENTITIES.values());
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:.]+)(\/\d{1,3})?$/i;

/**
 * The term for what a map or a list names: `payments/ledger`, `entity:world` or `world`, `fqdn:api.example.com`, `cidr:203.0.113.0/24`, an
 * address, `identity:24110`. Undefined for `unknown`, which no filter can name.
 */
function termOfName(id: string): Term | undefined {
  const [, kind, rest = ''] = /^(entity|fqdn|cidr|identity):(.+)$/s.exec(id) ?? [];
  switch (kind) {
    case 'entity':
      return entityTerm(rest);
    case 'fqdn':
      return { key: 'fqdn', values: [rest] };
    case 'cidr':
      return { key: 'ip', values: [rest] };
    case 'identity':
      return { key: 'identity', values: [rest] };
  }
  if (id === 'unknown' || id === '') return undefined;
  if (ENTITIES.has(id)) return entityTerm(id);
  if (ADDRESS.test(id)) return { key: 'ip', values: [id] };
  return id.includes('/') ? { key: 'workload', values: [id] } : { key: 'fqdn', values: [id] };
}

/** By identity, which every flow carries, and not by label, which a masked stream lacks. The world has one for each address family. */
const entityTerm = (entity: string): Term => ({
  key: 'identity',
  values: entity === 'world' ? ['world', 'world-ipv4', 'world-ipv6'] : [entity],
});

/** The term for one end of a flow. A pod of no controller has no workload for Hubble: it is named as a pod. */
function termOfEnd(flow: Flow, side: Side): Term | undefined {
  const { workload, podName, namespace, identity } = flow[side];
  const byIdentity: Term | undefined = identity > 0 ? { key: 'identity', values: [String(identity)] } : undefined;
  const key = workload !== undefined && workload.name !== '' ? 'workload' : 'pod';
  const own = key === 'workload' ? (workload?.name ?? '') : podName;
  if (own !== '') {
    // Without a namespace, what stands before a slash in the name would be taken for one.
    if (namespace === '' && own.includes('/')) return byIdentity;
    return { key, values: [namespace === '' ? own : `${namespace}/${own}`] };
  }
  const [name] = side === 'source' ? flow.sourceNames : flow.destinationNames;
  const outside = isWorld(flow[side]) || identity === 0;
  // What is asked for is taken in lower case, as Hubble does it: a name that was recorded otherwise cannot be asked for.
  if (outside && name && name === name.toLowerCase()) return { key: 'fqdn', values: [name] };
  const address = addressOf(flow, side);
  if (outside && address) return { key: 'ip', values: [address] };
  return byIdentity;
}

/** `key:value`, quoted where needed. */
export const termText = (key: string, ...values: readonly string[]): string => `${key}:${values.map(quoted).join(',')}`;

/** The filter that selects a pair with its port, e.g. `from-workload:gateway/web-bff to-workload:payments/ledger to-port:9090`. */
export const pairFilter = (source: string, destination: string, protocol: string, port: number): string =>
  joined(termOfName(source), termOfName(destination), protocol, port);

/** The filter that selects the pair of a flow: those who opened the same kind of connection; at `port`, 0 for any, instead of its own. */
export function flowPairFilter(flow: Flow, port: number = pairOfFlow(flow).port): string {
  const { protocol } = pairOfFlow(flow);
  const [from, to] = endsOf(flow);
  return joined(termOfEnd(flow, from), termOfEnd(flow, to), protocol, port);
}

function joined(from: Term | undefined, to: Term | undefined, protocol: string, port: number): string {
  const terms = [from && termText(`from-${from.key}`, ...from.values), to && termText(`to-${to.key}`, ...to.values)];
  if (port > 0) terms.push(`to-port:${port}`);
  else if (protocol !== '' && protocol !== 'NONE') terms.push(`proto:${protocol.toLowerCase()}`);
  return terms.filter((term) => term !== undefined).join(' ');
}

/** The side that opened the connection, and the other: a reply is turned round. */
const endsOf = ({ isReply }: Flow): [from: Side, to: Side] =>
  isReply === true ? ['destination', 'source'] : ['source', 'destination'];

/** The pair of a flow as the map names it: who opened the connection, to whom, at which port. */
export function pairOfFlow(flow: Flow): { source: string; destination: string; protocol: string; port: number } {
  const [from, to] = endsOf(flow);
  return {
    source: nameOf(flow, from),
    destination: nameOf(flow, to),
    protocol: flow.l4?.protocol ?? 'NONE',
    port: (to === 'destination' ? flow.l4?.destinationPort : flow.l4?.sourcePort) ?? 0,
  };
}
