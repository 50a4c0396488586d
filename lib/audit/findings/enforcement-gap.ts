import { sideOf } from '../agreement.ts';
import { evidenceOf, groupTuples, union, type TupleRule } from '../finding.ts';

/**
 * A policy verdict let a connection through that policy denies, with the traces and requests that follow from it. Replies, packets of older connections
 * and endpoints that only audit are none: they are judged by what began them (`agreement.ts`).
 */
export const enforcementGaps: TupleRule = ({ tuples, policies, revisions }) =>
  groupTuples(tuples.filter(({ finding }) => finding === 'enforcement-gap')).map((group) => {
    const [tuple] = group;
    const { observedPolicies = [], ...evidence } = evidenceOf(group);
    const reason = tuple.expected?.[sideOf(tuple)].reason;
    return {
      kind: 'enforcement-gap',
      ...evidence,
      port: tuple.port,
      observedPolicies,
      policiesNotInCluster: union(observedPolicies.filter((policy) => !policies.has(policy))),
      ...(reason && { expectedReason: reason }),
      revisions,
    };
  });
