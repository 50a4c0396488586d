import { countText, listText } from './gate/text.ts';
import type { CheckStatus } from './model.ts';

export interface RiskCheck {
  readonly title: string;
  readonly status: CheckStatus;
}

export interface RiskStanding {
  readonly state: 'open' | 'watched' | 'happened' | 'closed';
  /** What it rests on, a sentence. */
  readonly stateReason: string;
}

/**
 * How a risk stands. A check that fails says that it has come true, whatever a person said before; one that is unknown keeps it open unless a person
 * watches it; only when all pass, or there is none, is a person's word the last one.
 */
export function riskStateOf(checks: readonly RiskCheck[], said: 'watched' | 'closed' | undefined): RiskStanding {
  const failing = checks.filter(({ status }) => status === 'fail');
  if (failing.length > 0)
    return { state: 'happened', stateReason: `${titlesOf(failing)} ${failing.length === 1 ? 'fails' : 'fail'}.` };
  const unknown = checks.filter(({ status }) => status === 'unknown');
  const by = checks.length === 0 ? 'No check shows it.' : `${countText(checks.length, 'check')} of it passed.`;
  if (unknown.length > 0) {
    const reason = `It is not known what ${titlesOf(unknown)} says.`;
    return said === undefined || said === 'closed'
      ? { state: 'open', stateReason: said === 'closed' ? `${reason} Closed by a person before.` : reason }
      : { state: said, stateReason: `${reason} Watched by a person.` };
  }
  if (said === undefined) return { state: checks.length === 0 ? 'open' : 'watched', stateReason: by };
  return { state: said, stateReason: `${by} A person says that it is ${said}.` };
}

const titlesOf = (checks: readonly RiskCheck[]): string => listText(checks.map(({ title }) => `“${title}”`));
