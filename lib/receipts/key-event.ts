import { fromBase64Url } from './base64.ts';
import { canonicalBytes } from './canonical.ts';
import { preAuthEncoding } from './dsse.ts';
import { keyOfJwkX, keyProblem, type PublicKey, thumbprint, type VerifyEd25519 } from './public-key.ts';
import type { KeyEvent } from './receipt.ts';

/** Type of what the signatures of a change of a key are over. */
export const KEY_EVENT_TYPE = 'application/vnd.causeway.key-event.v1+json';

export type UnsignedKeyEvent = Omit<KeyEvent, 'signatures'>;

/** What is signed: everything of the event but its signatures. */
export function keyEventToSign(event: UnsignedKeyEvent | KeyEvent): Uint8Array {
  const { signatures: _signatures, ...signed } = { signatures: [], ...event };
  return preAuthEncoding(KEY_EVENT_TYPE, canonicalBytes(signed));
}

/** Keys by their thumbprint, as a trust bundle or the log so far has them. */
export type KnownKeys = ReadonlyMap<string, { readonly role: KeyEvent['role']; readonly key: PublicKey }>;

/** `unknown-key`: by a key that is neither the event's own nor among those known. */
export interface KeyEventProblem {
  readonly kind: 'broken' | 'unknown-key';
  readonly problem: string;
}

/**
 * What is wrong with a change of a key, taken by itself: its key is none, or is called otherwise; a signature is not good, or is by a key of another
 * role. A key is brought in with its own signature, which shows that somebody holds it. Whether the order of changes allows it, and who else had to
 * sign, is asked by `KeyHistory`.
 */
export async function checkKeyEvent(
  event: KeyEvent,
  keys: KnownKeys,
  verify: VerifyEd25519,
): Promise<KeyEventProblem | undefined> {
  const own = keyOfJwkX(event.x);
  const problem = own ? keyProblem(own) : 'it is no Ed25519 key in base64url';
  if (!own || problem !== undefined) return broken(event, `its key is refused: ${problem}`);
  if (thumbprint(own) !== event.kid) return broken(event, `its key is another one: ${thumbprint(own)}`);
  const signers = event.signatures.map(({ kid }) => kid);
  if (new Set(signers).size < signers.length) return broken(event, 'one key has signed it twice');
  if (event.event === 'introduced' && !signers.includes(event.kid)) return broken(event, 'the new key has not signed it');
  const message = keyEventToSign(event);
  for (const { kid, sig } of event.signatures) {
    const known = keys.get(kid);
    const signer = kid === event.kid ? own : known?.key;
    if (!signer) return { kind: 'unknown-key', problem: `${title(event)}: signed by key ${kid}, which is not known` };
    if (known && known.role !== event.role) return broken(event, `key ${kid} is of another role`);
    const signature = fromBase64Url(sig);
    if (!signature || !(await verify(signer, message, signature))) return broken(event, `it does not verify under key ${kid}`);
  }
  return undefined;
}

type KeyState = 'pending' | 'active' | 'retired' | 'compromised';

/** What an event makes of a key, and in which states the key may be before. */
const TRANSITIONS: Readonly<
  Record<KeyEvent['event'], { readonly from: readonly (KeyState | undefined)[]; readonly to: KeyState }>
> = {
  introduced: { from: [undefined], to: 'pending' },
  activated: { from: ['pending'], to: 'active' },
  retired: { from: ['active', 'pending'], to: 'retired' },
  compromised: { from: ['pending', 'active', 'retired'], to: 'compromised' },
};

/** The keys of a log as its headers tell them, from the first one on. */
export class KeyHistory {
  readonly #keys = new Map<string, { readonly role: KeyEvent['role']; readonly key: PublicKey; readonly state: KeyState }>();

  /** Keys introduced so far. */
  get keys(): ReadonlyMap<string, { readonly role: KeyEvent['role']; readonly key: PublicKey; readonly state: KeyState }> {
    return this.#keys;
  }

  /**
   * Takes the next change; gives what is wrong with it, by itself or as the next one. Where another key of its role is active, one of those has to
   * have signed it too: who has taken a key from nowhere cannot put his own in its place. The word of a key on its own compromise counts for nothing
   * while another is active.
   */
  async add(event: KeyEvent, verify: VerifyEd25519): Promise<KeyEventProblem | undefined> {
    const wrong = await checkKeyEvent(event, this.#keys, verify);
    if (wrong) return wrong;
    const before = this.#keys.get(event.kid);
    if (before && before.role !== event.role) return broken(event, 'the key is of another role');
    const { from, to } = TRANSITIONS[event.event];
    if (!from.includes(before?.state)) return broken(event, `the key is ${before?.state ?? 'not introduced'}`);
    const active = [...this.#keys].filter(
      ([kid, { role, state }]) => role === event.role && state === 'active' && kid !== event.kid,
    );
    if (active.length > 0 && !event.signatures.some(({ kid }) => active.some(([other]) => other === kid)))
      return broken(event, 'no other active key of its role has signed it');
    this.#keys.set(event.kid, { role: event.role, key: keyOfJwkX(event.x) as PublicKey, state: to });
    return undefined;
  }
}

const title = ({ event, role, kid }: KeyEvent): string => `${role} key ${kid} ${event}`;
const broken = (event: KeyEvent, problem: string): KeyEventProblem => ({
  kind: 'broken',
  problem: `${title(event)}: ${problem}`,
});
