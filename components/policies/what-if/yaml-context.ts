/** Where in a YAML document the caret stands, told from the text alone, so that it works while the document is broken. Pure. */

export interface YamlContext {
  /** Keys from the root of the document; `[]` is an element of a list. */
  readonly path: readonly string[];
  /** A key is being written, or the value of `key`, or an element of a list. */
  readonly writes: 'key' | 'value';
  /** What of it is there already, without an opening quote, and where it begins in the text. */
  readonly typed: string;
  readonly from: number;
  /** The quote that was opened before it. */
  readonly quote: '' | '"' | "'";
  /** Keys that stand beside the one being written. */
  readonly siblings: ReadonlySet<string>;
  /** `kind` of the document; empty where none is said. */
  readonly kind: string;
}

interface Line {
  readonly text: string;
  /** Columns of leading dashes. */
  readonly dashes: readonly number[];
  /** Column and text of what stands after them. */
  readonly column: number;
  readonly content: string;
}

const KEY = /^(?:"([^"]*)"|'([^']*)'|([^\s#'"{}[\],][^\s{}[\],]*?))[ \t]*:(?:[ \t]+|$)(.*)$/s;

/** The context of `position`; undefined inside comments and block texts. */
export function yamlContext(text: string, position: number): YamlContext | undefined {
  const before = text.slice(0, position);
  const lineStart = before.lastIndexOf('\n') + 1;
  const documentStart = startOfDocument(before);
  const lines = before.slice(documentStart, lineStart).split('\n').slice(0, -1).map(lineOf);
  const current = lineOf(before.slice(lineStart));
  if (/(^|\s)#/.test(unquoted(current.content))) return undefined;
  const after = text.slice(position).split(/\n---/, 1)[0] ?? '';
  const kind = /^kind:[ \t]*(\w+)/m.exec(text.slice(documentStart, position) + after)?.[1] ?? '';

  const flow = flowContext(current);
  const parents = parentsOf(current, lines);
  if (flow) return { ...flow, path: [...parents, ...flow.path], from: position - flow.typed.length, kind };
  const key = KEY.exec(current.content);
  if (key) {
    const value = key[4] ?? '';
    return { path: [...parents, nameOf(key)], writes: 'value', ...typedOf(value, position), siblings: new Set(), kind };
  }
  // An element of a list that is a plain value so far may yet become a key: both are offered by whoever knows the field.
  if (/[:\s]$/.test(current.content.trimEnd()) && current.content !== '') return undefined;
  return {
    path: parents,
    writes: current.dashes.length > 0 ? 'value' : 'key',
    ...typedOf(current.content, position),
    siblings: siblingsOf(current, lines, after),
    kind,
  };
}

function startOfDocument(before: string): number {
  const marker = before.lastIndexOf('\n---');
  if (marker < 0) return 0;
  const end = before.indexOf('\n', marker + 1);
  return end < 0 ? marker + 4 : end + 1;
}

function lineOf(text: string): Line {
  const dashes: number[] = [];
  let column = text.length - text.trimStart().length;
  while (/^-(\s|$)/.test(text.slice(column))) {
    dashes.push(column);
    const rest = text.slice(column + 1);
    column += 1 + rest.length - rest.trimStart().length;
  }
  return { text, dashes, column, content: text.slice(column) };
}

/** The way from the root to what is written at the start of the current line's content: by indentation, as YAML has it. */
function parentsOf(current: Line, lines: readonly Line[]): string[] {
  const path: string[] = [];
  let level = current.column;
  let inList = false;
  const enter = (line: Line) => {
    for (const dash of line.dashes.toReversed()) {
      if (dash >= level) continue;
      path.push('[]');
      level = dash;
      inList = true;
    }
  };
  enter(current);
  for (const line of lines.toReversed()) {
    if (level < 0) break;
    if (line.content.trim() === '' || line.content.startsWith('#')) continue;
    const key = KEY.exec(line.content);
    // The dashes of a list may stand below their key.
    if (key && isOpen(key[4] ?? '') && (line.column < level || (inList && line.column === level && line.dashes.length === 0))) {
      path.push(nameOf(key));
      level = line.column;
      inList = false;
    } else if (line.column < level && line.dashes.length === 0) level = line.column;
    enter(line);
    if (level === 0 && !inList) break;
  }
  return path.toReversed();
}

/** Nothing but an anchor, a tag or a comment stands behind the colon: the value follows below. */
const isOpen = (value: string): boolean => /^(?:[&!][^\s]*\s*)*(?:#.*)?$/.test(value.trim());

const nameOf = (key: RegExpExecArray): string => key[1] ?? key[2] ?? key[3] ?? '';

function typedOf(value: string, position: number): Pick<YamlContext, 'typed' | 'from' | 'quote'> {
  const quote = value.startsWith('"') ? '"' : value.startsWith("'") ? "'" : '';
  const typed = value.slice(quote.length);
  return { typed, from: position - typed.length, quote };
}

function siblingsOf(current: Line, before: readonly Line[], after: string): Set<string> {
  const found = new Set<string>();
  const note = (line: Line): boolean => {
    if (line.content.trim() === '' || line.content.startsWith('#')) return true;
    if (line.column < current.column) return false;
    if (line.column === current.column) {
      const key = KEY.exec(line.content);
      if (key) found.add(nameOf(key));
    }
    return true;
  };
  for (const line of before.toReversed()) {
    if (!note(line)) break;
    // The element of a list begins here.
    if (line.dashes.length > 0 && line.column === current.column) break;
  }
  if (current.dashes.length > 0) return found;
  for (const line of after.split('\n').slice(1).map(lineOf))
    if (line.dashes.some((dash) => dash < current.column) || !note(line)) break;
  return found;
}

/** Inside `{ … }` or `[ … ]` that is open at the end of the line: the path within it. */
function flowContext({ content }: Line): Omit<YamlContext, 'kind' | 'from'> | undefined {
  const stack: { close: '}' | ']'; key: string; seen: Set<string> }[] = [];
  let key = '';
  let word = '';
  let quote: '' | '"' | "'" = '';
  let start = true;
  for (let index = 0; index < content.length; index += 1) {
    const char = content.charAt(index);
    if (quote !== '') {
      if (char === quote) quote = '';
      else word += char;
      continue;
    }
    const inside = stack.at(-1);
    if ((char === '"' || char === "'") && start) {
      quote = char;
      start = false;
    } else if ((char === '{' || char === '[') && start) {
      stack.push({ close: char === '{' ? '}' : ']', key, seen: new Set() });
      [key, word, start] = ['', '', true];
    } else if (inside && char === inside.close) {
      stack.pop();
      [key, word, start] = ['', '', false];
    } else if (char === ':' && /\s|$/.test(content[index + 1] ?? ' ')) {
      key = word.trim();
      inside?.seen.add(key);
      [word, start] = ['', true];
    } else if (char === ',' && inside) [key, word, start] = ['', '', true];
    else {
      if (!/\s/.test(char)) start = false;
      word += start ? '' : char;
    }
  }
  const inside = stack.at(-1);
  if (!inside) return undefined;
  const path = stack.flatMap(({ close, key: name }) => [...(name === '' ? [] : [name]), ...(close === ']' ? ['[]'] : [])]);
  const common = { typed: word, quote, siblings: inside.seen };
  if (inside.close === '}') return { path: key === '' ? path : [...path, key], writes: key === '' ? 'key' : 'value', ...common };
  return { path, writes: 'value', ...common };
}

/** Columns that a line below one that ends in an open key begins with; undefined for other lines. */
export function indentBelow(line: string): number | undefined {
  const { content, column } = lineOf(line);
  const key = KEY.exec(content);
  return key && isOpen(key[4] ?? '') ? column + 2 : undefined;
}

/** Without what stands in quotes: a `#` there is no comment. */
const unquoted = (text: string): string => text.replace(/"[^"]*"?|'[^']*'?/g, '');
