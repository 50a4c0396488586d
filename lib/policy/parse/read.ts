/** Where the entries of mappings and lists stand: for each of them the offsets of its keys or elements in the text, in the order of `Object.keys`. */
export type Places = WeakMap<object, readonly number[]>;

/** Something that is wrong in a document, at an offset of its text. */
export interface Fault {
  readonly message: string;
  readonly offset: number;
  /** The text has no sure meaning at all; otherwise only the object in which it stands is refused. */
  readonly isFatal: boolean;
}

/** One document, read: plain JSON values. The value means nothing where a fault is fatal. */
export interface ReadDocument {
  readonly value: unknown;
  readonly places: Places;
  readonly faults: readonly Fault[];
  /** Offset of the first and behind the last character of each mapping, and of lists in YAML: to cut an object out of a list. */
  readonly ends: WeakMap<object, readonly [start: number, end: number]>;
}

/** Values nested deeper than policies ever are. */
export const MAX_DEPTH = 100;
/** Values of one document, aliases counted by what they stand for. */
export const MAX_VALUES = 5_000_000;

export const fatal = (message: string, offset: number): ReadDocument => ({
  value: undefined,
  places: new WeakMap(),
  ends: new WeakMap(),
  faults: [{ message, offset, isFatal: true }],
});

/** Sets a field as data, whatever its name: `__proto__` is a label like any other. */
export function setField(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
  else record[key] = value;
}

/** Offsets of fields in the order of `Object.keys`: keys that are whole numbers come first there, whatever the text says. */
export const inKeyOrder = (record: object, offsets: ReadonlyMap<string, number>): number[] =>
  Object.keys(record).map((key) => offsets.get(key) ?? 0);
