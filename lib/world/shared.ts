/**
 * `after`, with every part that equals its counterpart in `before` replaced by that: what did not change is the same object as before, all of it when
 * nothing did. For plain data: objects, lists, maps with plain keys, sets and what JSON has. Neither is changed.
 */
export function shared<T>(before: unknown, after: T): T {
  if (Object.is(before, after) || typeof after !== 'object' || after === null) return after;
  if (typeof before !== 'object' || before === null) return after;
  if (Array.isArray(after)) return (Array.isArray(before) ? sharedList(before, after) : after) as T; // a list for a list
  if (after instanceof Map) return (before instanceof Map ? sharedMap(before, after) : after) as T; // a map for a map
  if (after instanceof Set) return before instanceof Set && equalSets(before, after) ? (before as T) : after; // it holds the same
  return isPlain(before) && isPlain(after) ? (sharedObject(before, after) as T) : after; // the same fields with equal values
}

const isPlain = (value: object): value is Record<string, unknown> => Object.prototype.toString.call(value) === '[object Object]';

/** An item that only moved is the same; one that changed is compared with what stood in its place. */
function sharedList(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  const known = new Set(before);
  const next = after.map((item, place) => (known.has(item) ? item : shared(before[place], item)));
  return next.length === before.length && next.every((item, place) => Object.is(item, before[place])) ? before : next;
}

function sharedMap(before: ReadonlyMap<unknown, unknown>, after: ReadonlyMap<unknown, unknown>): ReadonlyMap<unknown, unknown> {
  const next = new Map(Array.from(after, ([key, value]) => [key, shared(before.get(key), value)]));
  const isSame =
    next.size === before.size && Array.from(next).every(([key, value]) => before.has(key) && Object.is(value, before.get(key)));
  return isSame ? before : next;
}

function equalSets(before: ReadonlySet<unknown>, after: ReadonlySet<unknown>): boolean {
  return before.size === after.size && [...after].every((item) => before.has(item));
}

function sharedObject(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): object {
  const entries = Object.entries(after).map(([key, value]): [string, unknown] => [
    key,
    shared(Object.hasOwn(before, key) ? before[key] : undefined, value),
  ]);
  const isSame =
    entries.length === Object.keys(before).length &&
    entries.every(([key, value]) => Object.hasOwn(before, key) && Object.is(value, before[key]));
  return isSame ? before : Object.fromEntries(entries);
}
