import type { Command } from 'commander';

/** Adds `causeway policy ...`: everything about policies that works on files alone, without a server or a database. */
export function addPolicyCommands(program: Command, say: (line: string) => void): Command {
  const policy = program
    .command('policy')
    .description('judge, check and compare policies from files; needs neither server nor database');

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
