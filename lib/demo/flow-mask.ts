import { hubbleApi } from '#lib/relay/proto.ts';

/** Which fields of a flow a client asked for. */
export interface FlowMask {
  /** Top-level fields of `flow.Flow`. */
  readonly fields: ReadonlySet<string>;
  /** Fields of the endpoints; undefined is all of them. */
  readonly source: ReadonlySet<string> | undefined;
  readonly destination: ReadonlySet<string> | undefined;
}

/** Fields of `flow.Endpoint`. */
export const ENDPOINT_FIELDS = ['ID', 'identity', 'namespace', 'labels', 'pod_name', 'workloads', 'cluster_name'] as const;

/**
 * A `google.protobuf.FieldMask` over a flow: undefined for none, 'invalid' for a path that is not there. Below endpoints paths are exact;
 * a path below another message brings that message whole, which is more than an agent would send, never less.
 */
export function parseMask(paths: readonly string[] | undefined): FlowMask | 'invalid' | undefined {
  if (!paths || paths.length === 0) return undefined;
  const known = flowFields();
  const fields = new Set<string>();
  const below = { source: new Set<string>(), destination: new Set<string>() };
  const whole = new Set<string>();
  for (const path of paths) {
    const [field = '', ...rest] = path.split('.');
    if (!known.has(field)) return 'invalid';
    fields.add(field);
    if (rest.length === 0) whole.add(field);
    else if (field === 'source' || field === 'destination') below[field].add(rest[0] ?? '');
  }
  if ([...below.source, ...below.destination].some((name) => !ENDPOINT_FIELDS.some((field) => field === name))) return 'invalid';
  return {
    fields,
    source: whole.has('source') ? undefined : below.source,
    destination: whole.has('destination') ? undefined : below.destination,
  };
}

let names: ReadonlySet<string> | undefined;

function flowFields(): ReadonlySet<string> {
  if (!names) {
    const { field } = hubbleApi().message('flow.Flow').type as { field: { name: string }[] };
    names = new Set(field.map(({ name }) => name));
  }
  return names;
}
