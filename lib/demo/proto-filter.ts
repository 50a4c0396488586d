import { CausewayError } from '#lib/errors/errors.ts';
import { compileFilter } from '#lib/flow/filter-match.ts';
import type { FlowFilter } from '#lib/flow/filter.ts';
import { type Flow, TRAFFIC_DIRECTIONS, VERDICTS } from '#lib/flow/flow.ts';

/** `flow.FlowFilter` as proto-loader reads it: lists of strings, numbers, booleans or messages, by the proto's names. */
export type ReceivedFilter = Readonly<Record<string, unknown>>;

/** Whether a flow passes a request's filters. Throws `bad-filter` for what an agent would refuse. */
export function compileProtoFilters(
  whitelist: readonly ReceivedFilter[],
  blacklist: readonly ReceivedFilter[],
): (flow: Flow) => boolean {
  // An empty filter matches every flow: alone it leaves the list without effect, or excludes everything.
  if (blacklist.some(isEmpty)) return () => false;
  const include = whitelist.some(isEmpty) ? [] : whitelist.map(filterOf);
  return compileFilter({ include, exclude: blacklist.map(filterOf) });
}

type Build = (values: readonly unknown[]) => Partial<FlowFilter>;

const strings =
  (field: keyof FlowFilter, change: (value: string) => string = (value) => value): Build =>
  (values) => ({
    [field]: values.map((value) => change(String(value))),
  });
const numbers =
  (field: keyof FlowFilter): Build =>
  (values) => ({ [field]: values.map(Number) });
const booleans =
  (field: keyof FlowFilter): Build =>
  (values) => ({ [field]: values.map(Boolean) });

/** What each field of the proto asks, in the console's own words. */
const FIELDS: Readonly<Record<string, Build>> = {
  source_ip: strings('sourceIp'),
  destination_ip: strings('destinationIp'),
  source_ip_xlated: strings('sourceIpXlated'),
  source_pod: strings('sourcePod', prefixOf),
  destination_pod: strings('destinationPod', prefixOf),
  source_service: strings('sourceService', prefixOf),
  destination_service: strings('destinationService', prefixOf),
  source_fqdn: strings('sourceFqdn'),
  destination_fqdn: strings('destinationFqdn'),
  source_label: strings('sourceLabel'),
  destination_label: strings('destinationLabel'),
  source_identity: numbers('sourceIdentity'),
  destination_identity: numbers('destinationIdentity'),
  source_port: numbers('sourcePort'),
  destination_port: numbers('destinationPort'),
  source_cluster_name: strings('sourceCluster'),
  destination_cluster_name: strings('destinationCluster'),
  source_workload: (values) => ({ sourceWorkload: values.map(nameOf) }),
  destination_workload: (values) => ({ destinationWorkload: values.map(nameOf) }),
  verdict: (values) => ({ verdict: VERDICTS.filter((verdict) => values.includes(verdict)) }),
  traffic_direction: (values) => ({ direction: TRAFFIC_DIRECTIONS.filter((direction) => values.includes(direction)) }),
  drop_reason_desc: strings('dropReason', (value) => (/^\d+$/.test(value) ? `DROP_REASON_${value}` : value)),
  event_type: (values) => ({ eventType: values.map(eventTypeOf) }),
  protocol: strings('protocol'),
  reply: booleans('reply'),
  encrypted: booleans('encrypted'),
  ip_version: (values) => ({ ipVersion: values.map((value) => (value === 'IPv6' ? 6 : 4)) }),
  http_status_code: strings('httpStatus'),
  http_method: strings('httpMethod'),
  http_path: strings('httpPath'),
  http_url: strings('httpUrl'),
  dns_query: strings('dnsQuery'),
  node_name: strings('node'),
  trace_id: strings('traceId'),
  uuid: strings('uuid'),
  tcp_flags: (values) => ({ tcpFlags: values.map(flagsOf) }),
};

function filterOf(received: ReceivedFilter): FlowFilter {
  let filter: FlowFilter = {};
  for (const [field, value] of Object.entries(received)) {
    if (!isSet(value)) continue;
    const build = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
    if (!build) throw new CausewayError('bad-filter', `the demo relay has no filter ${field}`);
    filter = { ...filter, ...build(Array.isArray(value) ? value : [value]) };
  }
  return filter;
}

const isSet = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined);
const isEmpty = (received: ReceivedFilter): boolean => !Object.values(received).some(isSet);

/** Hubble: `ns/prefix`, `ns/` for a namespace, `/prefix` for any, and a bare name in `default`. */
function prefixOf(value: string): string {
  const slash = value.indexOf('/');
  if (slash < 0) return `default/${value}`;
  if (slash === 0) return value.slice(1) || '*';
  return value.endsWith('/') ? `${value}*` : value;
}

const fieldOf = (value: unknown, field: string): unknown =>
  typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, field)?.value : undefined;

const nameOf = (value: unknown): string => {
  const name = fieldOf(value, 'name');
  return typeof name === 'string' ? name : '';
};

function eventTypeOf(value: unknown): { readonly type: number; readonly subType?: number } {
  const type = Number(fieldOf(value, 'type'));
  return fieldOf(value, 'match_sub_type') === true ? { type, subType: Number(fieldOf(value, 'sub_type')) } : { type };
}

const flagsOf = (value: unknown): string =>
  Object.entries(typeof value === 'object' && value !== null ? value : {})
    .filter(([, isOn]) => isOn === true)
    .map(([flag]) => flag)
    .join('+');
