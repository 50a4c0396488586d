import type { ChangedTuple, Comparison } from '#lib/audit/compare.ts';
import type { ReachChange } from '#lib/audit/reach-diff.ts';
import { visibleText } from '#lib/flow/text.ts';
import { counted } from '#lib/policy/lint/words.ts';
import type { PolicyDiff } from './diff.ts';

/** Rows of a kind shown at most; the JSON has more. */
const MOST_ROWS = 50;
const KINDS = [
  { kind: 'newly-denied', title: 'Newly denied', share: 'newlyDenied' },
  { kind: 'newly-allowed', title: 'Newly allowed', share: 'newlyAllowed' },
  { kind: 'unknown', title: 'Unknown', share: 'unknown' },
] as const;

/** A difference for a terminal. */
export function diffText({ traffic, connections, refused, ...policies }: PolicyDiff): string[] {
  return [
    summaryOf(policies),
    ...refused.map((policy) => `! ${policy} would be refused by Cilium: it enforces nothing`),
    ...(traffic ? trafficText(traffic) : []),
    ...(connections ? connectionText(connections) : []),
  ].map(visibleText);
}

function trafficText(traffic: Comparison): string[] {
  const { total, unchanged, isolated } = traffic;
  return [
    '',
    `Traffic: ${shareText(total)}; ${unchanged.tuples} unchanged`,
    ...KINDS.flatMap(({ kind, title, share }) => {
      const rows = traffic.rows.filter((row) => row.kind === kind);
      const head = `${title}: ${shareText(traffic[share])}`;
      return [
        head,
        ...rows.slice(0, MOST_ROWS).map((row) => `  ${rowText(row)}: ${row.before.text} -> ${row.after.text}`),
        ...more(rows.length),
      ];
    }),
    ...isolated.map(
      ({ workload, direction, endpoints, of }) =>
        `Newly isolated: ${workload} ${direction}, ${endpoints.length} of ${of} endpoints`,
    ),
  ];
}

const shareText = ({ tuples, flows }: Comparison['total']): string =>
  `${counted(tuples, 'kind', 'kinds')}, ${counted(flows, 'flow', 'flows')}`;

function connectionText(connections: readonly ReachChange[]): string[] {
  return [
    '',
    `Connections by policy: ${counted(connections.length, 'pair changes', 'pairs change')}`,
    ...connections.slice(0, MOST_ROWS).map((change) => `  ${change.source} -> ${change.destination}: ${portsText(change)}`),
    ...more(connections.length),
  ];
}

const rowText = ({ source, destination, protocol, port, l7, flows }: ChangedTuple): string =>
  `${source} -> ${destination} ${protocol}/${port}${l7 === '' ? '' : ` ${l7}`} (${counted(flows, 'flow', 'flows')})`;

const portsText = ({ added, removed, before, after }: ReachChange): string =>
  [...added.map((port) => `+${port}`), ...removed.map((port) => `-${port}`)].join(' ') || `${before} -> ${after}`;

const more = (rows: number): string[] => (rows > MOST_ROWS ? [`  and ${rows - MOST_ROWS} more`] : []);

const summaryOf = ({ added, removed, changed }: Pick<PolicyDiff, 'added' | 'removed' | 'changed'>): string =>
  `Policies: ${added.length} added, ${changed.length} changed, ${removed.length} removed`;

/** A difference for a pull request. */
export function diffMarkdown({ traffic, connections, refused, ...policies }: PolicyDiff): string[] {
  const named = (title: string, refs: readonly string[]) => (refs.length > 0 ? [`- ${title}: ${refs.map(code).join(', ')}`] : []);
  return [
    '## Network policy: what this changes',
    '',
    ...named('Added', policies.added),
    ...named('Changed', policies.changed),
    ...named('Removed', policies.removed),
    ...named('Refused by Cilium, enforcing nothing', refused),
    ...(traffic ? trafficMarkdown(traffic) : []),
    ...(connections ? connectionMarkdown(connections) : []),
  ];
}

function trafficMarkdown(traffic: Comparison): string[] {
  const row = (title: string, { tuples, flows }: Comparison['total']) => `| ${title} | ${tuples} | ${flows} |`;
  return [
    '',
    `### Traffic seen ${new Date(traffic.from).toISOString()} to ${new Date(traffic.to).toISOString()}`,
    '',
    '| | kinds of traffic | flows |',
    '|---|---:|---:|',
    ...KINDS.map(({ title, share }) => row(title, traffic[share])),
    row('Unchanged', traffic.unchanged),
    ...KINDS.flatMap(({ kind, title }) =>
      rowsMarkdown(
        title,
        traffic.rows.filter((each) => each.kind === kind),
      ),
    ),
    ...(traffic.isolated.length > 0 ? ['', '**Newly isolated**', ''] : []),
    ...traffic.isolated.map(
      ({ workload, direction, endpoints, of }) => `- ${code(workload)} ${direction}: ${endpoints.length} of ${of} endpoints`,
    ),
  ];
}

function rowsMarkdown(title: string, rows: readonly ChangedTuple[]): string[] {
  if (rows.length === 0) return [];
  return [
    '',
    `<details><summary>${title}: ${rows.length}</summary>`,
    '',
    '| from | to | port | request | flows | before | after |',
    '|---|---|---|---|---:|---|---|',
    ...rows
      .slice(0, MOST_ROWS)
      .map(
        ({ source, destination, protocol, port, l7, flows, before, after }) =>
          `| ${code(source)} | ${code(destination)} | ${protocol}/${port} | ${l7 === '' ? '' : code(l7)} | ${flows} | ${plain(before.text)} | ${plain(after.text)} |`,
      ),
    ...(rows.length > MOST_ROWS ? ['', `and ${rows.length - MOST_ROWS} more`] : []),
    '',
    '</details>',
  ];
}

function connectionMarkdown(connections: readonly ReachChange[]): string[] {
  return [
    '',
    `### Connections by policy: ${counted(connections.length, 'pair changes', 'pairs change')}`,
    ...(connections.length > 0 ? ['', '| from | to | opened | closed |', '|---|---|---|---|'] : []),
    ...connections
      .slice(0, MOST_ROWS)
      .map(
        ({ source, destination, added, removed }) =>
          `| ${code(source)} | ${code(destination)} | ${plain(added.join(', '))} | ${plain(removed.join(', '))} |`,
      ),
    ...(connections.length > MOST_ROWS ? ['', `and ${connections.length - MOST_ROWS} more`] : []),
  ];
}

/** Text in a cell of a table, whatever it holds: no markup, no new cell, no new line. */
const plain = (text: string): string =>
  visibleText(text).replaceAll(/[\\`*_{}[\]<>()#+!|&~-]/g, (character) => `&#${character.charCodeAt(0)};`);

const code = (text: string): string => `<code>${plain(text)}</code>`;
