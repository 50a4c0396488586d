import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suggestPolicies } from '#lib/audit/suggest/suggest.ts';
import type { PolicySuggestion, SuggestedSet } from '#lib/audit/suggest/suggestion.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { visibleText } from '#lib/flow/text.ts';
import { counted } from '#lib/policy/lint/words.ts';
import { compilePolicies } from '#lib/policy/compile.ts';
import { readJudgeInput } from './judge-input.ts';

export interface SuggestCommandOptions {
  readonly flows: string;
  readonly objects?: string;
  readonly namespace: string;
  readonly workload?: string;
  readonly direction?: 'ingress' | 'egress';
  readonly l7?: boolean;
  readonly json?: boolean;
  /** A folder for one file a policy; by default all are printed. */
  readonly out?: string;
}

type Say = (line: string) => void;

/** `causeway policy suggest`: policies for what was seen. YAML goes to standard output or to files, what is to be said about it to standard error. */
export async function suggestFromFiles(options: SuggestCommandOptions, say: Say, complain: Say): Promise<0 | 1> {
  const input = await readJudgeInput(options);
  const scope = {
    namespace: options.namespace,
    workload: options.workload,
    directions: options.direction ? [options.direction] : (['ingress', 'egress'] as const),
    l7: options.l7 ?? false,
  };
  const set = suggestPolicies(input, scope, compilePolicies(input.world, input.policies));
  if (set.policies.length === 0) {
    const whose = options.workload === undefined ? `namespace ${options.namespace}` : `${options.namespace}/${options.workload}`;
    complain(`causeway: no traffic of ${whose} in ${options.flows}`);
    return 1;
  }
  if (options.json) say(JSON.stringify(set, null, 2));
  else if (options.out === undefined) say(set.yaml.trimEnd());
  else for (const policy of set.policies) say(writePolicy(options.out, policy));
  if (!options.json) for (const line of reportOf(set)) complain(visibleText(line));
  return 0;
}

function writePolicy(folder: string, { policy, yaml }: PolicySuggestion): string {
  const file = join(folder, `${policy.replace(/^.*\//, '')}.yaml`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, yaml);
  } catch (error) {
    throw new CausewayError('bad-input', `cannot write ${file}: ${messageOf(error)}`, { cause: error });
  }
  return file;
}

function reportOf({ policies, guardRails, leftOut, check }: SuggestedSet): string[] {
  return [
    ...policies.flatMap(({ policy, rules }) => [
      '',
      policy,
      ...rules.flatMap(({ path, text, confidence, cautions, trafficTotal }) => [
        `  ${path}: ${text}`,
        `    confidence ${confidence}; rests on ${counted(trafficTotal, 'kind', 'kinds')} of traffic`,
        ...cautions.map((caution) => `    ! ${caution}`),
      ]),
    ]),
    ...section('Mind', guardRails),
    ...section(
      'Left out',
      leftOut.map(
        ({ reason, tuples, flows }) =>
          `${counted(tuples, 'kind', 'kinds')} of traffic, ${counted(flows, 'flow', 'flows')}: ${reason}`,
      ),
    ),
    '',
    `With the policies in force: ${check.newlyDenied} newly denied, ${check.newlyAllowed} newly allowed, ${check.unknown} unknown of ${check.tuples} kinds of traffic`,
  ];
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length > 0 ? ['', title, ...lines.map((line) => `  ${line}`)] : [];
