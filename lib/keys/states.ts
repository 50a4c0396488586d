import 'server-only';
import type { KeyEvent } from '#lib/receipts/receipt.ts';

export type KeyRole = KeyEvent['role'];
export const KEY_ROLES: readonly KeyRole[] = ['receipt', 'checkpoint'];

/** A key as it is stored: its public part. */
export interface KeyRecord {
  readonly kid: string;
  readonly role: KeyRole;
  readonly x: string;
  /** Name of the file its private part was read from. */
  readonly source: string;
}

/** What became of a key, as it is stored. Times are Unix milliseconds. */
export interface KeyChange {
  readonly id: number;
  readonly kid: string;
  readonly event: KeyEvent['event'];
  readonly atMs: number;
  readonly plannedMs: number | undefined;
  /** Present for a compromise alone. */
  readonly compromisedAtMs: number | undefined;
}

/** How a key stands. Times are Unix milliseconds. */
export interface KeyState extends KeyRecord {
  readonly state: 'pending' | 'active' | 'retired' | 'compromised';
  readonly introducedMs: number;
  /** From when on it may sign: the plan while it is pending, then what happened. */
  readonly validFromMs: number;
  /** When it stopped signing. */
  readonly validToMs?: number;
  /** What it signed from then on proves nothing. */
  readonly compromisedAtMs?: number;
  /** When that was said. */
  readonly toldMs?: number;
}

const STATE_AFTER = { introduced: 'pending', activated: 'active', retired: 'retired', compromised: 'compromised' } as const;

/** What the changes make of the keys, in the order in which they were introduced; `changes` are in their own order. */
export function keyStates(records: readonly KeyRecord[], changes: readonly KeyChange[]): KeyState[] {
  const byKid = new Map(records.map((record) => [record.kid, record]));
  const states = new Map<string, KeyState>();
  for (const { kid, event, atMs, plannedMs, compromisedAtMs } of changes) {
    const record = byKid.get(kid);
    const before = states.get(kid);
    if (!record) continue;
    const base = before ?? { ...record, introducedMs: atMs, validFromMs: plannedMs ?? atMs };
    states.set(kid, {
      ...base,
      state: STATE_AFTER[event],
      ...(event === 'activated' && { validFromMs: atMs }),
      ...(event === 'retired' && { validToMs: atMs }),
      ...(event === 'compromised' && { compromisedAtMs: compromisedAtMs ?? atMs, toldMs: atMs }),
    });
  }
  return [...states.values()];
}

/** Keys of a role that are in force, in the order in which they came into it. */
export const inForce = (states: readonly KeyState[], role: KeyRole): KeyState[] =>
  states.filter((key) => key.role === role && key.state === 'active').toSorted((a, b) => a.validFromMs - b.validFromMs);
