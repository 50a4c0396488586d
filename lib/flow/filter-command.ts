import { EVENT_TYPE_NAMES } from './enums.ts';
import { dropReasonName, L7_DENIED } from './drop-reasons.ts';
import { filterKey, type FilterKey } from './filter-keys.ts';
import { namePrefix } from './filter-patterns.ts';
import { toProtoFilters, type ProtoFilter } from './filter-proto.ts';
import { eventsOfTypes } from './filter-sides.ts';
import type { FlowFilter, FlowQuery } from './filter.ts';
import type { FlowType, TrafficDirection } from './flow.ts';
import { valid } from './flow-test.ts';
import { visibleText } from './text.ts';

/**
 * The same query as a command to copy: `hubble observe --follow --namespace payments --verdict DROPPED`. Flags where Hubble's client has
 * them and gives them the same meaning, else its raw filters (`--allowlist`, `--denylist`), which can say everything. Quoted for a POSIX
 * shell. Throws `bad-filter` as `toProtoFilters` does.
 */
export function hubbleCommand(query: FlowQuery, options: readonly string[] = ['--follow']): string {
  const { whitelist, blacklist } = toProtoFilters(query);
  const [include, ...otherIncludes] = query.include;
  const [exclude, ...otherExcludes] = query.exclude;
  const includeFlags = include && otherIncludes.length === 0 ? flagsOf(include) : undefined;
  // `--not` before several flags takes away what meets all of them, so only one excluded filter can be written so.
  const excludeFlags = exclude && otherExcludes.length === 0 ? flagsOf(exclude) : undefined;
  const words = [
    ...(includeFlags?.flat() ?? rawFilters('--allowlist', whitelist)),
    ...(excludeFlags?.flatMap((flag) => ['--not', ...flag]) ?? rawFilters('--denylist', blacklist)),
  ];
  return ['hubble', 'observe', ...options, ...words.map(shellQuoted)].join(' ');
}

const rawFilters = (flag: string, filters: readonly ProtoFilter[]): string[] =>
  filters.flatMap((filter) => [
    flag,
    JSON.stringify({
      ...filter,
      ...(filter.drop_reason_desc && { drop_reason_desc: filter.drop_reason_desc.map(nameOrNumber) }),
    }),
  ]);

const nameOrNumber = (number: number): string | number =>
  /^DROP_REASON_\d+$/.test(dropReasonName(number)) ? number : dropReasonName(number);

/** One word of a shell command. Characters that a terminal would not show are left out: this is text to copy. */
function shellQuoted(word: string): string {
  const shown = visibleText(word);
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", String.raw`'\''`)}'`;
}

type Flag = readonly [string] | readonly [string, string];

/** Flags of `hubble observe` that the client refuses together, or whose meaning changes when they stand together (cilium hubble/cmd/observe). */
const CONFLICTS: readonly (readonly (keyof FlowFilter)[])[] = [
  ['sourceFqdn', 'sourceIp', 'ip', 'fqdn', 'sourceNamespace', 'namespace', 'sourcePod', 'pod', 'sourceService', 'service'],
  [
    'destinationFqdn',
    'destinationIp',
    'ip',
    'fqdn',
    'destinationNamespace',
    'namespace',
    'destinationPod',
    'pod',
    'destinationService',
    'service',
  ],
  ['label', 'sourceLabel'],
  ['label', 'destinationLabel'],
  ['port', 'sourcePort'],
  ['port', 'destinationPort'],
  ['identity', 'sourceIdentity'],
  ['identity', 'destinationIdentity'],
  ['workload', 'sourceWorkload'],
  ['workload', 'destinationWorkload'],
  ['cluster', 'sourceCluster'],
  ['cluster', 'destinationCluster'],
  ['type', 'eventType'],
];

/** The flags for one filter, or undefined where only a raw filter says the same. */
function flagsOf(filter: FlowFilter): Flag[] | undefined {
  const asked = (field: keyof FlowFilter): boolean => (filter[field]?.length ?? 0) > 0;
  if (CONFLICTS.some((fields) => fields.filter(asked).length > 1)) return undefined;
  const flags: Flag[] = [];
  for (const [field, values] of Object.entries(filter) as [keyof FlowFilter, readonly unknown[]][]) {
    const build = FLAGS[field];
    for (const value of values) {
      const flag = build?.(value);
      if (!flag) return undefined;
      flags.push(...flag);
    }
  }
  return flags;
}

type FlagOf = (value: unknown) => readonly Flag[] | undefined;

const plain =
  (name: string): FlagOf =>
  (value) => [[name, String(value)]];

const prefix =
  (name: string): FlagOf =>
  (value) => {
    const { namespace, prefix: start } = valid(namePrefix(String(value)));
    return [[name, `${namespace}/${start}`]];
  };

/** Hubble's client reads what stands before a slash as the workload's kind. */
const workload =
  (name: string): FlagOf =>
  (value) =>
    String(value).includes('/') ? undefined : [[name, String(value)]];

const written =
  (name: string, key: FilterKey | undefined): FlagOf =>
  (value) =>
    key ? [[name, key.write(value)]] : undefined;

const events: FlagOf = (value) =>
  eventsOfTypes([value as FlowType]).map((type) => [
    '--type',
    [...EVENT_TYPE_NAMES].find(([, number]) => number === type)?.[0] ?? String(type),
  ]);

const direction: FlagOf = (value) =>
  (value as TrafficDirection) === 'TRAFFIC_DIRECTION_UNKNOWN'
    ? undefined
    : [['--traffic-direction', String(value).toLowerCase()]];

const reason: FlagOf = (value) =>
  value === L7_DENIED || /^DROP_REASON_\d+$/.test(String(value)) ? undefined : [['--drop-reason-desc', String(value)]];

/** Fields without an entry have no flag (`reply`, `dnsQuery`). */
const FLAGS: Readonly<Partial<Record<keyof FlowFilter, FlagOf>>> = {
  namespace: plain('--namespace'),
  sourceNamespace: plain('--from-namespace'),
  destinationNamespace: plain('--to-namespace'),
  pod: prefix('--pod'),
  sourcePod: prefix('--from-pod'),
  destinationPod: prefix('--to-pod'),
  workload: workload('--workload'),
  sourceWorkload: workload('--from-workload'),
  destinationWorkload: workload('--to-workload'),
  service: prefix('--service'),
  sourceService: prefix('--from-service'),
  destinationService: prefix('--to-service'),
  label: plain('--label'),
  sourceLabel: plain('--from-label'),
  destinationLabel: plain('--to-label'),
  identity: plain('--identity'),
  sourceIdentity: plain('--from-identity'),
  destinationIdentity: plain('--to-identity'),
  fqdn: plain('--fqdn'),
  sourceFqdn: plain('--from-fqdn'),
  destinationFqdn: plain('--to-fqdn'),
  ip: plain('--ip'),
  sourceIp: plain('--from-ip'),
  destinationIp: plain('--to-ip'),
  port: plain('--port'),
  sourcePort: plain('--from-port'),
  destinationPort: plain('--to-port'),
  cluster: plain('--cluster'),
  sourceCluster: plain('--from-cluster'),
  destinationCluster: plain('--to-cluster'),
  verdict: plain('--verdict'),
  dropReason: reason,
  protocol: plain('--protocol'),
  eventType: written('--type', filterKey('type')),
  type: events,
  direction,
  httpMethod: plain('--http-method'),
  httpPath: plain('--http-path'),
  httpUrl: plain('--http-url'),
  httpStatus: plain('--http-status'),
  node: plain('--node-name'),
  sourceIpXlated: plain('--snat-ip'),
  ipVersion: (value) => [['--ip-version', `v${String(value)}`]],
  encrypted: (value) => [[value === true ? '--encrypted' : '--unencrypted']],
  tcpFlags: (value) => [['--tcp-flags', String(value).replaceAll('+', ',')]],
  traceId: plain('--trace-id'),
  uuid: plain('--uuid'),
};
