import { type JsonRecord } from '#lib/flow/json-record.ts';
import { objectText } from '#lib/world/labels.ts';
import { own, part, parts } from '#lib/world/object.ts';
import type { SpireEntry } from '../inputs.ts';
import { readJsonObject } from './json-text.ts';
import { read, type Reading, unreadable } from './reading.ts';

const MOST_ENTRIES = 100_000;

/** `spire-server entry show -output json`. */
export function readSpireEntries(text: string): Reading<readonly SpireEntry[]> {
  const file = readJsonObject(text, 'the output of spire-server entry show -output json');
  if (!file.ok) return file;
  if (!Array.isArray(own(file.value, 'entries')))
    return unreadable('there is no list of entries: is it the output of spire-server entry show -output json?');
  const entries = parts(file.value, 'entries');
  if (entries.length > MOST_ENTRIES) return unreadable(`there are more than ${MOST_ENTRIES} entries`);
  return read(entries.map(entryOf));
}

const entryOf = (entry: JsonRecord): SpireEntry => ({
  spiffeId: idOf(entry, 'spiffe_id'),
  parentId: idOf(entry, 'parent_id'),
  selectors: parts(entry, 'selectors')
    .map((selector) => `${objectText(own(selector, 'type'))}:${objectText(own(selector, 'value'))}`)
    .toSorted(),
  admin: own(entry, 'admin') === true,
});

/** `{ trust_domain, path }`, or the whole id as text. */
function idOf(entry: JsonRecord, field: string): string {
  const id = part(entry, field);
  if (!id) return objectText(own(entry, field));
  return `spiffe://${objectText(own(id, 'trust_domain'))}${objectText(own(id, 'path'))}`;
}
