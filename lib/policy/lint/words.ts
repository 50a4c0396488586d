import { POLICY_PROTOCOLS } from '../model.ts';
import type { Entry } from '../normalise.ts';

/** By the number that port sections hold. */
export const PROTOCOL_NAME: Readonly<Record<0 | 1 | 2 | 3 | 4, string>> = POLICY_PROTOCOLS;

/** A rule of another policy by its name; of the same policy by its path. */
export const ruleName = (of: Entry, seenFrom: Entry): string =>
  of.policy === seenFrom.policy ? of.path : `${of.path} of ${of.policy}`;

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
