import { RESERVED_IDENTITIES } from '#lib/flow/enums.ts';
import type { Endpoint, Flow, L7 } from '#lib/flow/flow.ts';
import type { HttpRequest, L7Request, Peer, PolicyProtocol, Question } from '#lib/policy/model.ts';
import type { Inventory } from './inventory.ts';
import { plainName } from './learned-names.ts';

/** What a flow is looked up in. */
export interface QuestionContext {
  readonly inventory: Inventory;
  /** DNS names learned for an address; absent where lookups were not seen. */
  readonly namesOf?: (address: string) => readonly string[];
}

/** A question to the engine, or why there is none: `code` is stable, `detail` is for people. */
export type AskedQuestion =
  | { readonly ok: true; readonly question: Question }
  | { readonly ok: false; readonly code: 'no-protocol' | 'protocol-not-judged'; readonly detail: string };

/**
 * The question that a flow answers: may this connection be opened, and this request pass? Of a reply (`is_reply`), it is the question of the
 * connection that it belongs to, its ends the other way round.
 */
export function questionOf(flow: Flow, context: QuestionContext): AskedQuestion {
  const { l4, isReply = false } = flow;
  if (!l4) return { ok: false, code: 'no-protocol', detail: 'the flow has no protocol and port to judge' };
  const protocol = PROTOCOLS.get(l4.protocol);
  if (!protocol) return { ok: false, code: 'protocol-not-judged', detail: `policies for ${l4.protocol} are not judged` };
  const source = peerOf(flow, 'source', context);
  const destination = peerOf(flow, 'destination', context);
  const request = l7RequestOf(flow.l7);
  return {
    ok: true,
    question: {
      src: isReply ? destination : source,
      dst: isReply ? source : destination,
      protocol,
      port: l4.icmpType ?? (isReply ? l4.sourcePort : l4.destinationPort),
      ...(request && { l7: request }),
    },
  };
}

/** Hubble's protocols as policies name them. */
const PROTOCOLS: ReadonlyMap<string, PolicyProtocol> = new Map([
  ['TCP', 'TCP'],
  ['UDP', 'UDP'],
  ['SCTP', 'SCTP'],
  ['ICMPv4', 'ICMP'],
  ['ICMPv6', 'ICMPv6'],
]);

/** How a policy names a protocol of Hubble's; undefined for one that no policy can name. */
export const policyProtocolOf = (protocol: string): PolicyProtocol | undefined => PROTOCOLS.get(protocol);

/**
 * One end of a flow. A pod that the world has, with the identity that the flow says, is that endpoint, and a remote node is that node; anybody else is
 * what the flow, and the objects behind its identity, say of it.
 */
export function peerOf(flow: Flow, side: 'source' | 'destination', context: QuestionContext): Peer {
  const endpoint = flow[side];
  const address = flow.ip?.[side] ?? '';
  const { inventory } = context;
  const pod = endpoint.podName === '' ? undefined : inventory.pods.get(`${endpoint.namespace}/${endpoint.podName}`);
  if (pod?.managed && (pod.identity === 0 || pod.identity === endpoint.identity)) return { endpoint: pod.id };
  const labels = identityLabelsIn(endpoint, inventory);
  const ip = address === '' ? {} : { ip: address };
  if (isHost(labels)) return { seen: { labels: withNodeLabels(labels, address, inventory), ...ip, local: true } };
  if (labels.includes('reserved:remote-node')) {
    const node = inventory.nodeByIp.get(address);
    return node ? { node: node.name } : { seen: { labels, ...ip, local: false } };
  }
  const names = isOutside(labels) ? namesOf(flow, side, address, labels, context) : undefined;
  return { seen: { labels, ...ip, ...(names && { names }) } };
}

/** Labels of an identity: as the flow says them, else as its CiliumIdentity does, else what its number is reserved for. */
export function identityLabelsIn({ identity, labels }: Endpoint, { identities }: Inventory): readonly string[] {
  return labels.length > 0 ? labels : (identities?.get(identity)?.labels ?? reservedLabels(identity));
}

/** An API server on a node of the cluster is a remote node as well. */
const KUBE_APISERVER = 7;

function reservedLabels(identity: number): readonly string[] {
  const name = RESERVED_IDENTITIES.get(identity);
  if (name === undefined) return [];
  return identity === KUBE_APISERVER ? ['reserved:kube-apiserver', 'reserved:remote-node'] : [`reserved:${name}`];
}

const isHost = (labels: readonly string[]): boolean => labels.includes('reserved:host');
const isOutside = (labels: readonly string[]): boolean => labels.some((label) => label.startsWith('reserved:world'));

/** Host policies select a host by its node's labels, which its flows do not carry. */
function withNodeLabels(labels: readonly string[], address: string, { settings, nodeByIp }: Inventory): readonly string[] {
  const node = settings.config.hostFirewall ? nodeByIp.get(address) : undefined;
  return node ? [...labels, ...Object.entries(node.labels).map(([key, value]) => `k8s:${key}=${value}`)] : labels;
}

/**
 * Names of an outside address: as they were learned, as Hubble resolved them, and as its identity says (`fqdn:` labels). Identities of addresses are
 * made from the policies in force, so for those an address without any name has none; one that was made for a pattern has a name nobody told us.
 */
function namesOf(
  flow: Flow,
  side: 'source' | 'destination',
  address: string,
  labels: readonly string[],
  context: QuestionContext,
): readonly string[] | undefined {
  if (!context.namesOf) return undefined;
  const resolved = side === 'source' ? flow.sourceNames : flow.destinationNames;
  const labelled = labels.filter((label) => label.startsWith('fqdn:')).map((label) => label.slice('fqdn:'.length));
  const names = [...context.namesOf(address), ...resolved, ...labelled.filter((name) => !name.includes('*'))];
  if (names.length === 0 && labelled.length > 0) return undefined;
  return [...new Set(names.map(plainName))].toSorted();
}

/** The request of an L7 record; undefined for a protocol whose requests are not judged (Kafka). A log record need not hold every header. */
export function l7RequestOf(l7: L7 | undefined): L7Request | undefined {
  if (l7?.dns) return { dns: l7.dns.query };
  if (!l7?.http) return undefined;
  const { host, path } = requestTargetOf(l7.http.url);
  const http: HttpRequest = { method: l7.http.method, path, ...(host !== undefined && { host }) };
  return { http, notSeen: host === undefined ? ['headers', 'host'] : ['headers'] };
}

/** Authority and path of a URL as the proxy logs it, as they were sent: nothing is decoded or normalised, the query string stays. */
export function requestTargetOf(url: string): { readonly host?: string; readonly path: string } {
  const [scheme] = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url) ?? [];
  if (scheme === undefined) return { path: url };
  const rest = url.slice(scheme.length);
  const end = rest.search(/[/?#]/);
  return end < 0 ? { host: rest, path: '' } : { host: rest.slice(0, end), path: rest.slice(end) };
}
