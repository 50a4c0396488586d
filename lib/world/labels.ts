import { recordOf } from '#lib/flow/json-record.ts';
import { boundText } from '#lib/flow/text.ts';
import type { Labels } from '#lib/policy/model.ts';

/** Longest text of a Kubernetes object that is kept: a label's key has at most 317 characters, its value 63, a name 253. */
const MOST_TEXT = 512;
/** A pod may carry a thousand labels if it likes; nobody's pod does. */
const MOST_LABELS = 512;

/** Text of an object in its bounds; empty for what is no text. */
export const objectText = (value: unknown): string => (typeof value === 'string' ? boundText(value, MOST_TEXT) : '');

/** Labels of an object: text to text, anything else left out. A key `__proto__` is a key like any other. */
export function labelsOf(value: unknown): Labels {
  const entries = Object.entries(recordOf(value) ?? {}).slice(0, MOST_LABELS);
  return Object.fromEntries(
    entries
      .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
      .map(([key, text]) => [objectText(key), objectText(text)]),
  );
}

/** Labels of an identity as flows and policies spell them (pkg/labels, `Label.String`): `source:key=value` or, empty, `source:key`; sorted by their text. */
export const identityLabelsOf = (labels: Labels): readonly string[] =>
  Object.entries(labels)
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
    .toSorted();
