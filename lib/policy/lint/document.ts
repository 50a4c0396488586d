import type { LintRule } from './rule.ts';

/** The documentation of the lint rules: `docs/lint.md` is this text. */
export function lintDocument(rules: readonly LintRule[]): string {
  return [
    '# Lint rules',
    '',
    '<!-- Written by `causeway policy lint --rules`; edit the rules in lib/policy/lint/rules instead. -->',
    '',
    '`causeway policy lint PATH...`, the editor of policies and the inventory say what these rules find. `error`: a policy does not do what it says;',
    '`warning`: it most likely does not do what was meant; `note`: worth knowing.',
    '',
    '| rule | severity | a policy that … | needs |',
    '|---|---|---|---|',
    ...rules.map(
      ({ id, severity, title, needs }) =>
        `| [${id}](#${id}) | ${severity} | ${title} | ${needs === 'world' ? 'objects of the cluster' : (needs ?? '')} |`,
    ),
    ...rules.flatMap(section),
    '',
  ].join('\n');
}

const section = ({ id, severity, title, why, fix, source, example }: LintRule): string[] => [
  '',
  `## ${id}`,
  '',
  `\`${severity}\`: a policy ${title}. [Source](${source})`,
  '',
  why,
  ...(fix === undefined ? [] : ['', fix]),
  ...(example ? ['', ...yaml(`# ${id}\n${example.bad}`), '', ...yaml(`# as it should be\n${example.good}`)] : []),
];

const yaml = (text: string): string[] => ['```yaml', ...text.trimEnd().split('\n'), '```'];
