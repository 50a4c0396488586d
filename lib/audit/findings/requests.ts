import type { PolicyRef } from '#lib/policy/model.ts';
import { sideOf, type JudgedTuple } from '../agreement.ts';
import type { FindingKind } from '../finding-kinds.ts';
import { evidenceOf, groupTuples, type TupleRule } from '../finding.ts';

/** Requests that a proxy let through although no rule of the policies on that port matches them. */
export const l7OutsidePolicy: TupleRule = ({ tuples }) => requestsOf('l7-outside-policy', tuples);

/** Requests that a proxy denied. */
export const l7Denied: TupleRule = ({ tuples }) => requestsOf('l7-denied', tuples);

const requestsOf = (kind: FindingKind, tuples: readonly JudgedTuple[]) =>
  groupTuples(
    tuples.filter(({ finding }) => finding === kind),
    ({ l7 }) => l7,
  ).map((group) => {
    const [{ port, l7 }] = group;
    return { kind, ...evidenceOf(group), port, ...(l7 && { l7 }), rulesOf: rulesOf(group[0]) };
  });

/** A request is put to the rules of all policies that allow its connection; were one of them without rules, every request would pass. */
const rulesOf = (tuple: JudgedTuple): readonly PolicyRef[] => tuple.expected?.[sideOf(tuple)].matchAllow ?? [];

/** Requests that a proxy failed to serve; which requests does not matter. */
export const proxyErrors: TupleRule = ({ tuples }) =>
  groupTuples(tuples.filter(({ finding }) => finding === 'proxy-error')).map((group) => ({
    kind: 'proxy-error',
    ...evidenceOf(group),
    port: group[0].port,
  }));
