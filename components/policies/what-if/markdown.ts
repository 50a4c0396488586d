import type { WhatIfReport } from '#lib/api/what-if.ts';
import { visibleText } from '#lib/flow/text.ts';
import { exact, utc } from '#components/ui/format.ts';
import { type Change, CHANGES, requestOf, rowsOf, setWords, tuples } from './effect-words.ts';

const TITLES: Readonly<Record<Change, string>> = {
  'newly-denied': 'Newly denied',
  'newly-allowed': 'Newly allowed',
  unknown: 'Unknown, never counted as allowed',
};
const MOST = 50;

/** The effect of a candidate as Markdown, for a pull request. `link` leads back to it. */
export function whatIfMarkdown(name: string, cluster: string, report: WhatIfReport, link: string): string {
  const { newlyDenied, newlyAllowed, unknown, unchanged, total } = report;
  const share = (title: string, { tuples: count, flows }: WhatIfReport['total']) =>
    `| ${title} | ${exact(count)} | ${exact(flows)} |`;
  return `${[
    `## What-if: ${text(name)} on ${text(cluster)}`,
    `Judged over ${tuples(total.tuples)} (${exact(total.flows)} flows) seen from ${utc(report.from)} to ${utc(report.to)}, against the set in force \`${report.base.hash.slice(0, 12)}\` (${setWords(report)}).`,
    [
      '| | tuples | flows |',
      '|---|---:|---:|',
      share('newly denied', newlyDenied),
      share('newly allowed', newlyAllowed),
      share('unknown', unknown),
      share('unchanged', unchanged),
    ].join('\n'),
    ...CHANGES.flatMap((kind) => section(report, kind)),
    ...reasons(report),
    ...isolated(report),
    ...(report.incompleteMinutes > 0
      ? [
          `${exact(report.incompleteMinutes)} minutes have lost events or a missing node: a call that ran only then does not show here.`,
        ]
      : []),
    `[Open in Causeway](${link})`,
  ].join('\n\n')}\n`;
}

function section(report: WhatIfReport, kind: Change): string[] {
  const rows = rowsOf(report, kind);
  if (rows.length === 0) return [];
  const total = { 'newly-denied': report.newlyDenied, 'newly-allowed': report.newlyAllowed, unknown: report.unknown }[kind]
    .tuples;
  const lines = rows
    .slice(0, MOST)
    .map((row) =>
      [row.source, row.destination, requestOf(row), row.before.text, row.after.text]
        .map(text)
        .concat(exact(row.flows))
        .join(' | '),
    );
  return [
    `### ${TITLES[kind]}`,
    [
      '| from | to | request | in force | candidate | flows |',
      '|---|---|---|---|---|---:|',
      ...lines.map((line) => `| ${line} |`),
    ].join('\n'),
    ...(total > lines.length ? [`The ${exact(lines.length)} with most flows of ${exact(total)}.`] : []),
  ];
}

function reasons({ unknownReasons }: WhatIfReport): string[] {
  if (unknownReasons.length === 0) return [];
  return [
    ['Why it cannot be told:', '', ...unknownReasons.map((reason) => `- ${text(reason.detail)} (${tuples(reason.tuples)})`)].join(
      '\n',
    ),
  ];
}

function isolated(report: WhatIfReport): string[] {
  if (report.isolated.length === 0) return [];
  const lines = report.isolated.map(
    ({ workload, direction, endpoints, of }) =>
      `- ${text(workload)}: ${exact(endpoints.length)} of ${exact(of)} endpoints, ${direction}`,
  );
  return ['### Newly isolated endpoints', lines.join('\n')];
}

/** Names and paths are hostile: nothing of them may become a table, a link, a mention or markup. */
const text = (value: string): string =>
  visibleText(value)
    .replace(/[\\`*_{}[\]<>|#!@&~$]/g, (char) => `\\${char}`)
    .replace(/\s+/g, ' ');
