import type { GateState } from '../model.ts';
import { DECIDING_STATES, type GateMover } from './edges.ts';
import type { GateFacts, GateRecord } from './record.ts';
import { CLOCK_SLACK_MS, GLASS_MS } from './rules.ts';
import { tally } from './tally.ts';
import { durationText } from './text.ts';

/** What became of a request without anybody's command. */
export interface Lapse {
  readonly to: GateState;
  readonly by: GateMover;
  readonly reason: string;
}

/** What time, changed evidence or changed rules have made of an open request; undefined while it still stands. */
export function lapseOf(record: GateRecord, facts: GateFacts): Lapse | undefined {
  const setBack = isSetBack(record, facts.now);
  if (record.state === 'executing' && record.brokenGlass && (setBack || facts.now >= record.stateSince + GLASS_MS)) {
    return { to: 'failed', by: 'glass-ends', reason: `broken glass lasts ${durationText(GLASS_MS)} and nobody began to verify` };
  }
  if (!DECIDING_STATES.has(record.state)) return undefined;
  const changed = setBack ? 'the clock of the database was set back after the request' : changeOf(record, facts);
  if (changed !== undefined) return { to: 'stale', by: 'go-stale', reason: changed };
  if (facts.now < record.expiresAt) return undefined;
  const left = record.state === 'approved' ? 'passed' : 'decided';
  return { to: 'expired', by: 'expire', reason: `it was not ${left} within ${durationText(record.ttlMinutes * 60_000)}` };
}

/** Whether something was written for the request at a time that has not come yet: a clock that is set back lengthens nothing. */
const isSetBack = ({ requestedAt, stateSince, decisions }: GateRecord, now: number): boolean =>
  Math.max(requestedAt, stateSince, ...decisions.map(({ at }) => at)) > now + CLOCK_SLACK_MS;

function changeOf(record: GateRecord, facts: GateFacts): string | undefined {
  const { evidence, rules } = facts;
  if (facts.migration !== record.migration || facts.environment !== record.environment)
    return 'the cluster took another place after the request';
  if (evidence?.hash !== record.evidenceHash) return 'the evidence changed after the request';
  if (facts.planVersion !== record.planVersion || facts.planRevision !== record.planRevision)
    return 'the plan of the migration was changed after the request';
  if (facts.phaseBefore === undefined) return `phase ${facts.phase - 1} is not completed here any more`;
  if (facts.environmentBefore !== 'first' && !facts.environmentBefore.completion)
    return `phase ${facts.phase} is not completed in ${facts.environmentBefore.environment} any more`;
  if (rules.approvals !== record.needed || rules.ttlMinutes !== record.ttlMinutes || !sameTeams(rules.teams, record.teams))
    return 'the rules of this gate were changed after the request';
  const turned = tally(record).decisions.find(({ counts, by }) => counts && evidence.contributors.includes(by.subject));
  return turned && `${turned.by.name} approved, and made evidence of this phase afterwards`;
}

const sameTeams = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((team) => b.includes(team));
