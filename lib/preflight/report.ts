import { visibleText } from '#lib/flow/text.ts';
import { counted } from '#lib/policy/lint/words.ts';
import type { PreflightFinding, PreflightResult } from './check.ts';
import { INPUT_HINTS } from './input-hints.ts';

const MOST_FINDINGS = 20;
const MARK = { pass: 'ok  ', fail: 'FAIL', unknown: '?   ' } as const;

/** Results as lines for a terminal: one for each check, what it found and what it lacks below it. */
export function textReport(results: readonly PreflightResult[]): string[] {
  return [...results.flatMap(lines), '', summary(results)];
}

function lines({ check, status, findings, missing }: PreflightResult): string[] {
  const told = status === 'pass' ? [] : findings.filter((finding) => finding.status !== 'pass');
  const more = told.length - MOST_FINDINGS;
  return [
    `${MARK[status]} ${String(check.number).padStart(2)} ${check.id}: ${check.title}`,
    ...told.slice(0, MOST_FINDINGS).flatMap((finding) => findingLines(finding, check.fix)),
    ...(more > 0 ? [`        and ${counted(more, 'finding')} more`] : []),
    ...missing.map((name) => {
      const { option, command } = INPUT_HINTS[name];
      return `        needs ${name}${option && ` (${option})`}${command && `: ${command}`}`;
    }),
  ];
}

/** Text of objects must not steer the terminal. */
function findingLines({ object, message, fix }: PreflightFinding, fixOfCheck: string): string[] {
  return [
    `        ${visibleText(object)}: ${visibleText(message)}`,
    ...(fix === undefined || fix === fixOfCheck ? [] : [`            ${visibleText(fix)}`]),
  ];
}

/** `2 fail, 3 unknown, 28 pass`. */
export function summary(results: readonly PreflightResult[]): string {
  const count = (status: PreflightResult['status']): number => results.filter((result) => result.status === status).length;
  return `${count('fail')} fail, ${count('unknown')} unknown, ${count('pass')} pass`;
}

/** Results as programs read them. */
export const jsonReport = (results: readonly PreflightResult[]): object[] =>
  results.map(({ check, status, findings, missing }) => ({ check: check.number, id: check.id, status, findings, missing }));
