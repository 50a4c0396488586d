import type { GateFacts } from './record.ts';
import { countText, durationText, listText, utcText } from './text.ts';
import { isWindowOpen, nextWindow } from './window.ts';

/** What a gate waits for besides checks and approvals. */
export interface GateCondition {
  readonly id: 'order' | 'promotion' | 'soak' | 'window' | 'elevation' | 'reviews' | 'checklist' | 'rollback';
  readonly title: string;
  readonly met: boolean;
  /** As the panel shows it, a few words. */
  readonly value: string;
  /** What to do about it, a sentence; empty while it is met. */
  readonly todo: string;
}

/** Conditions under which a gate is requested. */
export const REQUEST_CONDITIONS: readonly GateCondition['id'][] = ['order', 'promotion', 'soak', 'reviews', 'elevation'];
/** Conditions under which it is passed: all is asked again. */
export const EXECUTE_CONDITIONS: readonly GateCondition['id'][] = [...REQUEST_CONDITIONS, 'window'];

/** All conditions of a gate in the order of the panel; those that do not apply to it are left out. */
export const gateConditions = (facts: GateFacts): GateCondition[] =>
  [order(facts), ...promotion(facts), window(facts), elevation(facts), reviews(facts), checklist(facts), rollback(facts)].filter(
    (condition) => condition !== undefined,
  );

/** The first of `ids` that is not met. */
export const unmet = (facts: GateFacts, ids: readonly GateCondition['id'][]): GateCondition | undefined =>
  gateConditions(facts).find(({ id, met }) => !met && ids.includes(id));

const met = { met: true, todo: '' } as const;

function order({ phase, phaseBefore }: GateFacts): GateCondition | undefined {
  if (phaseBefore === 'first') return undefined;
  const title = `Phase ${phase - 1} completed here`;
  if (phaseBefore) return { id: 'order', title, ...met, value: utcText(phaseBefore.at) };
  return { id: 'order', title, met: false, value: 'not yet', todo: `Complete phase ${phase - 1} in this cluster first.` };
}

function promotion({ now, phase, planRevision, environmentBefore, rules }: GateFacts): GateCondition[] {
  if (environmentBefore === 'first') return [];
  const { environment, completion } = environmentBefore;
  const title = `Phase ${phase} completed in ${environment}`;
  const notYet = (value: string, todo: string): GateCondition[] => [{ id: 'promotion', title, met: false, value, todo }];
  if (!completion) return notYet('not yet', `Complete phase ${phase} in ${environment} first: it is promoted from there.`);
  if (completion.planRevision !== planRevision)
    return notYet(
      `on revision ${completion.planRevision} of the plan`,
      `The plan is at revision ${planRevision} now: complete phase ${phase} in ${environment} once more on it.`,
    );
  const promoted: GateCondition = { id: 'promotion', title, ...met, value: utcText(completion.at) };
  if (rules.soakMinutes === 0) return [promoted];
  const left = completion.at + rules.soakMinutes * 60_000 - now;
  const soak = { id: 'soak', title: `Soaked ${durationText(rules.soakMinutes * 60_000)} in ${environment}` } as const;
  if (left <= 0) return [promoted, { ...soak, ...met, value: 'yes' }];
  return [
    promoted,
    { ...soak, met: false, value: `${durationText(left)} left`, todo: `Wait ${durationText(left)} until it has soaked.` },
  ];
}

function window({ now, rules: { windows } }: GateFacts): GateCondition {
  const title = 'Window';
  if (windows.length === 0) return { id: 'window', title, ...met, value: 'any time' };
  if (isWindowOpen(windows, now)) return { id: 'window', title, ...met, value: 'open' };
  const next = nextWindow(windows, now);
  const when = next === undefined ? 'none' : utcText(next);
  return {
    id: 'window',
    title,
    met: false,
    value: `opens ${when}`,
    todo: `The gate may be passed within its window: the next one opens ${when}.`,
  };
}

function elevation({ now, rules, elevation: running }: GateFacts): GateCondition | undefined {
  if (!rules.elevation) return undefined;
  const title = 'Your elevation';
  if (running && running.endsAt > now)
    return { id: 'elevation', title, ...met, value: `${durationText(running.endsAt - now)} left` };
  return {
    id: 'elevation',
    title,
    met: false,
    value: 'none runs',
    todo: 'Ask for an elevation and have somebody else grant it.',
  };
}

function reviews({ openReviews }: GateFacts): GateCondition {
  const title = 'Reviews of broken glass';
  if (openReviews.length === 0) return { id: 'reviews', title, ...met, value: 'none open' };
  const where = listText(openReviews.map(({ phase, environment }) => `phase ${phase} in ${environment}`));
  return {
    id: 'reviews',
    title,
    met: false,
    value: countText(openReviews.length, 'open review'),
    todo: `Glass was broken for ${where}: an approver who did not break it has to review that first.`,
  };
}

function checklist({ steps: { done, total } }: GateFacts): GateCondition {
  const all = done >= total;
  const value = `${done} of ${total} steps`;
  return { id: 'checklist', title: 'Checklist', met: all, value, todo: all ? '' : 'Tick the steps that are done.' };
}

function rollback({ phase, evidence }: GateFacts): GateCondition {
  const check = evidence?.checks.find((each) => each.check === `${phase}.rollback`);
  const done = check?.status === 'pass';
  return {
    id: 'rollback',
    title: phase === 0 ? 'Rollback plan written' : 'Rollback rehearsed',
    met: done,
    value: done ? 'yes' : 'not stated',
    todo: done ? '' : `State it at check ${phase}.rollback.`,
  };
}
