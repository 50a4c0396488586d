import { type Command, InvalidArgumentError, Option } from 'commander';
import { METHODS, type Phase, PHASES, ROUTES } from '#lib/migration/model.ts';
import { STAGES } from '#lib/preflight/values/model.ts';
import { VALUES_FORMATS } from './formats.ts';
import { complain, endMisunderstood, endWith } from '../end-with.ts';
import type { ValuesCommandOptions } from './values.ts';

/** Adds `causeway values`: Helm values for each phase, from files alone. */
export function addValuesCommand(program: Command, say: (line: string) => void): void {
  program
    .command('values')
    .description('write Cilium’s Helm values and Argo CD Application for a phase, with reasons and a diff to what runs')
    .exitOverride(endMisunderstood)
    .addOption(new Option('--phase <number>', 'the phase, 0 to 4').argParser(phase).makeOptionMandatory())
    .option('--values <file>', 'Helm values that run (helm get values cilium -o yaml): kept where no phase speaks of them')
    .option('--application <file>', 'instead: an Argo CD Application with them')
    .option('--nodes <files...>', 'kubectl get nodes -o json')
    .option('--objects <paths...>', 'other objects: aws-node, CiliumNodes and cilium-config say the facts that are missing')
    .option('--agent-conf <file>', 'configuration of the SPIRE agent')
    .option('--cilium-status <file>', 'cilium status -o json')
    .option('--target-version <version>', 'Cilium version it is for; by default the one that runs')
    .addOption(new Option('--method <method>', 'of phase 3').choices(METHODS).default('mutual-auth'))
    .addOption(new Option('--route <route>', 'of phase 4').choices(ROUTES).default('node-groups'))
    .addOption(
      new Option('--stage <stage>', 'of phases 2 and 4: audit mode or both plugins first, then the rest')
        .choices(STAGES)
        .default('begin'),
    )
    .addOption(new Option('--format <format>', 'what to print').choices(VALUES_FORMATS).default('values'))
    .option('--out <folder>', 'write all of it there instead')
    .addHelpText(
      'after',
      `
Exit status: 0, 3 while a fact is missing and stands in the text as <name>, 2 when an input cannot be read.

Examples:
  causeway values --phase 1 --nodes nodes.json --target-version 1.19.5 > values-chaining.yaml
  causeway values --phase 3 --values values.yaml --method wireguard --format diff
  causeway values --phase 4 --route per-node --objects objects/ --out phase-4/`,
    )
    .action((options: ValuesCommandOptions) =>
      endWith(async () => (await import('./values.ts')).valuesFor(options, say, complain)),
    );
}

function phase(text: string): Phase {
  const found = PHASES.find((each) => String(each) === text);
  if (found === undefined) throw new InvalidArgumentError(`a phase, ${PHASES.join(', ')}`);
  return found;
}
