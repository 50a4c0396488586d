import 'server-only';
import type { GeneratedValues } from '#lib/api/preflight.ts';
import { currentValuesOf, valuesFactsOf } from '#lib/preflight/values/facts.ts';
import { generateValues } from '#lib/preflight/values/generate.ts';
import { parseVersion } from '#lib/preflight/versions.ts';
import type { AskOf } from '../asks.ts';
import { knownCluster } from '../cluster-inputs.ts';
import type { Desk } from '../desk.ts';

/** Helm values and Application of a phase from the cluster's facts, with a diff to what runs. */
export async function answerValues(
  desk: Desk,
  cluster: string,
  { cluster: now, phase, stage, choices }: AskOf<'values'>,
): Promise<GeneratedValues> {
  const { inputs, files } = await knownCluster(desk, cluster, now);
  const target = parseVersion(inputs.target ?? inputs.version ?? '');
  const name = (files.get('helm-values') ?? files.get('argocd-application'))?.fileName;
  const current = currentValuesOf(inputs, name);
  return generateValues({
    phase,
    stage,
    facts: valuesFactsOf(inputs),
    choices,
    ...(target && { target }),
    ...(current && { current }),
  }) as GeneratedValues; // the same, but for its readonly lists
}
