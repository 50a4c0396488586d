import ipaddr from 'ipaddr.js';
import { CausewayError } from '#lib/errors/errors.ts';

/**
 * `flow.FlowFilter` in the proto's own field names. Enums are names, but drop reasons are numbers: a reason of a newer Cilium has no name
 * here, and proto-loader would send a name it does not know as 0.
 */
export interface ProtoFilter {
  source_ip?: string[];
  source_pod?: string[];
  destination_ip?: string[];
  destination_pod?: string[];
  verdict?: string[];
  event_type?: { type: number; match_sub_type?: boolean; sub_type?: number }[];
  source_fqdn?: string[];
  destination_fqdn?: string[];
  http_status_code?: string[];
  source_label?: string[];
  destination_label?: string[];
  protocol?: string[];
  source_port?: string[];
  destination_port?: string[];
  reply?: boolean[];
  source_service?: string[];
  destination_service?: string[];
  dns_query?: string[];
  source_identity?: number[];
  destination_identity?: number[];
  http_method?: string[];
  http_path?: string[];
  tcp_flags?: Record<string, true>[];
  node_name?: string[];
  ip_version?: string[];
  source_workload?: { name: string }[];
  destination_workload?: { name: string }[];
  trace_id?: string[];
  uuid?: string[];
  traffic_direction?: string[];
  http_url?: string[];
  drop_reason_desc?: number[];
  source_ip_xlated?: string[];
  source_cluster_name?: string[];
  destination_cluster_name?: string[];
  encrypted?: boolean[];
}

/** The filter for what both filters match; undefined when nothing can. A proto filter holds each field once, so shared fields intersect. */
export function meet(a: ProtoFilter, b: ProtoFilter): ProtoFilter | undefined {
  const merged = new Map<string, readonly unknown[]>(Object.entries(a));
  for (const [name, right] of Object.entries(b) as [string, unknown[]][]) {
    const left = merged.get(name);
    const values = left === undefined ? right : intersection(name, left, right);
    if (values.length === 0) return undefined;
    merged.set(name, values);
  }
  return Object.fromEntries(merged);
}

/** Values that match what a value of `left` and one of `right` match. */
function intersection(name: string, left: readonly unknown[], right: readonly unknown[]): unknown[] {
  const meetValues = meetOf(name);
  const values = left.flatMap((a) => right.flatMap((b) => meetValues(a, b)));
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

type Meet = (a: never, b: never) => readonly unknown[];

function meetOf(name: string): (a: unknown, b: unknown) => readonly unknown[] {
  const byKind: Meet = /_(pod|service)$/.test(name)
    ? meetPrefixes
    : name.endsWith('_label')
      ? (a: string, b: string) => [a === b ? a : `${a},${b}`]
      : name.endsWith('_ip')
        ? meetRanges
        : name === 'event_type'
          ? meetEvents
          : name.endsWith('_fqdn')
            ? meetPatterns
            : meetExact;
  return byKind as (a: unknown, b: unknown) => readonly unknown[];
}

const meetExact = (a: unknown, b: unknown): readonly unknown[] => (JSON.stringify(a) === JSON.stringify(b) ? [a] : []);

/** `namespace/prefix`: the longer prefix of the two, where one begins with the other. */
function meetPrefixes(a: string, b: string): readonly string[] {
  const [namespaceA = '', prefixA = ''] = a.split('/');
  const [namespaceB = '', prefixB = ''] = b.split('/');
  if (namespaceA !== '' && namespaceB !== '' && namespaceA !== namespaceB) return [];
  if (!prefixA.startsWith(prefixB) && !prefixB.startsWith(prefixA)) return [];
  return [`${namespaceA || namespaceB}/${prefixA.length > prefixB.length ? prefixA : prefixB}`];
}

/** Of two ranges the one inside the other. */
const meetRanges = (a: string, b: string): readonly string[] => (isInside(a, b) ? [a] : isInside(b, a) ? [b] : []);

function isInside(inner: string, outer: string): boolean {
  if (inner === outer) return true;
  if (!outer.includes('/')) return false;
  const [network, bits] = ipaddr.parseCIDR(outer);
  const [address = '', innerBits = '128'] = inner.split('/');
  const parsed = ipaddr.parse(address);
  return parsed.kind() === network.kind() && Number(innerBits) >= bits && parsed.match(network, bits);
}

interface EventValue {
  readonly type: number;
  readonly match_sub_type?: boolean;
  readonly sub_type?: number;
}

function meetEvents(a: EventValue, b: EventValue): readonly EventValue[] {
  if (a.type !== b.type) return [];
  if (!a.match_sub_type) return [b];
  return !b.match_sub_type || a.sub_type === b.sub_type ? [a] : [];
}

function meetPatterns(a: string, b: string): readonly string[] {
  if (a === b) return [a];
  throw new CausewayError(
    'bad-filter',
    'A relay cannot be asked for two DNS name patterns of the same end at once: use one of fqdn:, from-fqdn: and to-fqdn:.',
  );
}
