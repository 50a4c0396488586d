import { type Command, InvalidArgumentError, Option } from 'commander';
import { CausewayError } from '#lib/errors/errors.ts';
import { POLICY_PROTOCOLS } from '#lib/policy/model.ts';
import { complain, endMisunderstood, endWith } from './end-with.ts';
import type { DiffCommandOptions } from './policy/diff.ts';
import type { ExplainCommandOptions } from './policy/explain.ts';
import type { LintCommandOptions } from './policy/lint.ts';
import type { SuggestCommandOptions } from './policy/suggest.ts';

/** Adds `causeway policy ...`: everything about policies that works on files alone, without a server or a database. */
export function addPolicyCommands(program: Command, say: (line: string) => void): Command {
  const policy = program
    .command('policy')
    .description('judge, check and compare policies from files; needs neither server nor database')
    // A command that was not understood is no answer to its question: 1 is kept for `no`.
    .exitOverride(endMisunderstood);

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

  policy
    .command('diff')
    .description('what a candidate set of policies changes: connections and traffic, not text')
    .requiredOption('--policies <path>', 'the candidate: a file or folder of policies')
    .requiredOption('--against <path>', 'what it is set against: a file or folder of policies')
    .option(
      '--flows <file>',
      'traffic seen (hubble observe --all -o jsonpb, plain or gzip): what of it would be newly denied or allowed',
    )
    .option('--objects <path>', 'objects of the cluster (kubectl get -o json|yaml): who could newly reach whom')
    .addOption(new Option('--format <format>', 'of the report').choices(['text', 'json', 'markdown']).default('text'))
    .option('--fail-on <kinds>', 'exit with 1 when there is any: newly-denied, newly-allowed, unknown; several with commas')
    .addHelpText(
      'after',
      `
Without --flows, newly denied and newly allowed are connections that policy closes and opens.
Exit status: 0, or 1 when something of --fail-on was found, 2 when a file cannot be read.

Examples:
  causeway policy diff --policies new/ --against old/ --flows flows.jsonl --fail-on newly-denied
  causeway policy diff --policies new/ --against old/ --objects objects/ --format markdown > comment.md`,
    )
    .action((options: DiffCommandOptions) => endWith(async () => (await import('./policy/diff.ts')).diffPolicies(options, say)));

  policy
    .command('explain')
    .description('why a connection or request is allowed or denied, and the smallest change that would allow it')
    .requiredOption(
      '--from <who>',
      'namespace/workload, namespace/pod, namespace/label=value, an address, entity:host, fqdn:name',
    )
    .requiredOption('--to <who>', 'the same for the other end')
    .addOption(new Option('--port <number>', 'destination port, or the ICMP type').argParser(portNumber).makeOptionMandatory())
    .addOption(new Option('--protocol <protocol>', 'of the connection').choices(POLICY_PROTOCOLS).default('TCP'))
    .option('--policies <path>', 'a file or folder of policies; by default those among the objects')
    .option('--objects <path>', 'objects of the cluster (kubectl get -o json|yaml)')
    .option('--method <method>', 'of an HTTP request')
    .option('--path <path>', 'of an HTTP request, with its query string')
    .option('--host <host>', 'of an HTTP request, with its port')
    .option('--dns <name>', 'name asked of a resolver')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Exit status: 0 when it is allowed, 1 when it is denied or cannot be told, 2 when a file cannot be read or nobody is meant.

Examples:
  causeway policy explain --objects objects/ --from gateway/web-bff --to payments/payments-db --port 5432
  causeway policy explain --policies policies/ --from shop/app=web --to shop/app=cart --port 8080 --method GET --path /admin`,
    )
    .action((options: ExplainCommandOptions) =>
      endWith(async () => (await import('./policy/explain.ts')).explainQuestion(options, say)),
    );

  policy
    .command('suggest')
    .description('the least set of policies that allows the traffic seen of a namespace or workload')
    .requiredOption('--flows <file>', 'traffic seen (hubble observe --all -o jsonpb, plain or gzip)')
    .requiredOption('--namespace <name>', 'whose workloads the policies are for')
    .option('--workload <name>', 'only this workload')
    .addOption(new Option('--direction <direction>', 'only this direction').choices(['ingress', 'egress']))
    .option('--objects <path>', 'objects of the cluster (kubectl get -o json|yaml), with the policies in force')
    .option('--l7', 'name HTTP requests and DNS names as well')
    .option('--out <dir>', 'write one file a policy there instead of printing them')
    .option('--json', 'print JSON: each rule with the traffic it rests on')
    .addHelpText(
      'after',
      `
YAML goes to standard output; what each rule rests on, and what to mind, to standard error.
Exit status: 0, 1 when there is no such traffic, 2 when a file cannot be read.`,
    )
    .action((options: SuggestCommandOptions) =>
      endWith(async () => (await import('./policy/suggest.ts')).suggestFromFiles(options, say, complain)),
    );

  return policy;
}

function portNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError('a number from 0 to 65535');
  return value;
}
