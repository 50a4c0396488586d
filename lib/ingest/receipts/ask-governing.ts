import 'server-only';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Flow } from '#lib/flow/flow.ts';
import type { Judge } from '../judge/judge.ts';
import type { JudgedFacts } from '../judge/source.ts';
import type { AskEngine } from './governing.ts';

/** Has the judge's thread say which policies govern flows. Throws `not-configured` while the cluster's policies are not known. */
export async function askGoverning(
  judge: Judge,
  cluster: string,
  facts: JudgedFacts | undefined,
  flows: readonly Flow[],
  signal: AbortSignal,
): ReturnType<AskEngine> {
  if (!facts) throw new CausewayError('not-configured', 'the policies of this cluster are not known');
  const body = await judge.ask(cluster, facts, { kind: 'governing', flows }, signal);
  return JSON.parse(new TextDecoder().decode(body)) as Awaited<ReturnType<AskEngine>>; // from our own thread: see `answers/governing.ts`
}
