import 'server-only';
import { sign, type KeyObject } from 'node:crypto';
import { decideCosign, type CosignDecision, SIZE_TYPE } from '#lib/receipts/add-checkpoint.ts';
import { cosignatureBytes, cosignatureMessage } from '#lib/receipts/checkpoint.ts';
import { formatNote, formatSignature, keyIdOf, NOTE_TYPES, type NoteSignature } from '#lib/receipts/note.ts';
import type { PublicKey } from '#lib/receipts/public-key.ts';
import { verifyByNode } from '#lib/keys/ed25519.ts';
import type { HeadStore } from './head-store.ts';

/** Answer of a witness, as HTTP has it. */
export interface WitnessAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** For its log: what was asked and what became of it. */
  readonly told: string;
}

export interface WitnessOptions {
  readonly name: string;
  readonly key: { readonly publicKey: PublicKey; readonly privateKey: KeyObject };
  /** Keys of each log by its origin; several while the log changes its key. */
  readonly logs: ReadonlyMap<string, readonly PublicKey[]>;
  readonly heads: HeadStore;
  /** Unix milliseconds. */
  readonly now?: () => number;
  /** Told when a head is on disk and nobody has been answered yet. */
  readonly kept?: (origin: string) => void;
}

const TEXT = 'text/plain; charset=utf-8';

/**
 * A witness: gives its word that each head of a log grew out of the one before (C2SP tlog-witness), and forgets none. It signs nothing that it has
 * not kept first, and tells nobody what it has not kept.
 */
export class WitnessService {
  readonly #options: WitnessOptions;
  /** Requests wait for each other: between looking at the last head and keeping the next one nothing else happens. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /** Answers a request; never throws. */
  addCheckpoint(body: string): Promise<WitnessAnswer> {
    const answer = this.#turn.then(() => this.#answer(body));
    this.#turn = answer;
    return answer;
  }

  async #answer(body: string): Promise<WitnessAnswer> {
    const { logs, heads } = this.#options;
    try {
      const decision = await decideCosign(body, logs, (origin) => heads.get(origin), verifyByNode);
      return decision.cosign ? this.#cosign(decision) : refusal(decision);
    } catch (error) {
      // The reason is for whoever runs the witness; who asks learns that it was not done.
      const why = error instanceof Error ? error.message : String(error);
      return { status: 500, type: TEXT, body: 'the witness cannot keep what it would sign\n', told: `500 ${why}` };
    }
  }

  #cosign({ head, text, signature }: CosignDecision & { readonly cosign: true }): WitnessAnswer {
    const { name, key, heads, now = Date.now, kept } = this.#options;
    const time = Math.floor(now() / 1000);
    const last = heads.get(head.origin);
    if (last && time < last.time)
      return {
        status: 503,
        type: TEXT,
        body: 'the clock of the witness went back\n',
        told: `503 ${head.origin}: the clock went back`,
      };
    const own: NoteSignature = {
      name,
      keyId: keyIdOf(name, NOTE_TYPES.cosignature, key.publicKey),
      signature: cosignatureBytes(time, sign(null, cosignatureMessage(time, text), key.privateKey)),
    };
    heads.put(head.origin, { size: head.size, root: head.root, time, note: formatNote({ text, signatures: [signature, own] }) });
    kept?.(head.origin);
    return {
      status: 200,
      type: TEXT,
      body: formatSignature(own),
      told: `200 ${head.origin}: size ${last?.size ?? 0} to ${head.size}`,
    };
  }
}

function refusal({ status, reason, size, origin }: CosignDecision & { readonly cosign: false }): WitnessAnswer {
  const told = `${status} ${origin === undefined ? '' : `${origin}: `}${reason}${size === undefined ? '' : ` (size ${size})`}`;
  return size === undefined
    ? { status, type: TEXT, body: `${reason}\n`, told }
    : { status, type: SIZE_TYPE, body: `${size}\n`, told };
}
