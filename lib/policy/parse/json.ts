import { jsonFault } from '#lib/flow/json-fault.ts';
import { fatal, type Fault, inKeyOrder, MAX_DEPTH, MAX_VALUES, type ReadDocument, setField } from './read.ts';

const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\0-\x1f]|\\.)*"/y;
const WORD = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

class NotJson extends Error {}

/** Reads JSON (RFC 8259) with the place of every value; keys that stand twice are faults. */
export function readJson(text: string): ReadDocument {
  const reader = new JsonReader(text);
  try {
    const value = reader.document();
    return { value, places: reader.places, ends: reader.ends, faults: reader.faults };
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    if (error.message !== '') return fatal(error.message, reader.at);
    const { at, cutOff } = jsonFault(text);
    return fatal(cutOff ? 'the JSON ends too soon' : `not JSON from here on: ${JSON.stringify(text.slice(at, at + 20))}`, at);
  }
}

class JsonReader {
  readonly text: string;
  readonly places: WeakMap<object, number[]> = new WeakMap();
  readonly ends: WeakMap<object, readonly [number, number]> = new WeakMap();
  readonly faults: Fault[] = [];
  at = 0;
  private depth = 0;
  private values = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): unknown {
    const value = this.value();
    this.space();
    if (this.at < this.text.length) throw new NotJson();
    return value;
  }

  private value(): unknown {
    this.space();
    if (++this.values > MAX_VALUES) throw new NotJson(`more than ${MAX_VALUES} values in one document`);
    const char = this.text[this.at];
    if (char === '{') return this.nested(() => this.object());
    if (char === '[') return this.nested(() => this.array());
    if (char === '"') return this.string();
    return JSON.parse(this.token(WORD));
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > MAX_DEPTH) throw new NotJson(`nested deeper than ${MAX_DEPTH} levels`);
    const value = read();
    this.depth--;
    return value;
  }

  private object(): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    const offsets = new Map<string, number>();
    const start = this.at++;
    for (let isFirst = true; !this.closes('}', isFirst); isFirst = false) {
      this.space();
      const place = this.at;
      const key = this.string();
      this.space();
      if (this.text[this.at++] !== ':') this.fail(-1);
      if (Object.hasOwn(record, key))
        this.faults.push({
          message: `the key ${JSON.stringify(key)} stands twice in this object`,
          offset: place,
          isFatal: false,
        });
      else offsets.set(key, place);
      setField(record, key, this.value());
    }
    this.places.set(record, inKeyOrder(record, offsets));
    this.ends.set(record, [start, this.at]);
    return record;
  }

  private array(): unknown[] {
    const items: unknown[] = [];
    const offsets: number[] = [];
    this.at++;
    for (let isFirst = true; !this.closes(']', isFirst); isFirst = false) {
      this.space();
      offsets.push(this.at);
      items.push(this.value());
    }
    this.places.set(items, offsets);
    return items;
  }

  /** Whether the bracket closes here; otherwise steps over the comma before the next element. */
  private closes(bracket: string, isFirst: boolean): boolean {
    this.space();
    const char = this.text[this.at++];
    if (char === bracket) return true;
    if (isFirst) this.at--;
    else if (char !== ',') this.fail(-1);
    return false;
  }

  private string(): string {
    const token = this.token(STRING);
    try {
      return token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1);
    } catch {
      return this.fail(-token.length);
    }
  }

  private token(form: RegExp): string {
    form.lastIndex = this.at;
    const token = form.exec(this.text)?.[0];
    if (token === undefined) return this.fail(0);
    this.at += token.length;
    return token;
  }

  private space(): void {
    SPACE.lastIndex = this.at;
    SPACE.exec(this.text);
    this.at = SPACE.lastIndex;
  }

  private fail(step: number): never {
    this.at += step;
    throw new NotJson();
  }
}
