import { Document, isMap, type Pair, Scalar } from 'yaml';
import type { JsonRecord } from '#lib/flow/json-record.ts';
import type { Setting } from './model.ts';

const WIDTH = 100;
const OPTIONS = { lineWidth: 0, aliasDuplicateObjects: false } as const;

/** Values as YAML, each with its reason above it. */
export function valuesYaml(values: JsonRecord, settings: readonly Setting[], header: string): string {
  const document = new Document(values, OPTIONS);
  for (const { path, why, url } of settings) comment(document, path.split('.'), url === undefined ? why : `${why} ${url}`);
  document.commentBefore = wrapped(header);
  return document.toString(OPTIONS);
}

/** The same without comments: what is compared. */
export const plainYaml = (values: JsonRecord): string => new Document(values, OPTIONS).toString(OPTIONS);

function comment(document: Document, path: readonly string[], text: string): void {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return;
  const pair = parent.items.find((item) => keyText(item) === path.at(-1));
  if (!pair) return;
  const key = pair.key instanceof Scalar ? pair.key : new Scalar(pair.key);
  key.commentBefore = wrapped(text);
  pair.key = key;
}

const keyText = ({ key }: Pair): unknown => (key instanceof Scalar ? key.value : key);

/** Lines of a comment. Text of ours; a line break in it is none of the text's. */
function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + word.length + 1 <= WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(` ${word}`);
  }
  return lines.join('\n');
}
