import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '#lib/errors/errors.ts';
import { type Comparison, compareVectorFile, type Disagreement } from '#lib/policy/vectors.ts';

type Say = (line: string) => void;

/** So many disagreements of a category are told in text; JSON tells all. */
const TOLD = 10;

/** Compares every vector file of a directory with the engine and says, for each category, how many answers agree. Gives the exit status. */
export function compareVectors(dir: string, { json }: { readonly json?: boolean }, say: Say, complain: Say): 0 | 1 | 2 {
  let comparisons: Comparison[];
  try {
    comparisons = comparisonsIn(dir);
  } catch (error) {
    complain(`causeway: ${messageOf(error)}`);
    return 2;
  }
  const agree = comparisons.reduce((sum, one) => sum + one.agree, 0);
  const disagree = comparisons.reduce((sum, one) => sum + disagreeing(one), 0);
  if (json) {
    const categories = comparisons.map((one) => ({ ...one, disagree: disagreeing(one) }));
    say(JSON.stringify({ agree, disagree, categories }, null, 2));
    return disagree > 0 ? 1 : 0;
  }
  for (const one of comparisons) {
    say(`${one.category.padEnd(20)} ${one.agree}/${one.agree + disagreeing(one)}`);
    for (const difference of one.disagreements.slice(0, TOLD)) say(`  ${inWords(difference)}`);
    if (one.disagreements.length > TOLD) say(`  and ${one.disagreements.length - TOLD} more differences`);
  }
  say(`${agree} agree, ${disagree} disagree`);
  return disagree > 0 ? 1 : 0;
}

function comparisonsIn(dir: string): Comparison[] {
  const files = readdirSync(dir)
    .filter((file) => file.endsWith('.json'))
    .toSorted();
  if (files.length === 0) throw new Error(`${dir} holds no vector files (*.json)`);
  return files.map((file) => {
    try {
      return compareVectorFile(JSON.parse(readFileSync(join(dir, file), 'utf8')) as unknown);
    } catch (error) {
      throw new Error(`${join(dir, file)}: ${messageOf(error)}`, { cause: error });
    }
  });
}

/** Answers that differ, in whatever many fields. */
const disagreeing = ({ disagreements }: Comparison): number => new Set(disagreements.map(({ id }) => id)).size;

const inWords = ({ id, field, expected, answer }: Disagreement): string =>
  `${id} ${field}: Cilium says ${JSON.stringify(expected) ?? 'nothing'}, the engine ${JSON.stringify(answer) ?? 'nothing'}`;
