import 'server-only';
import { replayedOf } from '#lib/audit/compare.ts';
import { type Reach, reachOf } from '#lib/audit/reach.ts';
import type { AskOf } from '../asks.ts';
import type { Desk } from '../desk.ts';

interface Answer extends Reach {
  readonly level: 'namespace' | 'workload';
  readonly from: number;
  readonly to: number;
}

/** Who may reach whom by the set in force or a candidate, over what was seen. */
export async function answerReach(desk: Desk, cluster: string, { query, candidate, traffic }: AskOf<'reach'>): Promise<Answer> {
  const input = await desk.input(cluster, traffic);
  const { compiled } = candidate ? desk.candidate(cluster, candidate) : desk.inForce(cluster);
  const { level, namespace } = query;
  return { level, from: input.from, to: input.to, ...reachOf(compiled, replayedOf(input), { level, namespace }) };
}
