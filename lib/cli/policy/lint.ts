import { lintDocument } from '#lib/policy/lint/document.ts';
import { isAtLeast, type Severity } from '#lib/policy/lint/finding.ts';
import { lintPolicies } from '#lib/policy/lint/lint.ts';
import { markdownReport, textReport } from '#lib/policy/lint/report.ts';
import { LINT_RULES } from '#lib/policy/lint/rules.ts';
import { type LocatedFinding, sarifOf } from '#lib/policy/sarif.ts';
import { readCluster } from '../cluster-files.ts';
import { problemLine, readPolicyFiles } from './files.ts';

export const REPORT_FORMATS = ['text', 'json', 'sarif', 'markdown'] as const;

export interface LintCommandOptions {
  readonly format: (typeof REPORT_FORMATS)[number];
  readonly failOn: Severity;
  /** A file or folder with objects of the cluster. */
  readonly world?: string;
  readonly chaining?: boolean;
  readonly podIdentity?: boolean;
}

type Say = (line: string) => void;

/** `causeway policy lint PATH...`. Gives the exit status. */
export async function lintFiles(
  paths: readonly string[],
  options: LintCommandOptions,
  version: string,
  say: Say,
  complain: Say,
): Promise<0 | 1 | 2> {
  const { objects, problems, placeOf } = readPolicyFiles(paths);
  const world = options.world === undefined ? undefined : (await readCluster(options.world)).world;
  const cluster = { chaining: options.chaining ?? false, podIdentity: options.podIdentity ?? false };
  const findings = lintPolicies(objects, { cluster, ...(world && { world }) }).map((finding): LocatedFinding => {
    const at = placeOf(finding.policy, finding.path);
    return at ? { ...finding, file: at.file, ...(at.place && { place: at.place }) } : finding;
  });
  switch (options.format) {
    case 'json':
      say(
        JSON.stringify(
          { policies: objects.length, findings, unread: problems.map(({ file, place, message }) => ({ file, place, message })) },
          null,
          2,
        ),
      );
      break;
    case 'sarif':
      say(JSON.stringify(sarifOf(findings, problems, LINT_RULES, version), null, 2));
      break;
    case 'markdown':
      for (const line of markdownReport(findings, objects.length)) say(line);
      break;
    case 'text':
      for (const line of textReport(findings, objects.length)) say(line);
  }
  for (const problem of problems) complain(problemLine(problem));
  if (problems.length > 0) return 2;
  return findings.some(({ severity }) => isAtLeast(severity, options.failOn)) ? 1 : 0;
}

/** `causeway policy lint --rules`: the documentation of the rules, Markdown. */
export const sayRules = (say: Say): void => say(lintDocument(LINT_RULES).trimEnd());
