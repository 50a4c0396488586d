/** Reading of protobuf JSON from anywhere: nothing is trusted to have the type it should have, and nothing throws. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** An object that is no array; `undefined` for all else. */
export const recordOf = (value: unknown): JsonRecord | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : undefined;

/** The field `name` (snake_case, the proto's own) or its lowerCamelCase spelling. Own fields only: `constructor` is no field. */
export function field(record: JsonRecord | undefined, name: string): unknown {
  if (record === undefined) return undefined;
  if (Object.hasOwn(record, name)) return record[name];
  const camel = camelOf(name);
  return camel !== name && Object.hasOwn(record, camel) ? record[camel] : undefined;
}

const camels = new Map<string, string>();

function camelOf(name: string): string {
  const known = camels.get(name);
  if (known !== undefined) return known;
  const camel = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  camels.set(name, camel);
  return camel;
}

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A number, or a 64-bit number as a string; 0 for anything else. */
export function numberOf(value: unknown): number {
  const number = typeof value === 'string' && value !== '' && value.length <= 24 ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : 0;
}

/** `true`, `false`, or undefined for anything else (an absent wrapper). */
export const booleanOf = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Told of an enum value or field that this version does not know. */
export type OnUnknown = (what: string) => void;

/** A value of a protobuf enum whose numbers are the places in `names`; the zero value, counted, for one of a newer version. */
export function enumOf<const Names extends readonly [string, ...string[]]>(
  names: Names,
  value: unknown,
  what: string,
  onUnknown: OnUnknown | undefined,
): Names[number] {
  if (value === undefined || value === null) return names[0];
  const name = typeof value === 'number' ? names[value] : names.find((known) => known === value);
  if (name === undefined) onUnknown?.(`${what} ${JSON.stringify(value).slice(0, 64)}`);
  return name ?? names[0];
}
