import { atPath, type Json, jsonAt, jsonsAt, listAt, textAt, textsAt } from './describe-json.ts';
import { isRecord } from './schema/problems.ts';
import { describeCidr, describeNetworkPeer, describeSelector } from './describe-selector.ts';
import type { PolicyObject, RuleRef } from './model.ts';

/** What a rule's path says of it. */
export interface RuleKind {
  readonly direction: 'ingress' | 'egress';
  readonly kind: 'allow' | 'deny';
}

/** Direction and kind of `spec.ingress[0]`, `specs[1].egressDeny[2]`, ... */
export function ruleKindOf(path: string): RuleKind {
  return { direction: /\bingress/.test(path) ? 'ingress' : 'egress', kind: /Deny\[/.test(path) ? 'deny' : 'allow' };
}

/** A rule in words without its verb, e.g. `from gateway/edge-proxy to TCP/3000, HTTP GET /v1/.*`. Empty where the object has no such rule. */
export function describeRule(object: PolicyObject, path: RuleRef['path']): string {
  const rule = atPath(object, path);
  if (!isRecord(rule)) return '';
  const { direction } = ruleKindOf(path);
  const namespace = object.kind === 'CiliumClusterwideNetworkPolicy' ? undefined : (object.metadata.namespace ?? 'default');
  const network = object.kind === 'NetworkPolicy';
  const peers = network ? networkPeers(rule, direction, namespace ?? 'default') : ciliumPeers(rule, direction, namespace);
  const ports = network ? networkPorts(rule) : ciliumPorts(rule);
  const requests = network ? '' : describeRequests(rule);
  const mode = textAt(jsonAt(rule, 'authentication'), 'mode');
  const what =
    ports === ''
      ? 'nothing (it names no peer and no port)'
      : `${direction === 'ingress' ? `from ${peers}` : `to ${peers}`}${ports}`;
  return `${what}${requests}${mode === 'required' ? ', after mutual authentication' : ''}`;
}

/** The peers of a rule of a CiliumNetworkPolicy in words. */
function ciliumPeers(rule: Json, direction: 'ingress' | 'egress', namespace: string | undefined): string {
  const side = direction === 'ingress' ? 'from' : 'to';
  const silencing = ['Endpoints', 'Nodes', 'Entities', 'CIDR', 'CIDRSet'].find(
    (field) => listAt(rule, side + field)?.length === 0,
  );
  if (silencing) return `nobody (${side}${silencing} is empty)`;
  const peers = [
    ...jsonsAt(rule, `${side}Endpoints`).map((selector) => describeSelector(selector, namespace)),
    ...textsAt(rule, `${side}Entities`).map((entity) => (entity === 'all' ? 'everybody' : entity)),
    ...jsonsAt(rule, `${side}Nodes`).map((selector) => `nodes with ${describeSelector(selector)}`),
    ...textsAt(rule, `${side}CIDR`),
    ...jsonsAt(rule, `${side}CIDRSet`).map(describeCidrRule),
    ...jsonsAt(rule, 'toFQDNs').map((name) => textAt(name, 'matchName') || textAt(name, 'matchPattern')),
    ...jsonsAt(rule, 'toServices').map(describeService),
    ...jsonsAt(rule, `${side}Groups`).map(() => 'a group of the cloud'),
  ];
  return peers.length > 0 ? peers.join(' or ') : 'everybody';
}

function describeCidrRule(rule: Json): string {
  const group = textAt(rule, 'cidrGroupRef');
  const except = textsAt(rule, 'except');
  if (group !== '') return describeCidr(`group ${group}`, except);
  if (isRecord(rule['cidrGroupSelector']))
    return describeCidr(`groups with ${describeSelector(rule['cidrGroupSelector'])}`, except);
  return describeCidr(textAt(rule, 'cidr'), except);
}

function describeService(service: Json): string {
  const byName = jsonAt(service, 'k8sService');
  if (textAt(byName, 'serviceName') !== '')
    return `service ${[textAt(byName, 'namespace'), textAt(byName, 'serviceName')].filter(Boolean).join('/')}`;
  return `services with ${describeSelector(jsonAt(service, 'k8sServiceSelector')['selector'])}`;
}

const PEER_FIELD = /^(from|to)(Endpoints|Nodes|Entities|CIDR|CIDRSet|FQDNs|Services|Groups)$/;

/** Ports of a rule in words, with what leads to them: ` on TCP/8080`; empty for a rule that covers nothing. */
function ciliumPorts(rule: Json): string {
  const sections = jsonsAt(rule, 'toPorts');
  const icmps = jsonsAt(rule, 'icmps').flatMap((icmp) => jsonsAt(icmp, 'fields'));
  if (icmps.length > 0)
    return ` by ${icmps.map((field) => `${textAt(field, 'family') === 'IPv6' ? 'ICMPv6' : 'ICMP'} ${textAt(field, 'type')}`).join(', ')}`;
  if (sections.length === 0) return Object.keys(rule).some((key) => PEER_FIELD.test(key)) ? ' on every port' : '';
  const ports = sections.flatMap((section) => jsonsAt(section, 'ports').map((port) => describePort(port, 'ANY')));
  return ports.length > 0 ? ` on ${ports.join(', ')}` : ' on no port';
}

function networkPeers(rule: Json, direction: 'ingress' | 'egress', namespace: string): string {
  const peers = jsonsAt(rule, direction === 'ingress' ? 'from' : 'to').map((peer) => describeNetworkPeer(peer, namespace));
  return peers.length > 0 ? peers.join(' or ') : 'everybody';
}

function networkPorts(rule: Json): string {
  const ports = jsonsAt(rule, 'ports').map((port) => describePort(port, 'TCP'));
  return ports.length > 0 ? ` on ${ports.join(', ')}` : ' on every port';
}

/** One port of a rule, e.g. `TCP/8080`, `TCP/http`, `UDP/1000-2000`, `any TCP port`. */
export function describePort(port: unknown, fallback: 'ANY' | 'TCP'): string {
  const protocol = textAt(port, 'protocol').toUpperCase() || fallback;
  const number = textAt(port, 'port');
  const end = Number(textAt(port, 'endPort'));
  const shown = protocol === 'ANY' ? 'any protocol' : protocol;
  if (number === '' || (number === '0' && !(end > 0 && end < 65_535)))
    return `every ${protocol === 'ANY' ? '' : `${protocol} `}port`;
  return `${shown}/${end > Number(number) ? `${number}-${end}` : number}`;
}

/** What a rule asks of requests, with what leads to it: `, HTTP GET /v1/.*`; empty for none. */
function describeRequests(rule: Json): string {
  const rules = jsonsAt(rule, 'toPorts').map((section) => jsonAt(section, 'rules'));
  const http = rules.flatMap((section) => jsonsAt(section, 'http').map(describeHttp));
  const dns = rules.flatMap((section) =>
    jsonsAt(section, 'dns').map((name) => textAt(name, 'matchName') || textAt(name, 'matchPattern')),
  );
  const kafka = rules.flatMap((section) => jsonsAt(section, 'kafka'));
  return [
    http.length > 0 ? `, HTTP ${http.join(' or ')}` : '',
    dns.length > 0 ? `, DNS names ${dns.join(' or ')}` : '',
    kafka.length > 0 ? ', Kafka requests that it names' : '',
    rules.some((section) => textAt(section, 'l7proto') !== '') ? ', requests of a protocol of its own' : '',
  ].join('');
}

/** One HTTP rule, e.g. `GET /v1/.*`, `any request`, `POST /v1/entries with header X-Token`. */
export function describeHttp(http: unknown): string {
  const headers = [...textsAt(http, 'headers'), ...jsonsAt(http, 'headerMatches').map((match) => textAt(match, 'name'))];
  const parts = [textAt(http, 'method'), textAt(http, 'path'), textAt(http, 'host') && `at ${textAt(http, 'host')}`].filter(
    Boolean,
  );
  if (headers.length > 0) parts.push(`with ${headers.length > 1 ? 'headers' : 'header'} ${headers.join(', ')}`);
  return parts.length > 0 ? parts.join(' ') : 'any request';
}
