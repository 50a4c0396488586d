import type { CheckDefinition, CheckResult, Threshold } from '../check.ts';
import { durationText } from '../gate/text.ts';

interface Shown {
  /** Why it says so, a sentence. */
  readonly reason: string;
  readonly objects?: readonly string[];
  readonly figures?: Readonly<Record<string, number>>;
  /** When what it rests on was measured or uploaded: Unix milliseconds. */
  readonly at?: number;
}

/** What a check found before it is held against its threshold and its window. */
export type Measured =
  | (Shown & { readonly kind: 'unknown'; readonly missing: readonly string[]; readonly value?: string })
  /** Decided by the threshold. */
  | (Shown & { readonly kind: 'figure'; readonly figure: number; readonly value?: string })
  /** Decided in itself. */
  | (Shown & { readonly kind: 'verdict'; readonly passes: boolean; readonly value: string; readonly needs?: string })
  /** As `figure`; it held since then and not before. */
  | (Shown & { readonly kind: 'lasting'; readonly figure: number; readonly value?: string; readonly since: number | undefined });

export const unknown = (reason: string, ...missing: readonly string[]): Measured => ({ kind: 'unknown', reason, missing });

export interface DecideOptions {
  /** In place of the definition's. */
  readonly threshold: number | undefined;
  readonly windowMs: number | undefined;
  readonly now: number;
}

const MOST_OBJECTS = 100;

/** The result of a check: what was measured, held against threshold and window. Unknown never passes. */
export function decide(
  definition: CheckDefinition,
  measured: Measured,
  { threshold, windowMs, now }: DecideOptions,
): CheckResult {
  const limit = definition.threshold && { ...definition.threshold, value: threshold ?? definition.threshold.value };
  const needs = needsText(limit, windowMs);
  const shown = {
    check: definition.id,
    needs,
    reason: measured.reason,
    missing: measured.kind === 'unknown' ? [...measured.missing] : [],
    ...(measured.at !== undefined && { at: measured.at }),
    figures: { ...measured.figures, ...('figure' in measured && { value: measured.figure }) },
    objects: (measured.objects ?? []).slice(0, MOST_OBJECTS),
  };
  switch (measured.kind) {
    case 'unknown':
      return { ...shown, status: 'unknown', value: measured.value ?? '' };
    case 'verdict':
      return { ...shown, status: measured.passes ? 'pass' : 'fail', value: measured.value, needs: measured.needs ?? needs };
    case 'figure':
    case 'lasting': {
      if (!limit) throw new Error(`${definition.id} has a figure and no threshold`);
      const value = measured.value ?? figureText(measured.figure, limit);
      const holds = isWithin(measured.figure, limit);
      if (measured.kind === 'figure' || !holds) return { ...shown, status: holds ? 'pass' : 'fail', value };
      return { ...shown, value, ...lasting(measured.since, windowMs ?? 0, now, measured.reason) };
    }
  }
}

function lasting(since: number | undefined, windowMs: number, now: number, reason: string) {
  if (since === undefined) return { status: 'unknown' as const, reason: `${reason} It is not known since when.` };
  const left = since + windowMs - now;
  if (left <= 0) return { status: 'pass' as const, passingSince: since };
  return {
    status: 'unknown' as const,
    passingSince: since,
    reason: `${reason} It has to stay so for another ${durationText(left)}.`,
  };
}

export const isWithin = (figure: number, { comparison, value }: Threshold): boolean => {
  if (comparison === 'at least') return figure >= value;
  return comparison === 'at most' ? figure <= value : figure === value;
};

const SIGN = { 'at least': '≥ ', 'at most': '≤ ', equals: '' } as const;

/** `≥ 99.90 %`, `0 tuples for 24 h`, `all`; empty without a threshold. */
export function needsText(limit: Threshold | undefined, windowMs?: number): string {
  if (!limit) return '';
  // Nothing is below none, and nothing above all.
  const isEnd = (limit.comparison === 'at most' && limit.value === 0) || (limit.unit === '%' && limit.value === 100);
  const text = `${isEnd ? '' : SIGN[limit.comparison]}${numberText(limit.value, limit)}${unitText(limit.unit, limit.value)}`;
  return windowMs === undefined ? text : `${text} for ${durationText(windowMs)}`;
}

/** `at least 99.9 %`: the words that are hashed. */
export const thresholdText = (limit: Threshold | undefined): string =>
  limit ? `${limit.comparison} ${limit.value}${unitText(limit.unit)}` : '';

/** `99.84 %`: near a threshold with as many decimals as it takes to see on which side it is. */
export function figureText(figure: number, limit: Threshold): string {
  const holds = isWithin(figure, limit);
  for (const decimals of limit.unit === '%' || limit.unit === 'x' ? [2, 3, 4, 6] : [Number.isInteger(figure) ? 0 : 1, 3, 6]) {
    const text = figure.toFixed(decimals);
    if (isWithin(Number(text), limit) === holds) return `${grouped(text)}${unitText(limit.unit, figure)}`;
  }
  return `${figure}${unitText(limit.unit, figure)}`;
}

/** ` tuples`, ` %`; in the singular for one. */
function unitText(unit: Threshold['unit'], figure = 0): string {
  if (unit === '') return '';
  if (unit === 'x') return ' ×';
  return ` ${figure === 1 ? unit.replace(/s$/, '') : unit}`;
}

const numberText = (value: number, { unit }: Threshold): string =>
  unit === '%' && !Number.isInteger(value) ? value.toFixed(2) : grouped(String(value));
const grouped = (text: string): string => {
  const [whole = '', rest] = text.split('.');
  const parts = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return rest === undefined ? parts : `${parts}.${rest}`;
};
