import { CausewayError } from '#lib/errors/errors.ts';
import { dropReasonNumber, L7_DENIED } from './drop-reasons.ts';
import { compileFilter } from './filter-match.ts';
import { addressOrRange, httpStatus, namePrefix, workloadName } from './filter-patterns.ts';
import { meet, type ProtoFilter } from './filter-proto-meet.ts';
import { asksNothing, eventsOfTypes, isEmptyFilter, sidesOf, type SideFilter } from './filter-sides.ts';
import type { FlowFilter, FlowQuery } from './filter.ts';
import { EVENT_TYPE } from './flow.ts';
import { valid } from './flow-test.ts';

export type { ProtoFilter } from './filter-proto-meet.ts';

/** The filters of `GetFlowsRequest`, in the proto's own field names (proto-loader with `keepCase`, protobuf JSON). */
export interface ProtoFilters {
  readonly whitelist: readonly ProtoFilter[];
  readonly blacklist: readonly ProtoFilter[];
}

/**
 * A query as a relay takes it: two-sided fields become a filter for the source and one for the destination, workloads of several
 * namespaces one each. Throws `bad-filter` for an empty filter (it would match every flow), for a value Hubble would refuse, and for a
 * query that can match nothing (Hubble has no such filter).
 */
export function toProtoFilters(query: FlowQuery): ProtoFilters {
  compileFilter(query); // Checks every value.
  const whitelist = query.include.flatMap(expand);
  const blacklist = query.exclude.flatMap(expand);
  if (query.include.length > 0 && whitelist.length === 0) {
    throw new CausewayError('bad-filter', 'No flow can match this filter: its conditions contradict each other.');
  }
  return { whitelist, blacklist };
}

/** The proto filters that together match what `filter` matches: none when its conditions contradict each other. */
function expand(filter: FlowFilter): ProtoFilter[] {
  if (isEmptyFilter(filter)) throw new CausewayError('bad-filter', 'A filter without any condition would match every flow.');
  const { source, destination, either } = sidesOf(filter);
  const fixed = product([
    ...flowAlternatives(filter),
    ...sideAlternatives(source, 'source'),
    ...sideAlternatives(destination, 'destination'),
  ]);
  const filters = asksNothing(either)
    ? fixed
    : (['source', 'destination'] as const).flatMap((side) => product([fixed, ...sideAlternatives(either, side)]));
  return filters.filter(isPossible);
}

/** One filter for each combination of alternatives; those that contradict each other are left out. */
const product = (lists: readonly (readonly ProtoFilter[])[]): ProtoFilter[] =>
  lists.reduce<ProtoFilter[]>((left, right) => left.flatMap((a) => right.flatMap((b) => meet(a, b) ?? [])), [{}]);

/** Hubble refuses a filter on HTTP whose event types leave out the access log: it could match nothing. */
const isPossible = (filter: ProtoFilter): boolean =>
  filter.event_type === undefined ||
  filter.event_type.some(({ type }) => type === EVENT_TYPE.l7) ||
  (!filter.http_method && !filter.http_path && !filter.http_status_code && !filter.http_url);

/** Lists of alternatives that are ANDed, from the fields that ask about the flow as a whole. */
function flowAlternatives(filter: FlowFilter): ProtoFilter[][] {
  const events = filter.eventType?.map(({ type, subType }) =>
    subType === undefined ? { type } : { type, match_sub_type: true, sub_type: subType },
  );
  return [
    [
      {
        ...some('verdict', filter.verdict),
        ...some('reply', filter.reply),
        ...some('traffic_direction', filter.direction),
        ...some('protocol', filter.protocol),
        ...some('http_method', filter.httpMethod),
        ...some('http_path', filter.httpPath),
        ...some('http_url', filter.httpUrl),
        ...some(
          'http_status_code',
          filter.httpStatus?.map((status) => valid(httpStatus(status))),
        ),
        ...some('dns_query', filter.dnsQuery),
        ...some('node_name', filter.node),
        ...some(
          'ip_version',
          filter.ipVersion?.map((version) => `IPv${version}`),
        ),
        ...some('trace_id', filter.traceId),
        ...some('uuid', filter.uuid),
        ...some('encrypted', filter.encrypted),
        ...some(
          'source_ip_xlated',
          filter.sourceIpXlated?.map((value) => valid(addressOrRange(value))),
        ),
        ...some('tcp_flags', filter.tcpFlags?.map(flagsToProto)),
        ...some('event_type', events),
      },
    ],
    ...(filter.type && filter.type.length > 0 ? [typeAlternatives(filter.type)] : []),
    ...(filter.dropReason && filter.dropReason.length > 0 ? [reasonAlternatives(filter.dropReason)] : []),
  ];
}

/** `{ name: values }`, or nothing when there are none: an empty list at a relay means "any". */
const some = <K extends keyof ProtoFilter>(name: K, values: readonly unknown[] | undefined): Pick<ProtoFilter, K> | undefined =>
  values && values.length > 0 ? ({ [name]: [...values] } as Pick<ProtoFilter, K>) : undefined;

const flagsToProto = (value: string): Record<string, true> =>
  Object.fromEntries(
    value
      .toUpperCase()
      .split('+')
      .map((flag) => [flag, true]),
  );

function typeAlternatives(types: NonNullable<FlowFilter['type']>): ProtoFilter[] {
  const events = eventsOfTypes(types).map((type) => ({ type }));
  return events.length > 0 ? [{ event_type: events }] : [];
}

/** Hubble has no reason for what the proxy denied: those are DROPPED access log events without one. */
function reasonAlternatives(reasons: readonly string[]): ProtoFilter[] {
  const numbers = reasons.filter((reason) => reason !== L7_DENIED).flatMap((reason) => dropReasonNumber(reason) ?? []);
  const named: ProtoFilter[] = numbers.length > 0 ? [{ drop_reason_desc: numbers }] : [];
  return reasons.includes(L7_DENIED) ? [...named, { event_type: [{ type: EVENT_TYPE.l7 }], drop_reason_desc: [0] }] : named;
}

type Side = 'source' | 'destination';

/** Lists of alternatives that are ANDed, from what is asked of one end. */
function sideAlternatives(side: SideFilter, name: Side): ProtoFilter[][] {
  const one = {
    ...some(`${name}_identity`, side.identity),
    ...some(`${name}_port`, side.port.map(String)),
    ...some(`${name}_cluster_name`, side.cluster),
    ...some(`${name}_label`, side.label),
    ...some(`${name}_fqdn`, side.fqdn),
    ...some(
      `${name}_ip`,
      side.ip.map((value) => valid(addressOrRange(value))),
    ),
    ...some(`${name}_service`, side.service.map(prefixToProto)),
    ...some(`${name}_pod`, side.pod.map(prefixToProto)),
  };
  return [
    ...(Object.keys(one).length > 0 ? [[one]] : []),
    ...(side.namespace.length > 0
      ? [
          [
            {
              ...some(
                `${name}_pod`,
                side.namespace.map((namespace) => `${namespace}/`),
              ),
            },
          ],
        ]
      : []),
    ...(side.workload.length > 0 ? [workloadAlternatives(side.workload, name)] : []),
  ];
}

/** Always with a slash: Hubble reads a bare name as one of the namespace `default`. */
function prefixToProto(value: string): string {
  const { namespace, prefix } = valid(namePrefix(value));
  return `${namespace}/${prefix}`;
}

/** Hubble's workloads have no namespace: it is asked as that of the pod, one filter for each. */
function workloadAlternatives(values: readonly string[], name: Side): ProtoFilter[] {
  const read = values.map((value) => valid(workloadName(value)));
  return [...new Set(read.map(({ namespace }) => namespace))].map((namespace) => {
    const workloads = read.filter((workload) => workload.namespace === namespace).map((workload) => ({ name: workload.name }));
    return { ...some(`${name}_workload`, workloads), ...(namespace === '' ? undefined : some(`${name}_pod`, [`${namespace}/`])) };
  });
}
