import type { PolicyDetail } from '#lib/api/policies.ts';
import type { MarkName } from '#components/ui/Mark.tsx';

/** What stands beside the lines of a policy: what its rules did and what is wrong. Pure. */

export type RuleUse = PolicyDetail['rules'][number];

export interface LineNote {
  readonly mark: MarkName;
  readonly text: string;
}

export interface LineFacts {
  /** The rule that begins here. */
  readonly rule: RuleUse | undefined;
  readonly notes: readonly LineNote[];
}

export const SEVERITY_MARKS = { error: 'fail', warning: 'advice', note: 'trace' } as const satisfies Record<string, MarkName>;

/** Lines of the text, without the empty one behind the last newline. */
export const linesOf = (yaml: string): readonly string[] => yaml.replace(/\n$/, '').split('\n');

/** Facts by line, from 1. What has no line is shown in the lists beside the text only. */
export function factsByLine({
  summary,
  rules,
  findings,
}: Pick<PolicyDetail, 'summary' | 'rules' | 'findings'>): Map<number, LineFacts> {
  const facts = new Map<number, { rule: RuleUse | undefined; notes: LineNote[] }>();
  const at = (line: number) => {
    const known = facts.get(line);
    if (known) return known;
    const fresh = { rule: undefined, notes: [] };
    facts.set(line, fresh);
    return fresh;
  };
  for (const rule of rules) if (rule.line !== undefined) at(rule.line).rule = rule;
  for (const { layer, message, place } of summary.problems)
    if (place && layer !== 'lint') at(place.line).notes.push({ mark: 'fail', text: message });
  for (const { severity, message, line } of findings)
    if (line !== undefined) at(line).notes.push({ mark: SEVERITY_MARKS[severity], text: message });
  return facts;
}

/** The last line of the block that begins at `line`: before the next line that stands as far left as its own text, or farther. */
export function endOfBlock(lines: readonly string[], line: number): number {
  const own = indentOf(lines[line - 1] ?? '');
  let last = line;
  for (let next = line + 1; next <= lines.length; next += 1) {
    const text = lines[next - 1] ?? '';
    if (text.trim() === '') continue;
    if (indentOf(text) <= own) break;
    last = next;
  }
  return last;
}

/** The line that the URL names: its own, else that of the rule, or of the rule that holds what it names; undefined when the text has none such. */
export function chosenLine(
  detail: Pick<PolicyDetail, 'rules' | 'yaml'>,
  line: number | null,
  rule: string | null,
): number | undefined {
  const wanted = line ?? detail.rules.find(({ path }) => rule === path || rule?.startsWith(`${path}.`))?.line;
  return wanted !== undefined && wanted >= 1 && wanted <= linesOf(detail.yaml).length ? wanted : undefined;
}

const indentOf = (line: string): number => line.length - line.trimStart().length;
