import 'server-only';
import { CausewayError } from '#lib/errors/errors.ts';
import type { ProtoFilter } from '#lib/flow/filter-proto.ts';

/** `observer.GetFlowsRequest`. */
export interface FlowsRequest {
  /** The last N of each node (the first N with `first`). With `follow` it also keeps the relay's sort buffer short: without it quiet streams come late. */
  readonly number?: number;
  readonly first?: boolean;
  readonly follow?: boolean;
  /** Unix milliseconds, inclusive. */
  readonly since?: number;
  readonly until?: number;
  readonly whitelist?: readonly ProtoFilter[];
  readonly blacklist?: readonly ProtoFilter[];
  /** Paths below `flow.Flow`; every field when absent. */
  readonly mask?: readonly string[];
}

/**
 * What the console keeps of a flow; labels, which are most of the bytes, come from the identity directory. Whole fields only, but for the endpoints:
 * a path below a message makes it appear, empty, in every flow. `time` and `node_name` must be there, or the relay can neither sort nor name.
 */
export const STREAM_MASK: readonly string[] = [
  'time',
  'uuid',
  'verdict',
  'drop_reason_desc',
  'auth_type',
  'IP',
  'l4',
  'source.ID',
  'source.identity',
  'source.cluster_name',
  'source.namespace',
  'source.pod_name',
  'source.workloads',
  'destination.ID',
  'destination.identity',
  'destination.cluster_name',
  'destination.namespace',
  'destination.pod_name',
  'destination.workloads',
  'Type',
  'node_name',
  'source_names',
  'destination_names',
  'l7',
  'is_reply',
  'event_type',
  'source_service',
  'destination_service',
  'traffic_direction',
  'policy_match_type',
  'trace_observation_point',
  'trace_reason',
  'proxy_port',
  'trace_context',
  'egress_allowed_by',
  'ingress_allowed_by',
  'egress_denied_by',
  'ingress_denied_by',
];

/** The request as proto-loader takes it. Refuses an empty filter, which would match everything. */
export function flowsRequestMessage(request: FlowsRequest): object {
  const { number, first, follow, since, until, whitelist = [], blacklist = [], mask } = request;
  for (const filter of [...whitelist, ...blacklist]) {
    if (Object.keys(filter).length === 0) throw new CausewayError('bad-filter', 'An empty filter would match every flow.');
  }
  return {
    ...(number !== undefined && { number: String(number) }),
    ...(first && { first }),
    ...(follow && { follow }),
    ...(since !== undefined && { since: timestampOf(since) }),
    ...(until !== undefined && { until: timestampOf(until) }),
    ...(mask && { field_mask: { paths: mask } }),
    whitelist,
    blacklist,
  };
}

/** `google.protobuf.Timestamp` of Unix milliseconds. */
export function timestampOf(ms: number): { readonly seconds: string; readonly nanos: number } {
  const micros = Math.round(ms * 1000);
  const seconds = Math.floor(micros / 1e6);
  return { seconds: String(seconds), nanos: (micros - seconds * 1e6) * 1000 };
}
