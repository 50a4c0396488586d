import type { PolicyProblem } from '../model.ts';
import { type Path, pathText } from './path.ts';

export type Layer = PolicyProblem['layer'];

/** Collects what is wrong with one object. */
export class Problems {
  readonly all: PolicyProblem[] = [];

  /** Adds a problem of each of `layers`. */
  add(layers: Layer | readonly Layer[], problem: string, path: Path | undefined, message: string): void {
    for (const layer of typeof layers === 'string' ? [layers] : layers)
      this.all.push({ layer, class: problem, message, path: pathText(path) });
  }
}

/** A JSON object; what is none counts as empty: that it is none is a problem of the form. */
export const recordOf = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : NOTHING);
const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A JSON list; `null`, absence and other values count as empty. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : NO_ITEMS);
const NO_ITEMS: readonly unknown[] = Object.freeze([]);

/** A text as the agent decodes it: `null` and absence are the empty text. Undefined for values that are no text: they fail in decoding. */
export const textOf = (value: unknown): string | undefined =>
  value === null || value === undefined ? '' : typeof value === 'string' ? value : undefined;

/** For a message: a short text in quotes, or what kind of value it is. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return 'a list';
  if (isRecord(value)) return 'a mapping';
  return String(value);
}
