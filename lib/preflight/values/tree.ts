import type { JsonRecord } from '#lib/flow/json-record.ts';
import { isRecord } from '#lib/policy/schema/problems.ts';
import type { Setting } from './model.ts';

const DEEPEST = 40;

/** Values with `settings` over what was there; settings stand first, in their order. */
export function valuesWith(settings: readonly Setting[], base: JsonRecord = {}): JsonRecord {
  const own = settings.reduce<JsonRecord>((values, { path, value }) => placed(values, path.split('.'), value), {});
  return merged(own, base, 0);
}

function placed(values: JsonRecord, [key = '', ...rest]: readonly string[], value: unknown): JsonRecord {
  const inner = Object.hasOwn(values, key) ? values[key] : undefined;
  const member = rest.length === 0 ? value : placed(isRecord(inner) ? inner : {}, rest, value);
  return Object.fromEntries([...Object.entries(values).filter(([name]) => name !== key), [key, member]]);
}

/** `over` wins; where both are mappings they become one. */
function merged(over: JsonRecord, base: JsonRecord, depth: number): JsonRecord {
  if (depth > DEEPEST) return over;
  const own = Object.entries(over).map(([key, value]): [string, unknown] => {
    const below = Object.hasOwn(base, key) ? base[key] : undefined;
    return [key, isRecord(value) && isRecord(below) ? merged(value, below, depth + 1) : value];
  });
  const others = Object.entries(base).filter(([key]) => !Object.hasOwn(over, key));
  return Object.fromEntries([...own, ...others]);
}

/** The same values with their keys in the order of `like`, so that a comparison line by line shows what changed and not what stands elsewhere. */
export function inOrderOf(values: JsonRecord, like: JsonRecord, depth = 0): JsonRecord {
  if (depth > DEEPEST) return values;
  const keys = new Set([...Object.keys(like).filter((key) => Object.hasOwn(values, key)), ...Object.keys(values)]);
  return Object.fromEntries(
    [...keys].map((key): [string, unknown] => {
      const [value, other] = [values[key], Object.hasOwn(like, key) ? like[key] : undefined];
      return [key, isRecord(value) && isRecord(other) ? inOrderOf(value, other, depth + 1) : value];
    }),
  );
}

/** The value at a path; undefined where there is none. */
export function valueAt(values: JsonRecord, path: string): unknown {
  let value: unknown = values;
  for (const key of path.split('.')) value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

/** The values without what stands at a path. */
export const withoutPath = (values: JsonRecord, path: string): JsonRecord => removed(values, path.split('.'));

function removed(values: JsonRecord, [key = '', ...rest]: readonly string[]): JsonRecord {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, member]) => {
      if (name !== key) return [[name, member]];
      return rest.length > 0 && isRecord(member) ? [[name, removed(member, rest)]] : [];
    }),
  );
}

/** Leaves by their path; a list is one leaf, as it is replaced as a whole by Helm. Empty mappings say nothing. */
export function leavesOf(values: JsonRecord): Map<string, string> {
  const leaves = new Map<string, string>();
  collect(values, [], leaves);
  return leaves;
}

function collect(value: unknown, path: readonly string[], leaves: Map<string, string>): void {
  if (isRecord(value) && path.length <= DEEPEST) {
    for (const [key, member] of Object.entries(value)) collect(member, [...path, key], leaves);
    return;
  }
  if (value === null || value === undefined) return;
  leaves.set(path.map(segment).join('.'), leafText(value));
}

/** A key with a dot in it (a label) is written in brackets, so that it is no path. */
const segment = (key: string): string => (/[.[\]]/.test(key) ? `[${key}]` : key);

/** `"false"` and `false` are the same to the chart. */
export const leafText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
