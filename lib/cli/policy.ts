import { type Command, Option } from 'commander';
import { CausewayError } from '#lib/errors/errors.ts';
import type { LintCommandOptions } from './policy/lint.ts';

const complain = (line: string): void => console.error(line);

/** Adds `causeway policy ...`: everything about policies that works on files alone, without a server or a database. */
export function addPolicyCommands(program: Command, say: (line: string) => void): Command {
  const policy = program
    .command('policy')
    .description('judge, check and compare policies from files; needs neither server nor database')
    // A command that was not understood is no answer to its question: 1 is kept for `no`.
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

  policy
    .command('check <paths...>')
    .description('check policies of files and folders as Cilium and the API server would: what they refuse is not enforced')
    .option('--json', 'print JSON: every policy with its problems')
    .addHelpText('after', '\nExit status: 0 when nothing is refused, 1 when something is, 2 when a file cannot be read.')
    .action((paths: string[], options: { json?: boolean }) =>
      endWith(async () => (await import('./policy/check.ts')).checkPolicies(paths, options, say, complain)),
    );

  policy
    .command('lint [paths...]')
    .description('look for what policies most likely do not mean')
    .addOption(new Option('--format <format>', 'of the report').choices(['text', 'json', 'sarif', 'markdown']).default('text'))
    .addOption(
      new Option('--fail-on <severity>', 'exit with 1 from this severity on')
        .choices(['error', 'warning', 'note'])
        .default('error'),
    )
    .option('--world <path>', 'objects of the cluster (kubectl get -o json|yaml): more rules can be looked at')
    .option('--chaining', 'the cluster runs Cilium chained behind the AWS VPC CNI')
    .option('--pod-identity', 'pods get AWS credentials by EKS Pod Identity')
    .option('--rules', 'print what the rules are instead, as Markdown')
    .addHelpText(
      'after',
      `
Exit status: 0 when there are no findings of that severity, 1 when there are, 2 when a file cannot be read.

Examples:
  causeway policy lint policies/
  causeway policy lint policies/ --format sarif > lint.sarif
  kubectl get pods,ns,nodes,svc,ciliumendpoints -A -o json > world.json && causeway policy lint policies/ --world world.json --fail-on warning`,
    )
    .action((paths: string[], options: LintCommandOptions & { rules?: boolean }) =>
      endWith(async () => {
        const { lintFiles, sayRules } = await import('./policy/lint.ts');
        if (options.rules) sayRules(say);
        else if (paths.length === 0) throw new CausewayError('bad-input', 'name the files or folders that hold policies');
        else return lintFiles(paths, options, program.version() ?? '', say, complain);
        return 0;
      }),
    );

  policy
    .command('vectors <dir>')
    .description('compare the policy engine with recorded answers of Cilium’s own (flow, validation and name-pattern vectors)')
    .option('--json', 'print JSON: totals by category and every disagreement')
    .addHelpText('after', '\nExit status: 0 when all agree, 1 when some do not, 2 when the directory cannot be read.')
    .action(async (dir: string, options: { json?: boolean }) => {
      process.exitCode = (await import('./policy/vectors.ts')).compareVectors(dir, options, say, (line) => console.error(line));
    });

  return policy;
}

/** Ends the program with the status that `work` gives; with 2 when what it was given cannot be read. */
async function endWith(work: () => Promise<0 | 1 | 2>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    complain(`causeway: ${error.message}`);
    process.exitCode = 2;
  }
}
