import 'server-only';
import type { KeyEvent } from '#lib/receipts/receipt.ts';
import { inForce, type KeyRole, type KeyState } from './states.ts';

/** A change that is due. `signers` are thumbprints, of keys whose private part is here. */
export interface DueChange {
  readonly event: KeyEvent['event'];
  readonly kid: string;
  readonly signers: readonly string[];
  /** Of an introduction: when the key may sign, Unix milliseconds. */
  readonly plannedMs?: number;
}

export interface Pace {
  /** How long a new key is known before it signs. */
  readonly overlapMs: number;
  /** How long the old one stays in force beside it, for what another replica signs with it meanwhile. */
  readonly lingerMs: number;
}

/**
 * The change of a role's keys that is due next, if any: a key file that is not known yet is introduced, a pending key comes into force when its time has
 * come, the one before it retires a little later. The first key of a role has nobody to wait for. `held` are the thumbprints of the files, in their order.
 */
export function dueChange(
  role: KeyRole,
  states: readonly KeyState[],
  held: readonly string[],
  now: number,
  { overlapMs, lingerMs }: Pace,
): DueChange | undefined {
  const active = inForce(states, role);
  const newest = active.at(-1);
  const mine = (key: KeyState | undefined): string[] => (key && held.includes(key.kid) ? [key.kid] : []);

  const pending = states.find((key) => key.role === role && key.state === 'pending' && held.includes(key.kid));
  if (pending && (!newest || (pending.validFromMs <= now && held.includes(newest.kid))))
    return { event: 'activated', kid: pending.kid, signers: [pending.kid, ...mine(newest)] };

  const old = active.length > 1 ? active[0] : undefined;
  if (old && newest && held.includes(newest.kid) && now >= newest.validFromMs + lingerMs)
    return { event: 'retired', kid: old.kid, signers: [newest.kid, ...mine(old)] };

  const unknown = held.find((kid) => states.every((key) => key.kid !== kid));
  if (unknown === undefined || pending) return undefined; // one rotation at a time
  if (!newest) return { event: 'introduced', kid: unknown, signers: [unknown], plannedMs: now };
  if (!held.includes(newest.kid)) return undefined; // only the key in force may bring in its successor
  return { event: 'introduced', kid: unknown, signers: [unknown, newest.kid], plannedMs: now + overlapMs };
}
