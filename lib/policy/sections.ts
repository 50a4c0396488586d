import { compileNamePattern, type NamePattern } from './name-pattern.ts';
import { type HttpRule, httpRule } from './http.ts';
import type { RedirectKind } from './model.ts';
import { portProtocols, type ProtocolIndex } from './protocols.ts';
import { ICMP_TYPES } from './schema/icmp-types.ts';
import { isServiceName, portNumber } from './schema/words.ts';
import { isRecord, listOf, recordOf } from './schema/problems.ts';

/** What an entry says of one port of one protocol. A text that stands for several protocols makes several sections. */
export interface PortSection {
  readonly protocol: ProtocolIndex;
  /** From the number to `last`, both included; for ICMP the type. With a name the first is looked up. */
  readonly first: number;
  readonly last: number;
  readonly name?: string;
  /** Equal for sections that Cilium merges: protocol and port as written. */
  readonly key: string;
  readonly l7?: L7Section;
}

/** What is asked of the requests of a port section. */
export interface L7Section {
  readonly kind: RedirectKind;
  /** Of several proxies that could take the traffic the one with the lowest number does. */
  readonly priority: number;
  readonly http?: readonly HttpRule[];
  readonly dns?: readonly NamePattern[];
  /** The kind, with the name of a proxylib parser. */
  readonly parser: string;
  /** As JSON: contexts and listeners that differ cannot be merged. */
  readonly terminating?: string;
  readonly originating?: string;
  readonly listener?: string;
}

export const ALL_PORTS = 65_535;
/** Listener priorities of Cilium's proxies. */
const PRIORITY: Readonly<Record<RedirectKind, number>> = { http: 101, kafka: 106, l7proto: 111, tls: 116, dns: 121, crd: 126 };

/**
 * The sections of `toPorts` and `icmps` of a rule. Undefined where it gives none: then every protocol and port is meant. An element without ports opens
 * nothing, which is an empty list.
 */
export function sectionsOf(rule: Readonly<Record<string, unknown>>): PortSection[] | undefined {
  const toPorts = listOf(rule['toPorts']);
  const icmps = listOf(rule['icmps']);
  if (toPorts.length === 0 && icmps.length === 0) return undefined;
  return [
    ...toPorts.flatMap((element) => {
      const l7 = l7Section(element);
      return listOf(recordOf(element)['ports']).flatMap((port) => portSections(recordOf(port), l7));
    }),
    ...icmps.flatMap((element) => listOf(recordOf(element)['fields']).flatMap((field) => icmpSection(recordOf(field)) ?? [])),
  ];
}

function portSections(port: Readonly<Record<string, unknown>>, l7: L7Section | undefined): PortSection[] {
  const text = typeof port['port'] === 'string' ? port['port'] : '';
  const protocol = typeof port['protocol'] === 'string' ? port['protocol'] : '';
  const range = portRange(text, port['endPort']);
  if (!range) return [];
  return portProtocols(protocol).map((index) => ({
    protocol: index,
    ...range,
    key: `${index}/${range.name ?? range.first}-${range.last}`,
    ...(l7 && takes(l7, index) && { l7 }),
  }));
}

/** DNS rules are for any protocol, other parsers for TCP. */
const takes = (l7: L7Section, protocol: ProtocolIndex): boolean => l7.kind === 'dns' || protocol === 0;

/** Ports of `port` and `endPort`: `0` is all, an end that is not above the port is none. Undefined where the text is no port. */
export function portRange(text: string, endPort: unknown): Pick<PortSection, 'first' | 'last' | 'name'> | undefined {
  const end = typeof endPort === 'number' ? endPort : 0;
  if (isServiceName(text)) return { first: 0, last: end, name: text.toLowerCase() };
  const first = portNumber(text);
  if (first === undefined) return undefined;
  if (first === 0) return { first, last: end > 0 ? Math.min(end, ALL_PORTS) : ALL_PORTS };
  return { first, last: Math.max(first, Math.min(end, ALL_PORTS)) };
}

/** Type 0 is stored like port 0 and so stands for every type. */
function icmpSection({ family, type }: Readonly<Record<string, unknown>>): PortSection | undefined {
  const isV6 = family === 'IPv6';
  const protocol: ProtocolIndex = isV6 ? 4 : 3;
  const number = icmpType(type, isV6 ? 'IPv6' : 'IPv4');
  if (number === undefined || number > 255) return undefined;
  return { protocol, first: number, last: number === 0 ? ALL_PORTS : number, key: `${protocol}/${number}` };
}

/** A number, a number as text, or a name of the family. */
function icmpType(type: unknown, family: 'IPv4' | 'IPv6'): number | undefined {
  if (typeof type !== 'string') return typeof type === 'number' ? type : undefined;
  return /^\d{1,5}$/.test(type) ? Number(type) : ICMP_TYPES[family].get(type);
}

/** The L7 part of an element of `toPorts`; empty lists are none. */
function l7Section(element: unknown): L7Section | undefined {
  const { rules, terminatingTLS, originatingTLS, serverNames, listener } = recordOf(element);
  const { http, dns, kafka, l7proto } = recordOf(rules);
  const tls = isRecord(terminatingTLS) || isRecord(originatingTLS) || listOf(serverNames).length > 0;
  const kind = kindOf({ http, dns, kafka, l7proto, listener }, tls);
  if (kind === undefined) return undefined;
  const given = recordOf(listener)['priority'];
  const priority = kind === 'crd' && typeof given === 'number' && given > 0 ? given : PRIORITY[kind];
  return {
    kind,
    priority,
    parser: kind === 'l7proto' ? `l7proto ${String(l7proto)}` : kind,
    ...(isRecord(terminatingTLS) && { terminating: JSON.stringify(terminatingTLS) }),
    ...(isRecord(originatingTLS) && { originating: JSON.stringify(originatingTLS) }),
    ...(kind === 'crd' && { listener: JSON.stringify(listener) }),
    ...(kind === 'http' && { http: listOf(http).map(httpRule) }),
    ...(kind === 'dns' && { dns: listOf(dns).map((rule) => compileNamePattern(recordOf(rule), 'dns')) }),
  };
}

function kindOf(
  { http, dns, kafka, l7proto, listener }: Readonly<Record<string, unknown>>,
  tls: boolean,
): RedirectKind | undefined {
  if (listOf(http).length > 0) return 'http';
  if (listOf(kafka).length > 0) return 'kafka';
  if (listOf(dns).length > 0) return 'dns';
  if (typeof l7proto === 'string' && l7proto !== '') return 'l7proto';
  if (isRecord(listener)) return 'crd';
  return tls ? 'tls' : undefined;
}
