import type { WhyQuery } from '#lib/api/what-if.ts';
import { type Side, addressOf, entityOf, nameOf, workloadOf } from '#lib/flow/endpoint-name.ts';
import { RESERVED_IDENTITIES } from '#lib/flow/enums.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { ENTITIES, POLICY_PROTOCOLS, type PolicyProtocol } from '#lib/policy/model.ts';

/** A question to the policies: may this connection, and this request in it, pass? Pure. */

export type Asked = Omit<WhyQuery, 'set'>;

/** What a link carries of a question. Its ends are `src` and `dst`: `from` and `to` are the time shown. */
export type AskedParams = Readonly<Record<(typeof PARAMS)[number], string | null>>;
export const PARAMS = ['src', 'dst', 'protocol', 'port', 'method', 'path', 'host', 'dns'] as const;

/** The question of a link; undefined while an end or the port is missing. */
export function askedOfParams({ src, dst, protocol, port, method, path, host, dns }: AskedParams): Asked | undefined {
  const number = port === null || port.trim() === '' ? Number.NaN : Number(port);
  if (!src || !dst || !Number.isInteger(number) || number < 0 || number > 65_535) return undefined;
  return {
    from: src,
    to: dst,
    protocol: protocolOf(protocol ?? 'TCP') ?? 'TCP',
    port: number,
    ...(method ? { method } : {}),
    ...(path ? { path } : {}),
    ...(host ? { host } : {}),
    ...(dns ? { dns } : {}),
  };
}

/** The same question for a link: only what it names. */
export function paramsOfAsked(asked: Asked): Record<string, string> {
  const { from, to, protocol, port, method, path, host, dns } = asked;
  const all = {
    src: from,
    dst: to,
    protocol: protocol === 'TCP' ? undefined : protocol,
    port: String(port),
    method,
    path,
    host,
    dns,
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => Boolean(entry[1])));
}

/** Address of the answer. `api` is that of the cluster. */
export function whyUrl(api: string, asked: Asked, set = 'in-force'): string {
  const { from, to, ...rest } = asked;
  const query = new URLSearchParams({ from, to });
  for (const [name, value] of Object.entries(rest)) if (value !== undefined) query.set(name, String(value));
  query.set('set', set);
  return `${api}/policies/why?${query}`;
}

/** The question that a flow puts: the connection it belongs to, with its request where one was recorded. Undefined where no policy can name it. */
export function askedOfFlow(flow: Flow): Asked | undefined {
  const protocol = protocolOf(flow.l4?.protocol ?? '');
  if (protocol === undefined) return undefined;
  const reply = flow.isReply === true;
  const [from, to] = [peerOfFlow(flow, reply ? 'destination' : 'source'), peerOfFlow(flow, reply ? 'source' : 'destination')];
  if (from === undefined || to === undefined) return undefined;
  const port = isIcmp(protocol) ? flow.l4?.icmpType : reply ? flow.l4?.sourcePort : flow.l4?.destinationPort;
  return { from, to, protocol, port: port ?? 0, ...requestOf(flow) };
}

/** The question for what a map or a list names: `payments/ledger`, `entity:world`, `fqdn:…`, `cidr:…/32`. Undefined where no question can be made of it. */
export function askedOfNames(source: string, destination: string, protocol: string, port: number): Asked | undefined {
  const [from, to, named] = [peerOfName(source), peerOfName(destination), protocolOf(protocol)];
  // The ports of a folded edge, and the types of ICMP, are not in its name.
  if (from === undefined || to === undefined || named === undefined || isIcmp(named) || port === 0) return undefined;
  return { from, to, protocol: named, port };
}

/** What is wrong with an end as a person typed it; empty when nothing is. */
export function peerProblem(text: string): string {
  if (text.trim() === '') return 'An end is needed';
  if (text.startsWith('entity:')) {
    return ENTITIES.some((entity) => `entity:${entity}` === text) ? '' : `An entity is one of ${ENTITIES.join(', ')}`;
  }
  if (/^(?:fqdn|cidr):./.test(text) || ADDRESS.test(text) || /^[^/\s]+\/[^/\s]+$/.test(text)) return '';
  return 'namespace/workload, entity:world, fqdn:name or an address';
}

const RESERVED = new Set(RESERVED_IDENTITIES.values());
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:.]+)$/i;
/** A prefix of a whole address stands for one host. */
const HOST_PREFIX = /^(?:([\d.]+)\/32|([0-9a-f:.]+)\/128)$/i;

function peerOfName(name: string): string | undefined {
  const [, kind, rest = ''] = /^(entity|fqdn|cidr|identity):(.+)$/s.exec(name) ?? [];
  switch (kind) {
    case 'entity':
      return peerOfEntity(rest);
    case 'fqdn':
      return name;
    case 'cidr':
      // A range stands for what was seen of it.
      return hostOf(rest) ?? name;
    case 'identity':
      return undefined;
  }
  if (RESERVED.has(name)) return peerOfEntity(name);
  if (ADDRESS.test(name)) return name;
  if (name.includes('/')) return name.includes('/identity:') ? undefined : name;
  return name === '' || name === 'unknown' ? undefined : `fqdn:${name}`;
}

function hostOf(prefix: string): string | undefined {
  if (ADDRESS.test(prefix)) return prefix;
  const [, four, six] = HOST_PREFIX.exec(prefix) ?? [];
  return four ?? six;
}

function peerOfEntity(name: string): string | undefined {
  const plain = /^world-ipv[46]$/.test(name) ? 'world' : name;
  return ENTITIES.some((entity) => entity === plain) ? `entity:${plain}` : undefined;
}

/** A workload stays when its pods go: it is named rather than the pod. Outside, an address says most, as names are learned for it. */
function peerOfFlow(flow: Flow, side: Side): string | undefined {
  const { namespace } = flow[side];
  const workload = workloadOf(flow[side])?.name;
  if (namespace !== '') return workload === undefined ? undefined : `${namespace}/${workload}`;
  const entity = entityOf(flow[side]);
  if (entity !== undefined && entity !== 'world') return peerOfEntity(entity);
  const address = addressOf(flow, side);
  return ADDRESS.test(address) ? address : peerOfName(nameOf(flow, side));
}

function requestOf({ l7 }: Flow): Partial<Asked> {
  if (l7?.dns && l7.dns.query !== '') return { dns: l7.dns.query };
  if (!l7?.http) return {};
  const { method, url } = l7.http;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const path = parsed ? `${parsed.pathname}${parsed.search}` : url.startsWith('/') ? url : '';
  return {
    ...(method === '' ? {} : { method }),
    ...(path === '' ? {} : { path }),
    ...(parsed && parsed.host !== '' ? { host: parsed.host } : {}),
  };
}

const isIcmp = (protocol: PolicyProtocol): boolean => protocol === 'ICMP' || protocol === 'ICMPv6';

function protocolOf(name: string): PolicyProtocol | undefined {
  const plain = name === 'ICMPv4' ? 'ICMP' : name;
  return POLICY_PROTOCOLS.find((protocol) => protocol === plain);
}
