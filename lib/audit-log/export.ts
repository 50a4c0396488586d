import canonicalize from 'canonicalize';
import { z } from 'zod';
import { csvCell, visibleText } from '#lib/flow/text.ts';
import type { AuditRow } from './chain.ts';
import { type LoggedEvent, loggedEvent } from './logged.ts';

/** What a terminal or an editor would not show, or show in another order. Inside a JSON string each can be written as its escape. */
const UNSEEN = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * A row as one line of JSON: its number, time, hashes and the event as it was hashed. A file of all lines can be verified without the database
 * (`rowOfLine`). Characters that cannot be seen are written as escapes, which JSON reads as the same text.
 */
export function jsonLine({ seq, at, prev, hash, body }: AuditRow): string {
  const event = isJson(body) ? body : JSON.stringify(body);
  const line = `{"seq":${seq},"at":${at},"prev":${JSON.stringify(prev)},"hash":${JSON.stringify(hash)},"event":${event}}`;
  return line.replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const Line = z.object({ seq: z.number().int().nonnegative(), at: z.number().int(), prev: z.string(), hash: z.string() });

/** The row that a line of an export describes; undefined for anything else. */
export function rowOfLine(line: string): AuditRow | undefined {
  const parsed = jsonIn(line);
  const { data } = Line.safeParse(parsed);
  // Taken as it was parsed: a schema would drop a field named `__proto__`, which was hashed.
  const event = parsed instanceof Object && 'event' in parsed ? parsed.event : undefined;
  const body = typeof event === 'string' ? event : canonical(event);
  return data && body !== undefined ? { ...data, body } : undefined;
}

/** RFC 8785; undefined for what it has no form for, such as a number that JSON cannot hold. */
function canonical(value: unknown): string | undefined {
  try {
    return canonicalize(value);
  } catch {
    return undefined;
  }
}

const COLUMNS: readonly (readonly [string, (event: LoggedEvent) => string | number])[] = [
  ['seq', ({ seq }) => seq],
  ['time', ({ at }) => new Date(at).toISOString()],
  ['actor kind', ({ actor }) => actor.kind],
  ['actor', ({ actor }) => actor.subject],
  ['name', ({ actor }) => actor.name],
  ['action', ({ action }) => action],
  ['object type', ({ object }) => object.type],
  ['object', ({ object }) => object.id],
  ['outcome', ({ outcome }) => outcome],
  ['reason', ({ reason }) => reason],
  ['cluster', ({ cluster }) => cluster ?? ''],
  ['details', ({ details }) => JSON.stringify(details)],
  ['address', ({ address }) => address],
  ['user agent', ({ userAgent }) => userAgent],
  ['request', ({ requestId }) => requestId],
  ['previous hash', ({ prev }) => prev],
  ['hash', ({ hash }) => hash],
];

export const CSV_HEADER = COLUMNS.map(([name]) => csvCell(name)).join(',');

/** A row as one line of CSV, for people: nothing in it runs in a spreadsheet, and what cannot be seen is written as its escape. */
export function csvLine(row: AuditRow): string {
  const event = loggedEvent(row);
  return COLUMNS.map(([, valueOf]) => valueOf(event))
    .map((value) => csvCell(typeof value === 'string' ? visibleText(value) : value))
    .join(',');
}

const isJson = (text: string): boolean => jsonIn(text) !== undefined && !/[\r\n]/.test(text);

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
