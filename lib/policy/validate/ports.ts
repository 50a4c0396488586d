import { at, type Path } from '../schema/path.ts';
import { ICMP_TYPES } from '../schema/icmp-types.ts';
import { isServiceName, portNumber } from '../schema/words.ts';
import { checkRules, hasRules } from './l7.ts';
import { listOf, type Problems, recordOf, shown, textOf } from '../schema/problems.ts';

/** Which entry ports stand in. */
export interface EntryPlace {
  readonly direction: 'ingress' | 'egress';
  readonly isDeny: boolean;
  /** Of a policy with a nodeSelector. */
  readonly isHost: boolean;
}

const AGENT_PROTOCOLS: ReadonlySet<string> = new Set(['', 'TCP', 'UDP', 'SCTP', 'ANY']);

/** What the agent refuses of one element of `toPorts`. Source: Cilium pkg/policy/api/rule_validation.go. */
export function checkPorts(value: unknown, path: Path, entry: EntryPlace, problems: Problems): void {
  const section = recordOf(value);
  const ports = listOf(section['ports']);
  if (ports.length > 40)
    problems.add('engine', 'too-many-ports', at(path, 'ports'), `${ports.length} ports: at most 40 are possible`);
  // A deny entry has ports only: all else is dropped as an unknown field.
  const rules = entry.isDeny ? undefined : section['rules'];
  const withRules = hasRules(rules);
  const dnsRules = listOf(recordOf(rules)['dns']).length > 0;
  for (const [index, item] of ports.entries()) {
    const place = at(at(path, 'ports'), index);
    const { port, endPort, protocol } = recordOf(item);
    const isZero = checkPort(textOf(port), at(place, 'port'), problems);
    checkProtocol(textOf(protocol), at(place, 'protocol'), problems);
    if (!withRules) continue;
    if (isZero) problems.add('engine', 'l7-port-zero', at(place, 'port'), 'L7 rules need a port: 0 stands for every port');
    if (!dnsRules && protocol !== 'TCP')
      problems.add('engine', 'l7-not-tcp', place, `L7 rules other than DNS need protocol TCP, not ${shown(protocol ?? 'ANY')}`);
    const first = portNumber(textOf(port) ?? '');
    if (dnsRules && first !== undefined && typeof endPort === 'number' && endPort > first)
      problems.add('engine', 'dns-port-range', at(place, 'endPort'), 'DNS rules cannot be had for a range of ports');
  }
  if (!entry.isDeny) {
    checkTls(section, withRules, path, problems);
    checkListener(section['listener'], withRules, entry, at(path, 'listener'), problems);
    checkRules(rules, ports.length, at(path, 'rules'), entry, problems);
  }
}

/** Whether the port is 0. */
function checkPort(port: string | undefined, path: Path, problems: Problems): boolean {
  if (port === undefined || isServiceName(port)) return false;
  const number = portNumber(port);
  if (number === undefined) problems.add('engine', 'bad-port', path, whyNoPort(port));
  return number === 0;
}

/** For a message: why a text is no port. */
export function whyNoPort(port: string): string {
  if (port === '') return 'the port is missing; "0" stands for every port';
  if (/^\d+$/.test(port))
    return port.startsWith('0') ? `port ${shown(port)} begins with 0` : `port ${shown(port)} is above 65535`;
  if (port.length > 15) return `${shown(port)} is too long for the name of a port: at most 15 characters`;
  return `${shown(port)} is neither a port number nor the name of a port (letters, digits and single dashes, at least one letter)`;
}

function checkProtocol(protocol: string | undefined, path: Path, problems: Problems): void {
  if (protocol === undefined || AGENT_PROTOCOLS.has(protocol.toUpperCase())) return;
  const name = protocol.toUpperCase();
  const hint =
    name === 'VRRP' || name === 'IGMP'
      ? " needs the agent's setting enable-extended-ip-protocols"
      : ' is no protocol of ports: TCP, UDP, SCTP or ANY';
  problems.add('engine', 'bad-protocol', path, `${shown(protocol)}${name.startsWith('ICMP') ? ' belongs in icmps' : hint}`);
}

function checkTls(section: Readonly<Record<string, unknown>>, withRules: boolean, path: Path, problems: Problems): void {
  const names = listOf(section['serverNames']);
  for (const [index, name] of names.entries())
    if (textOf(name) === '')
      problems.add('engine', 'sni-empty', at(at(path, 'serverNames'), index), 'a server name must not be empty');
  if (names.length > 0 && withRules && (section['terminatingTLS'] ?? null) === null)
    problems.add(
      'engine',
      'sni-with-l7',
      path,
      'serverNames with L7 rules need terminatingTLS: requests inside TLS cannot be read',
    );
}

function checkListener(listener: unknown, withRules: boolean, entry: EntryPlace, path: Path, problems: Problems): void {
  if ((listener ?? null) === null) return;
  if (entry.direction === 'ingress') problems.add('engine', 'listener-on-ingress', path, 'a listener is possible on egress only');
  if (withRules) problems.add('engine', 'listener-with-l7', path, 'a listener and L7 rules exclude each other');
}

/** What the agent refuses of `icmps`. Types above 255 are taken, and never match. */
export function checkIcmps(value: unknown, path: Path, problems: Problems): void {
  for (const [index, item] of listOf(value).entries()) {
    const fields = listOf(recordOf(item)['fields']);
    const place = at(at(path, index), 'fields');
    if (fields.length > 40)
      problems.add('engine', 'too-many-ports', place, `${fields.length} ICMP fields: at most 40 are possible`);
    for (const [position, field] of fields.entries()) checkIcmpField(field, at(place, position), problems);
  }
}

function checkIcmpField(field: unknown, path: Path, problems: Problems): void {
  const { family, type } = recordOf(field);
  const of = textOf(family);
  if (of !== undefined && of !== '' && of !== 'IPv4' && of !== 'IPv6')
    problems.add('engine', 'icmp-bad-family', at(path, 'family'), `${shown(of)} is no family: IPv4 or IPv6`);
  if ((type ?? null) === null) problems.add('engine', 'icmp-bad-type', path, 'type is missing');
  if (typeof type === 'number' && Math.abs(type) > 0x7f_ff_ff_ff)
    problems.add('engine', 'icmp-bad-type', at(path, 'type'), `${type} is no ICMP type`);
  if (typeof type !== 'string' || /^[+-]?0*[1-9]\d*$|^0$/.test(type)) return;
  const wanted = of === 'IPv6' ? 'IPv6' : 'IPv4';
  const other = wanted === 'IPv6' ? 'IPv4' : 'IPv6';
  if (ICMP_TYPES[wanted].has(type)) return;
  const hint = ICMP_TYPES[other].has(type) ? `: it is one of ${other}` : '';
  problems.add('engine', 'icmp-bad-type', at(path, 'type'), `${shown(type)} is no ICMP type of ${wanted}${hint}`);
}
