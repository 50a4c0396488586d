import { type Command, InvalidArgumentError, Option } from 'commander';
import { PHASES, type Phase } from '#lib/migration/model.ts';
import { endMisunderstood, endWith } from '../end-with.ts';
import type { PreflightCommandOptions } from './preflight.ts';

/** Adds `causeway preflight`: the checks on files alone, without a server or a database. */
export function addPreflightCommand(program: Command, say: (line: string) => void): void {
  program
    .command('preflight')
    .description('check what a cluster’s move to Cilium most often breaks on, from files; needs neither server nor database')
    .exitOverride(endMisunderstood)
    .option('--values <file>', 'Helm values of Cilium (helm get values cilium -o yaml)')
    .option('--application <file>', 'instead: an Argo CD Application with them')
    .option('--nodes <files...>', 'kubectl get nodes -o json')
    .option('--policies <paths...>', 'policies: files or folders of YAML or JSON, as kubectl prints or people write them')
    .option('--objects <paths...>', 'any other objects of the cluster: files or folders of what kubectl get -o json|yaml prints')
    .option('--none <kinds...>', 'kinds of objects that the cluster has none of, e.g. NodePool SecurityGroupPolicy')
    .option('--cilium-status <file>', 'cilium status -o json')
    .option('--relay-status <file>', 'hubble status -o json, asked of Hubble Relay')
    .option('--encryption-status <file>', 'cilium encryption status -o json')
    .option('--agent-conf <file>', 'configuration of the SPIRE agent')
    .option('--entries <file>', 'spire-server entry show -output json')
    .option('--flows <file>', 'traffic seen (hubble observe --all -o jsonpb, plain or gzip)')
    .addOption(new Option('--phase <number>', 'only what the gate of this phase asks for').argParser(phase))
    .option('--cilium-version <version>', 'Cilium version that runs; by default what objects or status say')
    .option('--target-version <version>', 'Cilium version it goes to; by default the Application’s')
    .addOption(new Option('--format <format>', 'of the report').choices(['text', 'json', 'sarif']).default('text'))
    .option('--json', 'the same as --format json')
    .option('--sarif', 'the same as --format sarif')
    .option('--out <file>', 'write the report there')
    .option('--checks', 'print what the checks are instead, as Markdown')
    .addHelpText(
      'after',
      `
Exit status: 0 when all pass, 1 when one fails, 2 when an input cannot be read, 3 when none fails and something is unknown.

Examples:
  causeway preflight --phase 1 --values values.yaml --nodes nodes.json --objects objects/
  causeway preflight --values values.yaml --policies policies/ --format sarif --out preflight.sarif`,
    )
    .action((options: PreflightCommandOptions & { checks?: boolean; json?: boolean; sarif?: boolean }) =>
      endWith(async () => {
        const { preflight, sayChecks } = await import('./preflight.ts');
        if (!options.checks) return preflight({ ...options, format: formatOf(options) }, program.version() ?? '', say);
        sayChecks(say);
        return 0;
      }),
    );
}

function formatOf({ json, sarif, format }: Pick<PreflightCommandOptions, 'format'> & { json?: boolean; sarif?: boolean }) {
  if (json) return 'json';
  return sarif ? 'sarif' : format;
}

function phase(text: string): Phase {
  const found = PHASES.find((each) => String(each) === text);
  if (found === undefined) throw new InvalidArgumentError(`a phase, ${PHASES.join(', ')}`);
  return found;
}
