import type { Console } from '#components/live/use-console.ts';
import { rangeMs } from '#components/live/range.ts';
import { type Asked, paramsOfAsked } from './question.ts';

/** Judging the traffic of minutes says little: a link to the what-if carries at least a day, unless a time or a capture was chosen. */
export const longEnough = (view: Pick<Console, 'range' | 'past' | 'capture'>): Record<string, string> =>
  view.past || view.capture !== null || rangeMs(view.range) >= 86_400_000 ? {} : { range: '24h' };

/** A link to the what-if with the smallest change for this question loaded; the link itself brings the question, so that it can be shared. */
export const tryHref = (view: Console, asked: Asked, set = 'in-force'): string =>
  view.hrefOf('policies/what-if', {
    load: 'allow',
    ...paramsOfAsked(asked),
    ...(set === 'in-force' ? {} : { set }),
    ...longEnough(view),
  });
