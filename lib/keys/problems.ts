import 'server-only';
import type { HeldKeys } from './held-keys.ts';
import { inForce, KEY_ROLES, type KeyRole, type KeyState } from './states.ts';

const UNSIGNED: Readonly<Record<KeyRole, string>> = {
  receipt: 'Receipts are not signed',
  checkpoint: 'Heads of the logs are not signed',
};

const VARIABLE: Readonly<Record<KeyRole, string>> = {
  receipt: 'CAUSEWAY_RECEIPT_KEY_FILE',
  checkpoint: 'CAUSEWAY_CHECKPOINT_KEY_FILE',
};

/** What is wrong with the keys: why a role cannot sign, and what is amiss though it can. `signing` is the key that signs now. */
export function problemsOf(
  states: readonly KeyState[],
  held: HeldKeys,
  signing: Readonly<Record<KeyRole, string | undefined>>,
  now: number,
): { readonly problem: string; readonly warnings: readonly string[] } {
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const role of KEY_ROLES) {
    const refused = held.problems[role];
    if (signing[role] !== undefined) warnings.push(...refused, ...strangersOf(role, states, held));
    else
      problems.push(
        `${UNSIGNED[role]}: ${[...refused, ...(refused.length > 0 ? [] : [lackOf(role, states, held, now)])].join('; ')}.`,
      );
  }
  return { problem: problems.join(' '), warnings };
}

/** Why a role has no key that may sign, where no file was refused. */
function lackOf(role: KeyRole, states: readonly KeyState[], { byRole }: HeldKeys, now: number): string {
  const mine = byRole[role];
  const active = inForce(states, role);
  const newest = active.at(-1);
  const early = active.find((key) => key.validFromMs > now && mine.some(({ kid }) => kid === key.kid));
  if (early)
    return `by the clock of this machine it is ${iso(now)}, before key ${early.kid} came into force at ${iso(early.validFromMs)}; set the clock right`;
  if (mine.length === 0 && !newest) return `there is no key; name its file in ${VARIABLE[role]}`;
  if (newest) {
    const others = mine.map(({ kid }) => kid).join(', ');
    const mend =
      others === ''
        ? 'put it back'
        : `only that of ${others} is; a key is brought in by the one before it: put the old file back and name both, old,new, in ${VARIABLE[role]}`;
    return `key ${newest.kid} is in force and its file (${newest.source}) is not here: ${mend}. If it is gone for good, mark key ${newest.kid} as compromised: another one takes over, and the log shows the break`;
  }
  return `the key that is here signs no more: it is ${states.find(({ kid }) => kid === mine[0]?.kid)?.state ?? 'unknown'}; put a new one there`;
}

/** Keys that are here and wait for something. */
function strangersOf(role: KeyRole, states: readonly KeyState[], { byRole }: HeldKeys): string[] {
  const elsewhere = states.filter(
    (key) => key.role === role && key.state === 'pending' && byRole[role].every(({ kid }) => kid !== key.kid),
  );
  return elsewhere.map(({ kid, source }) => `key ${kid} is to take over, and its file (${source}) is not here`);
}

const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
