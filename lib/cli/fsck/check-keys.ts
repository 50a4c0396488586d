import { keyOfJwkX, type PublicKey, thumbprint } from '#lib/receipts/public-key.ts';
import { KeyHistory, type KnownKeys } from '#lib/receipts/key-event.ts';
import type { BatchHeader, KeyEvent } from '#lib/receipts/receipt.ts';
import { verifyInPool } from './native.ts';

interface Span {
  readonly role: KeyEvent['role'];
  readonly key: PublicKey | undefined;
  /** Sequence of the batch that brought it in. */
  readonly from: number;
  /** Of the batch that ended it. */
  to: number | undefined;
}

/** A key that something was signed by, as far as it is known, and what is wrong with its use there. */
export interface UsedKey {
  readonly key: PublicKey | undefined;
  readonly problem?: string;
}

/** The keys of one log as its headers tell them, batch by batch. */
export class KeyWalk {
  readonly #history = new KeyHistory();
  readonly #spans = new Map<string, Span>();
  readonly #beside: KnownKeys;
  /** Whether a header before this place was not to be read: what it told of keys is not known then. */
  #holes = false;

  /** `beside`: keys that are known beside the log, because the console has written them down, or a trust bundle has them. */
  constructor(beside: KnownKeys) {
    this.#beside = beside;
  }

  /** What is wrong with the changes of keys that a batch tells of. */
  async take(seq: number, { key_events }: BatchHeader): Promise<string[]> {
    const problems: string[] = [];
    for (const event of key_events ?? []) {
      const wrong = await this.#history.add(event, verifyInPool);
      if (wrong && !this.#holes) problems.push(wrong.problem);
      this.#note(seq, event);
    }
    return problems;
  }

  /** Whether all headers so far were to be read. */
  get isWhole(): boolean {
    return !this.#holes;
  }

  /** A header that was not to be read. */
  skip(): void {
    this.#holes = true;
  }

  #note(seq: number, { event, role, kid, x }: KeyEvent): void {
    const span = this.#spans.get(kid);
    if (event === 'introduced' && !span) this.#spans.set(kid, { role, key: namedKey(kid, x), from: seq, to: undefined });
    if (span && (event === 'retired' || event === 'compromised')) span.to ??= seq;
  }

  /** The key that signed the receipts of batch `seq`. One that this very batch ends may have signed it. */
  ofReceipts = (kid: string, seq: number): UsedKey => this.#find(kid, 'receipt', seq);

  /** The key that signed the head of `size` batches, after the last of them and before the next. */
  ofHead = (kid: string, size: number): UsedKey => this.#find(kid, 'checkpoint', size - 1);

  #find(kid: string, role: KeyEvent['role'], seq: number): UsedKey {
    const span = this.#spans.get(kid);
    const key = span?.key ?? this.#beside.get(kid)?.key;
    if (this.#holes) return { key };
    if (!span) return { key, problem: `key ${kid} signed it, and no batch up to there brings that key in` };
    if (span.role !== role) return { key, problem: `key ${kid} signed it, which is a ${span.role} key` };
    if (span.to !== undefined && span.to < seq)
      return { key, problem: `key ${kid} signed it, which had ended with batch ${span.to}` };
    return { key };
  }
}

/** The key that is called `kid`, when it is that key. */
export function namedKey(kid: string, x: string): PublicKey | undefined {
  const key = keyOfJwkX(x);
  return key && thumbprint(key) === kid ? key : undefined;
}
