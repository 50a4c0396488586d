/** A place in an object, from the leaf up: made while walking, put into words only where something is wrong. */
export interface Path {
  readonly up: Path | undefined;
  readonly key: string | number;
}

/** The way from `up` (nothing for the object itself) to its field or element `key`. */
export const at = (up: Path | undefined, key: string | number): Path => ({ up, key });

const PLAIN = /^[A-Za-z_$][A-Za-z0-9_$-]*$/;

/** `spec.ingress[0].toPorts`; keys that are no plain words are quoted as JSON: `matchLabels["app.kubernetes.io/name"]`. */
export function pathText(path: Path | undefined): string {
  const keys: (string | number)[] = [];
  for (let here = path; here; here = here.up) keys.push(here.key);
  return keysText(keys.toReversed());
}

/** The text of a path that is given as its keys. */
export const keysText = (keys: readonly (string | number)[]): string =>
  keys
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      if (!PLAIN.test(key)) return `[${JSON.stringify(key)}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join('');

const STEP = /\.?([A-Za-z_$][A-Za-z0-9_$-]*)|\[(\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\]/y;

/** Reads what `pathText` writes; undefined for anything else. */
export function parsePath(text: string): (string | number)[] | undefined {
  const keys: (string | number)[] = [];
  for (STEP.lastIndex = 0; STEP.lastIndex < text.length;) {
    const match = STEP.exec(text);
    if (!match) return undefined;
    const [, word, index, quoted] = match;
    if (word !== undefined) keys.push(word);
    else if (index !== undefined) keys.push(Number(index));
    else keys.push(unquoted(quoted ?? '""'));
  }
  return keys;
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
