import { sha256 } from '../hash.ts';
import type { RuleId } from './rule.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const LETTERS = 26;

/** The id of a finding: the first 130 bits of a hash of what it is about. The same finding has the same id in every process, at any time. */
export function findingId(cluster: string, rule: RuleId, key: string): string {
  const hash = sha256(new TextEncoder().encode(JSON.stringify(['causeway.finding/1', cluster, rule, key])));
  let letters = '';
  for (let at = 0; at < LETTERS; at += 1) letters += ALPHABET[bitsAt(hash, at * 5)];
  return `fnd_${letters}`;
}

/** Five bits that begin at `bit`. */
function bitsAt(bytes: Uint8Array, bit: number): number {
  const byte = bit >> 3;
  const two = ((bytes[byte] ?? 0) << 8) | (bytes[byte + 1] ?? 0);
  return (two >> (11 - (bit & 7))) & 31;
}
