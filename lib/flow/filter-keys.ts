import { DROP_REASON_NAMES, dropReasonName, dropReasonNumber, L7_DENIED } from './drop-reasons.ts';
import { EVENT_TYPE_NAMES, FILTER_PROTOCOLS, RESERVED_IDENTITIES, TCP_FLAGS, TRACE_POINT_NAMES } from './enums.ts';
import {
  addressOrRange,
  domainTest,
  httpStatus,
  namePrefix,
  nodeTest,
  pattern,
  wholeName,
  workloadName,
} from './filter-patterns.ts';
import type { FlowFilter } from './filter.ts';
import { FLOW_TYPES, TRAFFIC_DIRECTIONS, VERDICTS } from './flow.ts';
import { parseLabelSelector } from './label-selector.ts';
import { nearest } from './nearest.ts';
import { bad, good, type Result } from './result.ts';

/** The words of the text form: one entry for each field of `FlowFilter`. The text form, its completion and its help all read this table. */

/** Lists of values seen in the traffic that completion can offer. */
export const SEEN_KINDS = [
  'namespace',
  'pod',
  'workload',
  'label',
  'ip',
  'identity',
  'fqdn',
  'service',
  'port',
  'node',
  'cluster',
  'dns',
  'path',
] as const;
export type SeenKind = (typeof SEEN_KINDS)[number];

export interface FilterKey {
  readonly key: string;
  readonly field: keyof FlowFilter;
  /** For people: what the word asks. */
  readonly help: string;
  readonly example: string;
  /** All values there are, as they are written. */
  readonly values?: readonly string[];
  readonly seen?: SeenKind;
  /** Values are regular expressions. */
  readonly pattern?: boolean;
  /** A value as it was typed, checked and in canonical form. */
  readonly read: (text: string) => Result<unknown>;
  readonly write: (value: unknown) => string;
}

const asIs = (value: unknown): string => String(value);

/** Text that `check` accepts, kept as it is. */
const checked =
  (check: (text: string) => Result<unknown>) =>
  (text: string): Result<string> => {
    const result = check(text);
    return result.ok ? good(text) : result;
  };

/** One of `values`, in any case. */
function oneOf(values: readonly string[], what: string): (text: string) => Result<string> {
  const byLowerCase = new Map(values.map((value) => [value.toLowerCase(), value]));
  return (text) => {
    const value = byLowerCase.get(text.toLowerCase());
    if (value !== undefined) return good(value);
    const near = nearest(text, values);
    return bad(
      `“${text}” is no ${what}. ${near.length > 0 ? `Did you mean ${near.join(' or ')}?` : values.length <= 12 ? `There are ${values.join(', ')}.` : ''}`.trim(),
    );
  };
}

function wholeNumber(most: number, what: string): (text: string) => Result<number> {
  return (text) =>
    /^\d{1,10}$/.test(text) && Number(text) <= most
      ? good(Number(text))
      : bad(`“${text}” is no ${what}: write a number from 0 to ${most}.`);
}

const readPort = wholeNumber(65535, 'port');

const YES = new Set(['yes', 'true', '1']);
const NO = new Set(['no', 'false', '0']);
const readBoolean = (text: string): Result<boolean> =>
  YES.has(text.toLowerCase()) ? good(true) : NO.has(text.toLowerCase()) ? good(false) : bad(`“${text}” is neither yes nor no.`);
const writeBoolean = (value: unknown): string => (value === true ? 'yes' : 'no');

const identityNumbers = new Map([...RESERVED_IDENTITIES].map(([number, name]) => [name, number]));

function readIdentity(text: string): Result<number> {
  const reserved = identityNumbers.get(text.toLowerCase().replace(/^reserved:/, ''));
  if (reserved !== undefined) return good(reserved);
  const number = wholeNumber(0xffffffff, 'identity')(text);
  if (number.ok) return number;
  const near = nearest(text, [...identityNumbers.keys()]);
  return bad(
    `“${text}” is no identity: write its number or a reserved name${near.length > 0 ? ` (${near.join(', ')}?)` : ', such as world or host'}.`,
  );
}

const writeIdentity = (value: unknown): string => RESERVED_IDENTITIES.get(value as number) ?? String(value);

const readReasonName = oneOf([...DROP_REASON_NAMES, L7_DENIED], 'drop reason');

function readReason(text: string): Result<string> {
  const number = dropReasonNumber(text.toUpperCase());
  return number === undefined ? readReasonName(text) : good(dropReasonName(number));
}

type EventFilter = NonNullable<FlowFilter['eventType']>[number];

const eventNames = [...EVENT_TYPE_NAMES.keys()];
const readEventName = oneOf(eventNames, 'event type');

/** `drop`, `trace:to-endpoint`, `129`, `4:11`: as `hubble observe --type`. `layer:` asks for L3_L4, L7, SOCK. */
function readEvent(text: string): Result<EventFilter> {
  const [name = '', subName, ...more] = text.toLowerCase().split(':');
  const type = /^\d{1,3}$/.test(name) ? Number(name) : EVENT_TYPE_NAMES.get(name);
  if (type === undefined || type === 0 || more.length > 0) {
    const layer = FLOW_TYPES.find((flowType) => flowType.toLowerCase() === name);
    const known = readEventName(text);
    return layer
      ? bad(`${layer} is a type of flow: write layer:${layer.toLowerCase()}.`)
      : known.ok
        ? bad(`“${text}” is no event type.`)
        : known;
  }
  if (subName === undefined) return good({ type });
  const subType = /^\d{1,5}$/.test(subName) ? Number(subName) : type === 4 ? TRACE_POINT_NAMES.get(subName) : undefined;
  if (subType !== undefined) return good({ type, subType });
  const near = nearest(subName, [...TRACE_POINT_NAMES.keys()]);
  return bad(`“${subName}” is no sub-type of ${name}.${near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''}`);
}

function writeEvent(value: unknown): string {
  const { type, subType } = value as EventFilter;
  const name = eventNames.find((candidate) => EVENT_TYPE_NAMES.get(candidate) === type) ?? String(type);
  if (subType === undefined) return name;
  const point = type === 4 ? [...TRACE_POINT_NAMES].find(([, number]) => number === subType)?.[0] : undefined;
  return `${name}:${point ?? subType}`;
}

const readFlag = oneOf(TCP_FLAGS, 'TCP flag');

/** `SYN`, or `SYN+ACK` for both; in Hubble's order. */
function readFlags(text: string): Result<string> {
  const flags = text.split('+').map(readFlag);
  const wrong = flags.find((flag) => !flag.ok);
  if (wrong) return wrong;
  const set = new Set(flags.map((flag) => (flag.ok ? flag.value : '')));
  return good(TCP_FLAGS.filter((flag) => set.has(flag)).join('+'));
}

const readVersion = (text: string): Result<4 | 6> =>
  /^(?:ip)?v?4$/i.test(text) ? good(4) : /^(?:ip)?v?6$/i.test(text) ? good(6) : bad(`“${text}” is no IP version: write 4 or 6.`);

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT'];
const readMethod = (text: string): Result<string> =>
  /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/.test(text) ? good(text.toUpperCase()) : bad(`“${text}” is no HTTP method.`);

const exactText = (text: string): Result<string> => (text === '' ? bad('The value is empty.') : good(text));

type Definition = Omit<FilterKey, 'key' | 'field' | 'help' | 'write'> & { readonly write?: FilterKey['write'] };

const entry = (key: string, field: keyof FlowFilter, help: string, definition: Definition): FilterKey => ({
  key,
  field,
  help,
  write: asIs,
  ...definition,
});

/** Three words for a field that each end of a flow has: either end, source, destination. */
const sided = (
  key: string,
  field: keyof FlowFilter,
  source: keyof FlowFilter,
  destination: keyof FlowFilter,
  what: string,
  definition: Definition,
) => [
  entry(key, field, `${what} at either end`, definition),
  entry(`from-${key}`, source, `${what} of the source`, definition),
  entry(`to-${key}`, destination, `${what} of the destination`, definition),
];

/** All keys, in the order in which a filter is written. */
export const FILTER_KEYS: readonly FilterKey[] = [
  ...sided('ns', 'namespace', 'sourceNamespace', 'destinationNamespace', 'namespace', {
    example: 'payments',
    seen: 'namespace',
    read: checked(wholeName),
  }),
  ...sided('pod', 'pod', 'sourcePod', 'destinationPod', 'pod, by the start of its name,', {
    example: 'payments/ledger*',
    seen: 'pod',
    read: checked(namePrefix),
  }),
  ...sided('workload', 'workload', 'sourceWorkload', 'destinationWorkload', 'workload', {
    example: 'payments/ledger',
    seen: 'workload',
    read: checked(workloadName),
  }),
  ...sided('service', 'service', 'sourceService', 'destinationService', 'service, by the start of its name,', {
    example: 'payments/ledger',
    seen: 'service',
    read: checked(namePrefix),
  }),
  ...sided('label', 'label', 'sourceLabel', 'destinationLabel', 'label selector', {
    example: '"app in (ledger, web-bff)"',
    seen: 'label',
    read: checked(parseLabelSelector),
  }),
  ...sided('identity', 'identity', 'sourceIdentity', 'destinationIdentity', 'security identity', {
    example: 'world',
    values: [...identityNumbers.keys()],
    seen: 'identity',
    read: readIdentity,
    write: writeIdentity,
  }),
  ...sided('fqdn', 'fqdn', 'sourceFqdn', 'destinationFqdn', 'learned DNS name', {
    example: '*.example.com',
    seen: 'fqdn',
    read: checked(domainTest),
  }),
  ...sided('ip', 'ip', 'sourceIp', 'destinationIp', 'address or range', {
    example: '10.0.0.0/8',
    seen: 'ip',
    read: addressOrRange,
  }),
  ...sided('port', 'port', 'sourcePort', 'destinationPort', 'port', { example: '5432', seen: 'port', read: readPort }),
  ...sided('cluster', 'cluster', 'sourceCluster', 'destinationCluster', 'cluster', {
    example: 'default',
    seen: 'cluster',
    read: checked(wholeName),
  }),
  entry('verdict', 'verdict', 'what became of it', {
    example: 'DROPPED',
    values: VERDICTS.slice(1),
    read: oneOf(VERDICTS, 'verdict'),
  }),
  entry('reason', 'dropReason', 'why it was dropped', {
    example: 'POLICY_DENIED',
    values: [...DROP_REASON_NAMES.slice(1), L7_DENIED],
    read: readReason,
  }),
  entry('proto', 'protocol', 'protocol', { example: 'tcp', values: FILTER_PROTOCOLS, read: oneOf(FILTER_PROTOCOLS, 'protocol') }),
  entry('type', 'eventType', 'kind of event', {
    example: 'policy-verdict',
    values: eventNames,
    read: readEvent,
    write: writeEvent,
  }),
  entry('layer', 'type', 'type of flow', {
    example: 'l7',
    values: FLOW_TYPES.slice(1),
    read: oneOf(FLOW_TYPES.slice(1), 'type of flow'),
  }),
  entry('direction', 'direction', 'direction, seen from the endpoint where policy was judged', {
    example: 'EGRESS',
    values: TRAFFIC_DIRECTIONS.slice(1),
    read: oneOf(TRAFFIC_DIRECTIONS, 'direction'),
  }),
  entry('reply', 'reply', 'whether it answers', { example: 'no', values: ['yes', 'no'], read: readBoolean, write: writeBoolean }),
  entry('method', 'httpMethod', 'HTTP method', { example: 'POST', values: METHODS, read: readMethod }),
  entry('path', 'httpPath', 'HTTP path, a regular expression', {
    example: '^/v1/orders',
    seen: 'path',
    pattern: true,
    read: checked(pattern),
  }),
  entry('url', 'httpUrl', 'HTTP URL, a regular expression', { example: '^http://ledger', pattern: true, read: checked(pattern) }),
  entry('status', 'httpStatus', 'HTTP status or class', {
    example: '5xx',
    values: ['2+', '3+', '4+', '5+', '401', '403', '404', '500', '502', '503', '504'],
    read: httpStatus,
  }),
  entry('dns', 'dnsQuery', 'DNS query, a regular expression', {
    example: 'example\\.com',
    seen: 'dns',
    pattern: true,
    read: checked(pattern),
  }),
  entry('node', 'node', 'node that saw it', { example: 'ip-10-20-*', seen: 'node', read: checked(nodeTest) }),
  entry('snat-ip', 'sourceIpXlated', 'source address after translation', {
    example: '10.20.0.0/16',
    seen: 'ip',
    read: addressOrRange,
  }),
  entry('ipv', 'ipVersion', 'IP version', { example: '6', values: ['4', '6'], read: readVersion }),
  entry('encrypted', 'encrypted', 'whether the outer packet is encrypted', {
    example: 'yes',
    values: ['yes', 'no'],
    read: readBoolean,
    write: writeBoolean,
  }),
  entry('flag', 'tcpFlags', 'TCP flags; + for several at once', { example: 'SYN+ACK', values: TCP_FLAGS, read: readFlags }),
  entry('trace', 'traceId', 'trace id of the request', { example: '6167ab2332fbca3204f2a6db0624219f', read: exactText }),
  entry('uuid', 'uuid', 'id of the flow', { example: '18ea69c0-9145-4f7b-8000-000000000001', read: exactText }),
];

/** What people write instead, e.g. from `hubble observe`. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['namespace', 'ns'],
  ['from-namespace', 'from-ns'],
  ['to-namespace', 'to-ns'],
  ['svc', 'service'],
  ['protocol', 'proto'],
  ['drop-reason', 'reason'],
  ['drop-reason-desc', 'reason'],
  ['event', 'type'],
  ['traffic-direction', 'direction'],
  ['http-method', 'method'],
  ['http-path', 'path'],
  ['http-url', 'url'],
  ['http-status', 'status'],
  ['node-name', 'node'],
  ['dns-query', 'dns'],
  ['ip-version', 'ipv'],
  ['tcp-flags', 'flag'],
  ['trace-id', 'trace'],
]);

const byKey = new Map(FILTER_KEYS.map((key) => [key.key, key]));

export const filterKey = (name: string): FilterKey | undefined =>
  byKey.get(ALIASES.get(name.toLowerCase()) ?? name.toLowerCase());

/** Keys near to one that does not exist. */
export const nearestKeys = (name: string): string[] => [
  ...new Set(nearest(name, [...byKey.keys(), ...ALIASES.keys()]).map((key) => ALIASES.get(key) ?? key)),
];
