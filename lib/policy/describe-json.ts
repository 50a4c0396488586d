import { isRecord } from './schema/problems.ts';

/** A value of a policy object as the API server gives it: anything may be missing or of another type. */
export type Json = Readonly<Record<string, unknown>>;

/** The mapping at `key`; an empty one where there is none. */
export const jsonAt = (value: unknown, key: string): Json => {
  const found = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return isRecord(found) ? found : {};
};

/** The list at `key`; undefined where there is none, so that an empty list can be told from absence. */
export const listAt = (value: unknown, key: string): readonly unknown[] | undefined => {
  const found = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return Array.isArray(found) ? found : undefined;
};

/** The mappings of the list at `key`. */
export const jsonsAt = (value: unknown, key: string): Json[] => (listAt(value, key) ?? []).filter(isRecord);

/** The text (or number, as text) at `key`; empty where there is none. */
export const textAt = (value: unknown, key: string): string => {
  const found = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return typeof found === 'string' || typeof found === 'number' ? String(found) : '';
};

/** The strings of the list at `key`. */
export const textsAt = (value: unknown, key: string): string[] =>
  (listAt(value, key) ?? []).filter((item) => typeof item === 'string');

/** What stands at a path such as `specs[1].egress[0]`. */
export function atPath(value: unknown, path: string): unknown {
  let found = value;
  for (const [, key, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    if (index !== undefined) found = Array.isArray(found) ? found[Number(index)] : undefined;
    else found = isRecord(found) && key !== undefined && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return found;
}
