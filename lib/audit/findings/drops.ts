import { sideOf, type JudgedTuple } from '../agreement.ts';
import type { FindingKind } from '../finding-kinds.ts';
import { evidenceOf, groupTuples, union, type Finding, type TupleRule } from '../finding.ts';
import { scansIn } from './port-scan.ts';

/** Denied by a deny rule, as policy wants it; a port scan is not told again. */
export const denyRuleDrops: TupleRule = ({ tuples }) => {
  const denied = dropsOf('deny-rule-drop', tuples, notScanned(tuples));
  return denied.map((finding) => ({
    ...finding,
    deniedBy: union((finding.tuples ?? []).flatMap((tuple) => tuple.expected?.[sideOf(tuple)].matchDeny ?? [])),
  }));
};

/** Denied because no rule allows it, as policy wants it; a port scan is not told again. */
export const defaultDenyDrops: TupleRule = ({ tuples }) => dropsOf('default-deny-drop', tuples, notScanned(tuples));

/** Held until both ends have authenticated. */
export const authRequiredDrops: TupleRule = ({ tuples }) => dropsOf('auth-required-drop', tuples);

/** Dropped for a reason that is no policy decision. */
export const dropsNotByPolicy: TupleRule = ({ tuples }) => dropsOf('drop-not-policy', tuples);

/** Denied by policy, but only reported. */
export const auditVerdicts: TupleRule = ({ tuples }) => dropsOf('audit-verdict', tuples);

/** What was seen does not follow from policy, and no other kind says why. */
export const unexplained: TupleRule = ({ tuples }) => dropsOf('unexplained', tuples);

function notScanned(tuples: readonly JudgedTuple[]): (tuple: JudgedTuple) => boolean {
  const scanned = new Set(scansIn(tuples).flat());
  return (tuple) => !scanned.has(tuple);
}

const dropsOf = (
  kind: FindingKind,
  tuples: readonly JudgedTuple[],
  isMeant: (tuple: JudgedTuple) => boolean = () => true,
): Finding[] =>
  groupTuples(
    tuples.filter((tuple) => tuple.finding === kind && isMeant(tuple)),
    ({ observed }) => observed.dropReason,
  ).map((group) => {
    const [{ port, observed, expected }] = group;
    const reason = kind === 'unexplained' ? expected?.[sideOf(group[0])].reason : undefined;
    return {
      kind,
      ...evidenceOf(group),
      port,
      ...(observed.dropReason !== undefined && { dropReason: observed.dropReason }),
      ...(reason && { expectedReason: reason }),
    };
  });
