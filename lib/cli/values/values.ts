import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { visibleText } from '#lib/flow/text.ts';
import type { Method, Phase, Route } from '#lib/migration/model.ts';
import { currentValuesOf, valuesFactsOf } from '#lib/preflight/values/facts.ts';
import { generateValues } from '#lib/preflight/values/generate.ts';
import type { GeneratedValues, Stage } from '#lib/preflight/values/model.ts';
import { parseVersion } from '#lib/preflight/versions.ts';
import { type InputOptions, readInputs } from '../preflight/inputs.ts';
import type { ValuesFormat } from './formats.ts';

export interface ValuesCommandOptions extends Pick<
  InputOptions,
  'values' | 'application' | 'nodes' | 'objects' | 'agentConf' | 'ciliumStatus' | 'targetVersion'
> {
  readonly phase: Phase;
  readonly method: Method;
  readonly route: Route;
  readonly stage: Stage;
  readonly format: ValuesFormat;
  readonly out?: string;
}

type Say = (line: string) => void;

/**
 * `causeway values`: Helm values for a phase from files. What is missing, and what else to know, goes to `complain`. Gives the exit status: 0, or 3
 * while a fact is missing and stands as `<name>`. Throws `bad-input` for what cannot be read.
 */
export async function valuesFor(options: ValuesCommandOptions, say: Say, complain: Say): Promise<0 | 3> {
  const { phase, method, route, stage } = options;
  const inputs = await readInputs(options, Date.now());
  const current = currentValuesOf(inputs, options.values ?? options.application);
  const target = parseVersion(options.targetVersion ?? inputs.target ?? inputs.version ?? '');
  const generated = generateValues({
    phase,
    stage,
    facts: valuesFactsOf(inputs),
    choices: { method, route },
    ...(target && { target }),
    ...(current && { current }),
  });
  if (options.out === undefined) say(textOf(generated, options.format));
  else writeAll(options.out, generated, say);
  for (const { path, why } of generated.notes.filter(({ value }) => value === '')) complain(`${visibleText(path)}: ${why}`);
  for (const { name, hint } of generated.missing) complain(`<${name}> is not known: ${hint}`);
  return generated.missing.length > 0 ? 3 : 0;
}

function textOf(generated: GeneratedValues, format: ValuesFormat): string {
  switch (format) {
    case 'values':
      return generated.values.trimEnd();
    case 'application':
      return generated.application.trimEnd();
    case 'manifests':
      return generated.manifests.map(({ why, yaml }) => `# ${why}\n${yaml.trimEnd()}`).join('\n---\n');
    case 'diff':
      if (!generated.diff)
        throw new CausewayError('bad-input', 'there is nothing to compare with: give --values or --objects with cilium-config');
      return generated.diff.text.trimEnd();
    case 'json':
      return JSON.stringify(generated, null, 2);
  }
}

/** One file each into a folder. */
function writeAll(folder: string, { values, application, manifests, diff }: GeneratedValues, say: Say): void {
  const files: readonly (readonly [string, string])[] = [
    ['values.yaml', values],
    ['application.yaml', application],
    ...(manifests.length > 0 ? ([['manifests.yaml', manifests.map(({ yaml }) => yaml).join('---\n')]] as const) : []),
    ...(diff && diff.text !== '' ? ([['values.diff', diff.text]] as const) : []),
  ];
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of files) {
      const file = join(folder, name);
      writeFileSync(file, text);
      say(file);
    }
  } catch (error) {
    throw new CausewayError('bad-input', `cannot write into ${folder}: ${messageOf(error)}`, { cause: error });
  }
}
