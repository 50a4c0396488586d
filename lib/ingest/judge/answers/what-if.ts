import 'server-only';
import type { WhatIfReport } from '#lib/api/what-if.ts';
import { compareSets } from '#lib/audit/compare.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { problemsOf } from '#lib/policy/validate.ts';
import type { AskOf } from '../asks.ts';
import type { Desk, JudgedCandidate } from '../desk.ts';

/** What a candidate changes for the traffic of a window. */
export async function answerWhatIf(
  desk: Desk,
  cluster: string,
  { candidate, limit, traffic }: AskOf<'what-if'>,
): Promise<unknown> {
  const input = await desk.input(cluster, traffic);
  const started = performance.now();
  const base = desk.inForce(cluster);
  const judged = desk.candidate(cluster, candidate);
  const comparison = compareSets(input, base, judged, { limit });
  return {
    ...comparison,
    problems: problemsIn(judged, desk.facts(cluster).world.config),
    judgedMs: Math.round((performance.now() - started) * 10) / 10,
  } satisfies Loose<WhatIfReport>;
}

/** What Cilium would say of the policies as they were written, with their places. */
function problemsIn({ text }: JudgedCandidate, config: Parameters<typeof problemsOf>[1]): WhatIfReport['problems'] {
  return text.objects.flatMap(({ object, placeOf }) =>
    problemsOf(object, config).map((problem) => {
      const place = problem.place ?? placeOf(problem.path);
      return { ...problem, policy: refOf(object), ...(place && { place: { ...place } }) };
    }),
  );
}

/** A contract's answer, its lists as they are made: read only. */
type Loose<T> = T extends readonly (infer E)[]
  ? readonly Loose<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Loose<T[K]> }
    : T;
