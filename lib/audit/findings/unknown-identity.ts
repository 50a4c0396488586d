import { evidenceOf, groupTuples, type TupleRule } from '../finding.ts';

/**
 * A numeric identity of the cluster's own range that no CiliumIdentity has (`isUnknownIdentity`). Reserved identities, those that agents make for outside
 * addresses, those of other clusters of a mesh and those deleted within the hour are none.
 */
export const unknownIdentities: TupleRule = ({ tuples }) =>
  groupTuples(tuples.filter(({ finding }) => finding === 'unknown-identity')).map((group) => ({
    kind: 'unknown-identity',
    ...evidenceOf(group),
    port: group[0].port,
  }));
