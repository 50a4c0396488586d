import type { JudgedTuple } from '../agreement.ts';
import { evidenceOf, groupTuples, MOST_UUIDS, type TupleRule } from '../finding.ts';

/** So many connections of a pair and port, in the whole recording, are few. */
export const RARE_CONNECTIONS = 2;

/**
 * Allowed, by policy and in fact, and seen at most twice. Connections are counted by their policy verdicts, at the end that made more of them: an
 * end outside the cluster makes none, and where events are lost one end may have seen what the other did not.
 */
export const rareEdges: TupleRule = ({ tuples }) =>
  groupTuples(tuples.filter(({ event }) => event === 'policy-verdict' || event === 'drop')).flatMap((group) => {
    if (!group.every(isAllowed)) return [];
    const [first, ...rest] = counted(group);
    if (!first) return [];
    const { source, destination, protocol, flows, first: from, last, tuples: _, uuids } = evidenceOf([first, ...rest]);
    if (flows > RARE_CONNECTIONS) return [];
    const ends = { source, ...(destination && { destination }), protocol: protocol ?? null, port: first.port };
    return [{ kind: 'rare-edge', ...ends, connections: flows, flows, first: from, last, uuids: uuids.slice(0, MOST_UUIDS) }];
  });

const isAllowed = ({ event, agree, observed, expected }: JudgedTuple): boolean =>
  event === 'drop'
    ? agree === 'not judgeable'
    : agree === true && /^(FORWARDED|REDIRECTED)$/.test(observed.verdict) && expected?.verdict === 'allowed';

/** The verdicts of the end that counted more; of the destination where both counted as many. */
function counted(group: readonly JudgedTuple[]): readonly JudgedTuple[] {
  const verdicts = group.filter(({ event }) => event === 'policy-verdict');
  const ends = (['INGRESS', 'EGRESS'] as const).map((end) => verdicts.filter(({ direction }) => direction === end));
  const [most = []] = ends.toSorted((a, b) => flowsOf(b) - flowsOf(a));
  return most;
}

const flowsOf = (tuples: readonly JudgedTuple[]): number => tuples.reduce((sum, { count }) => sum + count, 0);
