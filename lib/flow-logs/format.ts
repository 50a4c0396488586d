/** Fields of AWS VPC Flow Logs up to version 10, by their names in a format. https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html */
const KNOWN_FIELDS: ReadonlySet<string> = new Set(
  `version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status
  vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr
  region az-id sublocation-type sublocation-id
  pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path
  ecs-cluster-arn ecs-cluster-name ecs-container-instance-arn ecs-container-instance-id ecs-container-id ecs-second-container-id
  ecs-service-name ecs-task-definition-arn ecs-task-arn ecs-task-id reject-reason resource-id encryption-status`.split(/\s+/),
);

/** Version 2: what AWS writes where no format was chosen. */
const DEFAULT_FIELDS =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status'.split(' ');

const MOST_FIELDS = 100;

/** Fields that are read, as small numbers; every other one is passed over. */
export const FIELD = {
  none: 0,
  srcaddr: 1,
  dstaddr: 2,
  'pkt-srcaddr': 3,
  'pkt-dstaddr': 4,
  srcport: 5,
  dstport: 6,
  protocol: 7,
  packets: 8,
  bytes: 9,
  start: 10,
  end: 11,
  action: 12,
  'log-status': 13,
  'tcp-flags': 14,
  'pkt-src-aws-service': 15,
  'pkt-dst-aws-service': 16,
} as const;

/** The fields of a file's lines, in their order. */
export interface LineFormat {
  readonly names: readonly string[];
  /** What each column is, by `FIELD`. */
  readonly columns: Uint8Array;
}

export type FormatResult = { readonly ok: true; readonly format: LineFormat } | { readonly ok: false; readonly reason: string };

const formatOf = (names: readonly string[]): LineFormat => ({
  names,
  columns: Uint8Array.from(names, (name) => (Object.hasOwn(FIELD, name) ? FIELD[name as keyof typeof FIELD] : FIELD.none)),
});

export const DEFAULT_FORMAT: LineFormat = formatOf(DEFAULT_FIELDS);

/**
 * A format as it is given to AWS (`${srcaddr} ${dstaddr} ...`) or as a header line (`srcaddr dstaddr ...`). Fields that AWS may add later are taken
 * and passed over. A format that lacks what a baseline rests on is refused: nothing is guessed.
 */
export function parseFormat(text: string): FormatResult {
  const names = text
    .trim()
    .split(/[\s,]+/)
    .map((name) => (name.startsWith('${') && name.endsWith('}') ? name.slice(2, -1) : name));
  const odd = names.find((name) => !/^[a-z][a-z0-9-]{0,63}$/.test(name));
  if (odd !== undefined) return { ok: false, reason: `${JSON.stringify(odd.slice(0, 40))} is no name of a field` };
  if (names.length > MOST_FIELDS) return { ok: false, reason: `a format has at most ${MOST_FIELDS} fields` };
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return { ok: false, reason: `the field ${twice} is there twice` };
  const missing = NEEDED.filter((choices) => !choices.some((name) => names.includes(name))).map((choices) =>
    choices.join(' or '),
  );
  if (missing.length > 0) return { ok: false, reason: `the format lacks ${missing.join(', ')}` };
  return { ok: true, format: formatOf(names) };
}

const NEEDED: readonly (readonly string[])[] = [
  ['srcaddr', 'pkt-srcaddr'],
  ['dstaddr', 'pkt-dstaddr'],
  ['srcport'],
  ['dstport'],
  ['protocol'],
  ['start'],
  ['action'],
];

/** Whether a line is a header rather than a record, by its first two words: names of fields where values would be. */
export function isHeader(line: string): boolean {
  const [first = '', second = ''] = line.split(' ', 2);
  return KNOWN_FIELDS.has(first) && (second === '' || KNOWN_FIELDS.has(second));
}
