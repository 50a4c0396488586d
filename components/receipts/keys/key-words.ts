import type { KeyList, SigningKey } from '#lib/api/receipts.ts';
import { duration, utc } from '#components/ui/format.ts';
import type { MarkName } from '#components/ui/Mark.tsx';

/** Words of the page of keys. Pure. */

/** What each role signs. */
export const ROLE_WORDS: Readonly<Record<SigningKey['role'], { readonly name: string; readonly signs: string }>> = {
  receipt: { name: 'Receipt key', signs: 'receipts' },
  checkpoint: { name: 'Checkpoint key', signs: 'heads of the logs' },
};

export interface StateWords {
  readonly mark: MarkName;
  readonly word: string;
  /** What follows from it. */
  readonly means: string;
}

/** How a key stands, in a word and in a sentence. */
export function stateWords({ state, signs, isHere, role }: SigningKey): StateWords {
  const what = ROLE_WORDS[role].signs;
  if (state === 'pending')
    return { mark: 'trace', word: 'pending', means: 'It is known, so that everybody can learn of it, and signs nothing yet.' };
  if (state === 'retired')
    return { mark: 'stale', word: 'retired', means: 'It signs no more. What it signed while it was in force stays valid.' };
  if (state === 'compromised')
    return {
      mark: 'fail',
      word: 'compromised',
      means: 'It is in other hands. Only what a witness saw before that time can still be proved with it.',
    };
  if (signs) return { mark: 'pass', word: 'active', means: `It signs ${what} now.` };
  if (!isHere) return { mark: 'advice', word: 'active', means: 'It is in force, and its private part is not here.' };
  return { mark: 'pass', word: 'active', means: 'It is in force beside its successor, for what is signed at this moment.' };
}

/** When a key was or will be in force. */
export function inForceWords({ state, validFrom, validTo, compromisedAt }: SigningKey): string {
  if (state === 'pending') return `takes over ${utc(validFrom)}`;
  if (compromisedAt !== undefined) return `from ${utc(validFrom)}, lost ${utc(compromisedAt)}`;
  return validTo === undefined ? `since ${utc(validFrom)}` : `${utc(validFrom)} to ${utc(validTo)}`;
}

/** Why a role cannot be rotated from here now; undefined when it can. */
export function whyNoRotation(
  role: SigningKey['role'],
  { keys, makesKeys }: Pick<KeyList, 'keys' | 'makesKeys'>,
): string | undefined {
  if (!makesKeys)
    return `Key files are put there by others. Add a second file and name both, old,new, in ${role === 'receipt' ? 'CAUSEWAY_RECEIPT_KEY_FILE' : 'CAUSEWAY_CHECKPOINT_KEY_FILE'}: the new key is introduced at once.`;
  const pending = keys.find((key) => key.role === role && key.state === 'pending');
  if (pending) return `A rotation is under way: the new key takes over ${utc(pending.validFrom)}.`;
  if (!keys.some((key) => key.role === role && key.signs)) return 'No key of this role signs now that could bring in another.';
  return undefined;
}

/** What becomes of things when a key is marked as compromised, as sentences. `at`: Unix milliseconds. */
export function compromiseEffects(key: SigningKey, at: number, { keys, witnesses, quorum, makesKeys }: KeyList): string[] {
  const isOther = keys.some(
    ({ role, state, isHere, kid }) =>
      role === key.role && kid !== key.kid && isHere && state !== 'retired' && state !== 'compromised',
  );
  const isAlone = key.state === 'active' && !isOther;
  return [
    lossWords(key, at, witnesses.length, quorum),
    ...(isAlone && makesKeys ? ['A new key is made and signs at once, without an overlap.'] : []),
    ...(isAlone && !makesKeys ? [`Until a new key file is put there, ${ROLE_WORDS[key.role].signs} are not signed.`] : []),
    ...(key.state === 'active' && isOther ? ['The other key of its role takes over at once.'] : []),
    'This is written into every log and cannot be taken back.',
  ];
}

function lossWords({ role }: SigningKey, at: number, witnesses: number, quorum: number): string {
  if (role === 'checkpoint')
    return `Heads that it signed count where a witness had seen them before ${utc(at)}; the logs go on under another key.`;
  if (witnesses === 0) return 'This console has no witness: no receipt that this key signed will verify any more.';
  const who = quorum > 1 ? `${quorum} witnesses` : 'a witness';
  return `Receipts that it signed stay valid where ${who} had seen their batch before ${utc(at)}; all others can no longer be proved.`;
}

/** How long a new key is known before it signs. */
export const overlapWords = (ms: number): string => duration(ms);

/** Who has signed a change, beside the key that it is about. */
export function signedWords({ kid, signedBy }: KeyList['changes'][number]): string {
  const others = signedBy.filter((by) => by !== kid).length;
  const own = signedBy.includes(kid) ? 'itself' : undefined;
  const other = others > 0 ? 'the other key of its role' : undefined;
  return [own, other].filter(Boolean).join(' and ');
}

/** The time of a `datetime-local` field that is read as UTC: Unix milliseconds; undefined for what is no time. */
export function fromUtcField(text: string): number | undefined {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  return Number.isFinite(ms) ? ms : undefined;
}
