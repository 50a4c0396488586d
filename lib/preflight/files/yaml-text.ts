import { CST, Lexer } from 'yaml';
import { readJson } from '#lib/policy/parse/json.ts';
import { MAX_DEPTH, type ReadDocument } from '#lib/policy/parse/read.ts';
import { type Chunk, splitDocuments } from '#lib/policy/parse/split.ts';
import { readYaml } from '#lib/policy/parse/yaml.ts';
import { placeIn, read, type Reading, tooLarge, unreadable } from './reading.ts';

/** Values and Applications are written by people: real ones have some hundred kilobytes at most. */
const MOST_TEXT = 4 * 1024 * 1024;

/**
 * The documents of a YAML or JSON text as JSON values, empty ones left out. Refused, with the place: keys that stand twice, aliases, what readers of YAML
 * take for different values, nesting that is deeper than 100 levels, and a text that is too large.
 */
export function readYamlText(text: string): Reading<readonly unknown[]> {
  const body = text.replace(/^\ufeff/, '');
  const refused = tooLarge(body, MOST_TEXT, 'the file') ?? tooDeep(body) ?? aliasIn(body);
  if (refused) return refused;
  const values: unknown[] = [];
  for (const chunk of splitDocuments(body)) {
    const { value, faults } = documentOf(chunk);
    const fault = faults.find(({ isFatal }) => isFatal) ?? faults[0];
    if (fault) {
      const { line, column } = placeIn(chunk.text, fault.offset);
      return unreadable(fault.message, { line: line + chunk.line, column });
    }
    if (value !== null && value !== undefined) values.push(value);
  }
  return read(values);
}

function documentOf({ text }: Chunk): ReadDocument {
  if (!/^\s*[{[]/.test(text)) return readYaml(text);
  const json = readJson(text);
  if (json.faults.length === 0) return json;
  // Brackets begin YAML as well.
  const yaml = readYaml(text);
  return yaml.faults.length === 0 ? yaml : json;
}

/**
 * The composer of YAML takes seconds for nesting that it then refuses. Brackets in texts are counted too: real ones hold far fewer that are open than
 * these bounds allow.
 */
function tooDeep(text: string): Reading<never> | undefined {
  const dashes = /^ *(?:- ){100}/m.exec(text);
  if (dashes) return unreadable(`nested deeper than ${MAX_DEPTH} levels`, placeIn(text, dashes.index));
  let depth = 0;
  for (const { 0: bracket, index } of text.matchAll(/[[\]{}]/g)) {
    if (bracket === '[' || bracket === '{') depth++;
    else if (depth > 0) depth--;
    if (depth > 2 * MAX_DEPTH) return unreadable(`nested deeper than ${MAX_DEPTH} levels`, placeIn(text, index));
  }
  return undefined;
}

/** What an alias stands for would be shared by all its places; files of tools have none. */
function aliasIn(text: string): Reading<never> | undefined {
  if (!/(^|[\s[{,:-])\*[^\s*]/m.test(text)) return undefined;
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    if (CST.tokenType(token) === 'alias')
      return unreadable(`the alias ${token.slice(0, 40)} is not followed: write out what it stands for`, placeIn(text, offset));
    // The lexer marks documents, flow ends and scalars by control characters of its own.
    if (!/^[\u0002\u0018\u001f\ufeff]$/.test(token)) offset += token.length;
  }
  return undefined;
}
