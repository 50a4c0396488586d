import type { CheckDefinition, Threshold } from '../check.ts';

/** Preflight check `number` as a check of phase `phase`: `1.preflight-17`. */
export const preflight = (
  phase: number,
  number: number,
  title: string,
  demand: CheckDefinition['demand'] = 'must',
  more: Pick<CheckDefinition, 'method'> = {},
): CheckDefinition => ({
  id: `${phase}.preflight-${number}`,
  title,
  kind: 'configuration',
  source: `preflight ${number}`,
  why: `Preflight check ${number} knows the ways in which this went wrong elsewhere.`,
  demand,
  preflight: number,
  ...more,
});

const HOUR = 3_600_000;
export const DAY_MS = 24 * HOUR;

export const atLeast = (value: number, unit: Threshold['unit']): Threshold => ({ comparison: 'at least', value, unit });
export const atMost = (value: number, unit: Threshold['unit']): Threshold => ({ comparison: 'at most', value, unit });
export const equals = (value: number, unit: Threshold['unit']): Threshold => ({ comparison: 'equals', value, unit });

/** Drops that are not the policies' doing, against the same hours before the phase began. */
export const dropsAgainstBefore = (phase: number): CheckDefinition => ({
  id: `${phase}.drops`,
  title: 'Other drops against before',
  kind: 'traffic',
  source: 'traffic',
  why: 'A change of the datapath shows as packets lost for reasons that no policy names.',
  demand: 'must',
  threshold: atMost(1.2, 'x'),
});

/** Every node's flows reach the console: what is not seen cannot pass. */
export const nodesReporting = (phase: number): CheckDefinition => ({
  id: `${phase}.nodes`,
  title: 'Nodes reporting',
  kind: 'traffic',
  source: 'relay',
  why: 'Figures over traffic are worth what share of the nodes they come from.',
  demand: 'must',
  threshold: atLeast(100, '%'),
});

/** AUDIT tuples that no policy in force explains. */
export const auditTuples = (phase: number): CheckDefinition => ({
  id: `${phase}.audit`,
  title: 'AUDIT tuples unexplained',
  kind: 'traffic',
  source: 'traffic',
  why: 'Each of them is a connection that enforcement would cut.',
  demand: 'must',
  threshold: atMost(0, 'tuples'),
  windowMs: DAY_MS,
});

/** What the candidate sets that are watched, or else the policies in force, would newly deny of a week's traffic. */
export const wouldDeny = (phase: number): CheckDefinition => ({
  id: `${phase}.would-deny`,
  title: 'Would-deny tuples, 7 d',
  kind: 'traffic',
  source: 'what-if',
  why: 'Traffic that was seen working and that the policies do not allow.',
  demand: 'must',
  threshold: atMost(0, 'tuples'),
});

/** The way back was walked once before anybody needs it. */
export const rollbackRehearsed = (phase: number): CheckDefinition => ({
  id: `${phase}.rollback`,
  title: 'Rollback rehearsed in DEV',
  kind: 'attestation',
  source: 'attested',
  why: 'A rollback that nobody has tried is a hope.',
  demand: 'must',
  statement: 'The rollback of this phase is written down for this cluster, and was rehearsed in DEV:',
});
