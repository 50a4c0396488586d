/** What a part of a line of YAML is, for its colour. */
export type YamlRole = 'key' | 'text' | 'number' | 'dim';

export interface YamlSpan {
  readonly text: string;
  readonly role: YamlRole;
}

/**
 * A line of YAML in coloured parts, whose texts joined are the line. A line is read alone, so that the text of a block scalar may be taken for
 * keys: this is for eyes and decides nothing. Each character is looked at once, whatever the line holds.
 */
export function yamlSpans(line: string): YamlSpan[] {
  const spans: YamlSpan[] = [];
  const add = (text: string, role: YamlRole) => {
    if (text !== '') spans.push({ text, role });
  };
  let at = 0;
  let depth = 0;
  while (at < line.length) {
    const start = at;
    const character = line.charAt(at);
    if (character === '#' && (at === 0 || isBlank(line.charAt(at - 1)))) {
      add(line.slice(at), 'dim');
      break;
    }
    if (isBlank(character) || isMark(character) || isDash(line, at)) {
      if (character === '{' || character === '[') depth += 1;
      if (character === '}' || character === ']') depth = Math.max(0, depth - 1);
      at += 1;
      while (isBlank(line.charAt(at))) at += 1;
      add(line.slice(start, at), isBlank(character) ? 'text' : 'dim');
      continue;
    }
    at = character === '"' || character === "'" ? endOfQuoted(line, at) : endOfPlain(line, at, depth > 0);
    const scalar = line.slice(start, at);
    if (isColon(line, at)) {
      add(scalar, 'key');
      add(':', 'dim');
      at += 1;
    } else add(scalar, NUMBER.test(scalar.trimEnd()) ? 'number' : 'text');
  }
  return spans;
}

/** Numbers, and the words that are no text either. Quoted ones are text. */
const NUMBER = /^(?:[-+]?\d[\d._]{0,30}|true|false|null|~)$/;

const isBlank = (character: string) => character === ' ' || character === '\t';
const isMark = (character: string) => character !== '' && ',{}[]'.includes(character);
const isEnd = (character: string) => character === '' || isBlank(character);
const isDash = (line: string, at: number) => line.charAt(at) === '-' && isEnd(line.charAt(at + 1));
const isColon = (line: string, at: number) =>
  line.charAt(at) === ':' && (isEnd(line.charAt(at + 1)) || isMark(line.charAt(at + 1)));

function endOfQuoted(line: string, start: number): number {
  const quote = line.charAt(start);
  for (let at = start + 1; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === '\\' && quote === '"') at += 1;
    else if (character === quote) return at + 1;
  }
  return line.length;
}

/** A plain scalar ends before `: `, before ` #`, and inside braces before what separates. */
function endOfPlain(line: string, start: number, flow: boolean): number {
  for (let at = start; at < line.length; at += 1) {
    if (isColon(line, at)) return at;
    if (flow && isMark(line.charAt(at))) return at;
    if (line.charAt(at) === '#' && at > start && isBlank(line.charAt(at - 1))) return at;
  }
  return line.length;
}
