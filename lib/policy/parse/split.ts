/** A document of a text, with the line it begins in (from 0). */
export interface Chunk {
  readonly text: string;
  readonly line: number;
}

/** `---` at the beginning of a line ends a document wherever it stands, in block scalars too (YAML 1.2, 9.2). */
const MARKER = /^---(?=[ \t\r\n]|$)/gm;

/** Documents of YAML text; comments and directives before a marker belong to the document behind it. */
export function splitDocuments(text: string): Chunk[] {
  const cuts = [...text.matchAll(MARKER)].map((match) => match.index);
  const chunks: Chunk[] = [];
  let start = 0;
  let line = 0;
  for (const cut of [...cuts, text.length]) {
    const part = text.slice(start, cut);
    if (cut < text.length && isPrologue(part)) continue;
    if (part.trim() !== '') chunks.push({ text: part, line });
    line += lineBreaks(part);
    start = cut;
  }
  return chunks;
}

const isPrologue = (part: string): boolean =>
  !part.startsWith('---') && part.split('\n').every((line) => /^\s*$|^[#%]/.test(line));

function lineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
