import 'server-only';
import { suggestPolicies } from '#lib/audit/suggest/suggest.ts';
import type { SuggestedSet } from '#lib/audit/suggest/suggestion.ts';
import type { AskOf } from '../asks.ts';
import type { Desk } from '../desk.ts';

/** The least set of policies that allows what was seen of a scope. */
export async function answerSuggest(desk: Desk, cluster: string, { input, traffic }: AskOf<'suggest'>): Promise<SuggestedSet> {
  const { namespace, workload, directions, l7 } = input;
  const seen = await desk.input(cluster, traffic);
  return suggestPolicies(
    seen,
    { namespace, ...(workload !== undefined && { workload }), directions, l7 },
    desk.inForce(cluster).compiled,
  );
}
