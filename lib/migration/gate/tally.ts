import type { GateRecord, StoredDecision } from './record.ts';

/** A decision with whether it counts as an approval now. */
export interface CountedDecision extends StoredDecision {
  readonly counts: boolean;
  /** Why it does not count; absent for what is no approval. */
  readonly void?: string;
}

export interface Tally {
  readonly decisions: readonly CountedDecision[];
  /** Approvals that count. */
  readonly approved: number;
  readonly needed: number;
  /** Teams that have to be among the approvers and are not yet. */
  readonly missingTeams: readonly string[];
  readonly reached: boolean;
}

type Counted = Pick<GateRecord, 'decisions' | 'evidenceHash' | 'state' | 'needed' | 'teams' | 'requestedBy' | 'contributors'>;

/** States whose approvals have come to nothing. */
const VOID: Readonly<Partial<Record<GateRecord['state'], string>>> = {
  stale: 'the evidence it was given on is not what holds now',
  expired: 'it is older than it may be',
  revoked: 'the approval of the gate was revoked',
  rejected: 'the request was rejected',
  withdrawn: 'the request was withdrawn',
};

/** Counts the approvals of a request: one for each person, on the evidence of the request, by nobody who asked for it or made its evidence. */
export function tally(record: Counted): Tally {
  const seen = new Set<string>();
  const decisions = record.decisions.map((decision): CountedDecision => {
    if (decision.decision !== 'approve') return { ...decision, counts: false };
    const problem = problemOf(record, decision, seen);
    seen.add(decision.by.subject);
    return problem === undefined ? { ...decision, counts: true } : { ...decision, counts: false, void: problem };
  });
  const counted = decisions.filter(({ counts }) => counts);
  const missingTeams = record.teams.filter((team) => !counted.some((decision) => decision.team === team));
  const approved = counted.length;
  return {
    decisions,
    approved,
    needed: record.needed,
    missingTeams,
    reached: approved >= record.needed && missingTeams.length === 0,
  };
}

function problemOf(record: Counted, decision: StoredDecision, seen: ReadonlySet<string>): string | undefined {
  const { subject } = decision.by;
  if (VOID[record.state] !== undefined) return VOID[record.state];
  if (decision.evidenceHash !== record.evidenceHash) return 'it was given on other evidence';
  if (subject === record.requestedBy.subject) return 'whoever requests a gate cannot approve it';
  if (record.contributors.includes(subject)) return 'whoever made the evidence cannot approve on it';
  if (seen.has(subject)) return 'it is the second of the same person';
  const later = record.decisions.slice(record.decisions.indexOf(decision) + 1);
  if (later.some(({ by, decision: word }) => by.subject === subject && word !== 'approve'))
    return 'it was taken back by a later decision';
  return undefined;
}

/** For which of their teams someone's approval speaks: one that is still missing, else one that the rules name, else any. */
export function teamOf(record: Counted, teams: readonly string[]): string {
  const { missingTeams } = tally(record);
  return missingTeams.find((team) => teams.includes(team)) ?? record.teams.find((team) => teams.includes(team)) ?? teams[0] ?? '';
}
