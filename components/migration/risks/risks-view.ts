import type { RiskEntry } from '#lib/api/migration.ts';
import type { Phase } from '#lib/migration/model.ts';
import { LEVELS, type Level } from '#lib/migration/plan/model.ts';
import { compareText } from '#components/ui/compare-text.ts';

/** What the page of risks shows of the register. Pure. */

export const RISK_STATES = ['happened', 'open', 'watched', 'closed'] as const satisfies readonly RiskEntry['state'][];
export type RiskState = (typeof RISK_STATES)[number];

export const SHOWN_RISKS = ['all', ...RISK_STATES] as const;
export type ShownRisks = (typeof SHOWN_RISKS)[number];

/** 1 to 9: likelihood times impact, low being 1 and high 3. */
export const weightOf = ({ likelihood, impact }: Pick<RiskEntry, 'likelihood' | 'impact'>): number =>
  rankOf(likelihood) * rankOf(impact);

export const rankOf = (level: Level): number => LEVELS.indexOf(level) + 1;

/** What has come true first, then what is open, watched and closed; within each the weightier first. */
export const inOrder = (risks: readonly RiskEntry[]): RiskEntry[] =>
  risks.toSorted(
    (a, b) =>
      RISK_STATES.indexOf(a.state) - RISK_STATES.indexOf(b.state) || weightOf(b) - weightOf(a) || compareText(a.title, b.title),
  );

/** Risks of a phase (all of them for null), in one state. */
export const filterRisks = (risks: readonly RiskEntry[], phase: Phase | null, state: ShownRisks): RiskEntry[] =>
  risks.filter((risk) => (phase === null || risk.phases.includes(phase)) && (state === 'all' || risk.state === state));

export const countStates = (risks: readonly RiskEntry[]): Readonly<Record<ShownRisks, number>> => {
  const count = (state: RiskState) => risks.filter((risk) => risk.state === state).length;
  return {
    all: risks.length,
    happened: count('happened'),
    open: count('open'),
    watched: count('watched'),
    closed: count('closed'),
  };
};
