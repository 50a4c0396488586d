import { jsonFault } from '#lib/flow/json-fault.ts';
import { type JsonRecord, recordOf } from '#lib/flow/json-record.ts';
import { placeIn, read, type Reading, tooLarge, unreadable } from './reading.ts';

/** `cilium status` of five hundred nodes has some twenty megabytes. */
const MOST_TEXT = 64 * 1024 * 1024;

/** The one JSON object of a text that a tool printed; `what` names it in messages. */
export function readJsonObject(text: string, what: string): Reading<JsonRecord> {
  const objects = readJsonObjects(text, what);
  if (!objects.ok) return objects;
  const [first, second] = objects.value;
  if (first === undefined || second !== undefined) return unreadable(`${what} is one JSON object`);
  return read(first);
}

/** JSON objects one after the other, as some tools print them for many nodes. */
export function readJsonObjects(text: string, what: string): Reading<readonly JsonRecord[]> {
  const body = text.replace(/^\ufeff/, '').trimEnd();
  const refused = tooLarge(body, MOST_TEXT, what);
  if (refused) return refused;
  if (body.trim() === '') return unreadable('the file is empty');
  const values = jsonValues(body);
  if (!values) {
    const { at, cutOff } = jsonFault(body);
    return unreadable(
      cutOff ? 'the JSON ends too soon' : `not JSON from here on: ${JSON.stringify(body.slice(at, at + 20))}`,
      placeIn(body, at),
    );
  }
  const records: JsonRecord[] = [];
  for (const value of values) {
    const record = recordOf(value);
    if (!record) return unreadable(`${what} is a JSON object`, { line: 1, column: 1 });
    records.push(record);
  }
  return read(records);
}

/** Undefined for what is no JSON. */
function jsonValues(text: string): readonly unknown[] | undefined {
  const whole = parsed(text);
  if (whole) return [whole.value];
  // A document that ends in a line of its own, as indented output does.
  const pieces = text.split(/(?<=^[}\]])\s*$\s*(?=^[{[])/m).map(parsed);
  return pieces.length > 1 && pieces.every((piece) => piece !== undefined) ? pieces.map(({ value }) => value) : undefined;
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
