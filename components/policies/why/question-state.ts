import { parseAsString } from 'nuqs';
import { PARAMS } from './question.ts';

/** A question in the address of a page; see `AskedParams`. */
export const QUESTION_STATE = Object.fromEntries(PARAMS.map((name) => [name, parseAsString])) as Record<
  (typeof PARAMS)[number],
  typeof parseAsString
>;
