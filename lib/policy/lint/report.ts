import type { LocatedFinding } from '../sarif.ts';
import { type Severity, SEVERITIES } from './finding.ts';
import { counted } from './words.ts';

/** Findings as lines for a terminal: one for each, as compilers write them, and what to do below it. */
export function textReport(findings: readonly LocatedFinding[], policies: number): string[] {
  const lines = findings.flatMap(({ file, place, severity, policy, path, message, ruleId, fix }) => [
    `${where(file, place)}${severity}: ${policy}${path === '' ? '' : ` ${path}`}: ${plain(message)} [${ruleId}]`,
    ...(fix === undefined ? [] : [`    ${plain(fix)}`]),
  ]);
  return [...lines, summary(findings, policies)];
}

const where = (file: string | undefined, place: LocatedFinding['place']): string =>
  file === undefined ? '' : `${file}${place ? `:${place.line}:${place.column}` : ''}: `;

/** Text of policies must not steer the terminal. */
const plain = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);

/** `2 errors, 1 warning in 12 policies`. */
export function summary(findings: readonly LocatedFinding[], policies: number): string {
  const counts = SEVERITIES.map((severity) => ({
    severity,
    count: findings.filter((finding) => finding.severity === severity).length,
  }));
  const told = counts.filter(({ count }) => count > 0).map(({ severity, count }) => counted(count, severity));
  return `${told.length > 0 ? told.join(', ') : 'no findings'} in ${counted(policies, 'policy', 'policies')}`;
}

const HEADINGS: Readonly<Record<Severity, string>> = { error: 'Errors', warning: 'Warnings', note: 'Notes' };

/** Findings as Markdown, for a pull request. */
export function markdownReport(findings: readonly LocatedFinding[], policies: number): string[] {
  return [
    '## Policy lint',
    '',
    `${summary(findings, policies)}.`,
    ...SEVERITIES.flatMap((severity) => {
      const own = findings.filter((finding) => finding.severity === severity);
      if (own.length === 0) return [];
      return ['', `### ${HEADINGS[severity]}`, '', '| policy | place | finding | rule |', '|---|---|---|---|', ...own.map(row)];
    }),
  ];
}

const row = ({ policy, file, place, path, message, ruleId, fix, source }: LocatedFinding): string => {
  const position = file === undefined ? code(path) : code(`${file}${place ? `:${place.line}` : ''}`);
  return `| ${code(policy)} | ${position} | ${cell(message)}${fix === undefined ? '' : `<br>${cell(fix)}`} | [${ruleId}](${source}) |`;
};

/** In a span of code nothing is markup but its end and the end of the cell. */
const code = (text: string): string =>
  text === ''
    ? ''
    : `\`${oneLine(text)
        .replaceAll('`', "'")
        .replaceAll('|', String.raw`\|`)}\``;

/** Text in a cell of a table, without markup of its own. */
const cell = (text: string): string =>
  oneLine(text)
    .replaceAll(/[\\|*_[\]~`]/g, String.raw`\$&`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

const oneLine = (text: string): string => plain(text.replaceAll(/\s+/g, ' '));
