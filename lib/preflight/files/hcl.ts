import type { JsonRecord } from '#lib/flow/json-record.ts';
import { setField } from '#lib/policy/parse/read.ts';
import { placeIn, read, type Reading, unreadable } from './reading.ts';

/** Blocks in blocks of an agent's configuration: `plugins { NodeAttestor "k8s_psat" { plugin_data { ... } } }` has four. */
const MOST_DEPTH = 20;

/** One token of HCL 1: a comment is none. */
const TOKEN =
  /(?:\s+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*(?:"((?:[^"\\\n]|\\.)*)"|<<-?([A-Za-z_]\w*)\n|([A-Za-z_][\w.-]*)|(-?\d[\w.]*)|([{}[\]=,:])|$)/y;

type Token =
  | { readonly kind: 'text' | 'word' | 'number' | 'sign'; readonly text: string; readonly at: number }
  | { readonly kind: 'end'; readonly text: ''; readonly at: number };

class NotHcl extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/**
 * HCL as SPIRE's configuration files use it: `key = value`, blocks, labelled blocks, lists and comments. A block with a label is a field of its name
 * with the label below it; of fields that stand twice the later counts, blocks of one name are joined.
 */
export function readHcl(text: string): Reading<JsonRecord> {
  try {
    const reader = new HclReader(text);
    return read(reader.body('end', 0));
  } catch (error) {
    if (!(error instanceof NotHcl)) throw error;
    return unreadable(error.message, placeIn(text, error.at));
  }
}

class HclReader {
  readonly #text: string;
  #at = 0;
  #token: Token;

  constructor(text: string) {
    this.#text = text;
    this.#token = this.#read();
  }

  /** Fields up to the closing brace or the end of the text. */
  body(until: 'end' | '}', depth: number): Record<string, unknown> {
    if (depth > MOST_DEPTH) throw new NotHcl(`nested deeper than ${MOST_DEPTH} levels`, this.#token.at);
    const record: Record<string, unknown> = {};
    for (;;) {
      if (until === 'end' ? this.#token.kind === 'end' : this.#is('}')) {
        this.#next();
        return record;
      }
      if (this.#is(',')) {
        this.#next();
        continue;
      }
      this.#field(record, depth);
    }
  }

  #field(record: Record<string, unknown>, depth: number): void {
    const key = this.#name();
    if (this.#is('=') || this.#is(':')) {
      this.#next();
      setField(record, key, this.#value(depth));
      return;
    }
    const labels: string[] = [];
    while (this.#token.kind === 'text' || this.#token.kind === 'word') labels.push(this.#name());
    if (!this.#is('{')) throw new NotHcl('expected = or {', this.#token.at);
    this.#next();
    const block = this.body('}', depth + 1);
    const inner = labels.reduceRight<Record<string, unknown>>((below, label) => {
      const labelled: Record<string, unknown> = {};
      setField(labelled, label, below);
      return labelled;
    }, block);
    const before = Object.hasOwn(record, key) ? record[key] : undefined;
    setField(record, key, isBlock(before) ? { ...before, ...inner } : inner);
  }

  #value(depth: number): unknown {
    const token = this.#token;
    if (token.kind === 'text') return this.#name();
    if (token.kind === 'number') {
      this.#next();
      const number = Number(token.text);
      return Number.isFinite(number) ? number : token.text;
    }
    if (token.kind === 'word') {
      this.#next();
      return token.text === 'true' ? true : token.text === 'false' ? false : token.text;
    }
    if (this.#is('{')) {
      this.#next();
      return this.body('}', depth + 1);
    }
    if (this.#is('[')) return this.#list(depth + 1);
    throw new NotHcl('expected a value', token.at);
  }

  #list(depth: number): unknown[] {
    if (depth > MOST_DEPTH) throw new NotHcl(`nested deeper than ${MOST_DEPTH} levels`, this.#token.at);
    this.#next();
    const items: unknown[] = [];
    while (!this.#is(']')) {
      items.push(this.#value(depth));
      if (this.#is(',')) this.#next();
      else if (!this.#is(']')) throw new NotHcl('expected , or ]', this.#token.at);
    }
    this.#next();
    return items;
  }

  #name(): string {
    const { kind, text, at } = this.#token;
    if (kind !== 'text' && kind !== 'word') throw new NotHcl(kind === 'end' ? 'the file ends too soon' : 'expected a name', at);
    this.#next();
    return text;
  }

  #is(sign: string): boolean {
    return this.#token.kind === 'sign' && this.#token.text === sign;
  }

  #next(): void {
    this.#token = this.#read();
  }

  #read(): Token {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    if (!match) throw new NotHcl('not HCL from here on', this.#at + (/\S/.exec(this.#text.slice(this.#at))?.index ?? 0));
    this.#at = TOKEN.lastIndex;
    const [, text, heredoc, word, number, sign] = match;
    const at = this.#at - (text === undefined ? (word ?? number ?? sign ?? '').length : text.length + 2);
    if (text !== undefined) return { kind: 'text', text: unescaped(text), at };
    if (heredoc !== undefined) return { kind: 'text', text: this.#heredoc(heredoc), at };
    if (word !== undefined) return { kind: 'word', text: word, at };
    if (number !== undefined) return { kind: 'number', text: number, at };
    return sign === undefined ? { kind: 'end', text: '', at } : { kind: 'sign', text: sign, at };
  }

  #heredoc(mark: string): string {
    const lines: string[] = [];
    for (let at = this.#at; at < this.#text.length;) {
      const end = this.#text.indexOf('\n', at);
      const line = this.#text.slice(at, end < 0 ? undefined : end);
      at = end < 0 ? this.#text.length : end + 1;
      if (line.trim() === mark) {
        this.#at = at;
        return lines.join('\n');
      }
      lines.push(line);
    }
    throw new NotHcl(`the text that ${mark} should end goes on to the end of the file`, this.#at);
  }
}

const isBlock = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ESCAPES = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
]);
const unescaped = (text: string): string => text.replaceAll(/\\(.)/g, (_, letter: string) => ESCAPES.get(letter) ?? letter);
