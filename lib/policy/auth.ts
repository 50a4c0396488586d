import type { Cover } from './covering.ts';
import type { AuthMode } from './normalise.ts';
import { ALL_PORTS } from './sections.ts';

const STRENGTH: Readonly<Record<AuthMode, number>> = { disabled: 0, required: 1, 'test-always-fail': 2 };

/** Entries of equal port and equally named peer: one key of Cilium's policy map. */
interface Key {
  readonly named: boolean;
  /** Bits of the port that are fixed; -1 for every protocol. */
  readonly bits: number;
  mode: AuthMode | undefined;
}

/**
 * The authentication that allowed traffic has to pass, over all covering allow entries. Without an explicit `disabled` the strongest mode holds; with one
 * the narrowest key decides (port before peer), and a silent one takes the mode of the next wider key of the same peer, else of everybody.
 */
export function authOf(allowing: readonly Cover[], port: number): 'required' | 'test-always-fail' | undefined {
  const modes = allowing.flatMap(({ entry }) => entry.auth ?? []);
  if (modes.length === 0) return undefined;
  if (!modes.includes('disabled')) return modes.includes('test-always-fail') ? 'test-always-fail' : 'required';
  const keys = keysOf(allowing, port);
  const [strongest] = keys;
  if (!strongest) return undefined;
  const same = keys.find(({ named, mode }) => named === strongest.named && mode !== undefined)?.mode;
  const mode = strongest.mode ?? same ?? keys.find(({ mode: other }) => other !== undefined)?.mode;
  return mode === 'disabled' ? undefined : mode;
}

/** The covering keys, the narrowest first; of equal ports the named peer comes first. */
function keysOf(allowing: readonly Cover[], port: number): Key[] {
  const keys = new Map<string, Key>();
  for (const { entry, section, first, last, by } of allowing) {
    const named = by !== 'everybody';
    const bits = section ? fixedBits(first, last, port) : -1;
    const id = `${named} ${bits}`;
    const key = keys.get(id) ?? { named, bits, mode: undefined };
    keys.set(id, key);
    if (entry.auth && (key.mode === undefined || STRENGTH[entry.auth] > STRENGTH[key.mode])) key.mode = entry.auth;
  }
  return [...keys.values()].toSorted((a, b) => b.bits - a.bits || Number(b.named) - Number(a.named));
}

/** A range is stored as blocks of ports with a common prefix: the length of the prefix of the block that holds the port. */
export function fixedBits(first: number, last: number, port: number): number {
  const { low, high } = blockOf(first, last, port);
  return 16 - Math.log2(high - low + 1);
}

/** The block of the range `first`-`last` that holds `port`: the largest aligned one that does not leave the range. */
export function blockOf(first: number, last: number, port: number): { readonly low: number; readonly high: number } {
  let low = port;
  let size = 1;
  while (size <= ALL_PORTS) {
    const next = size * 2;
    const start = low - (low % next);
    if (start < first || start + next - 1 > last) break;
    low = start;
    size = next;
  }
  return { low, high: low + size - 1 };
}
