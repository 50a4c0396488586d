import 'server-only';
import { type KeyObject, sign } from 'node:crypto';
import { parentPort } from 'node:worker_threads';

/** To the thread that signs: a key, once; then messages under it. */
export type ToSigner =
  | { readonly type: 'key'; readonly kid: string; readonly key: KeyObject }
  | { readonly type: 'sign'; readonly id: number; readonly kid: string; readonly messages: readonly Uint8Array[] };

/** From it: signatures of 64 bytes one after the other, or why there are none. */
export type FromSigner =
  | { readonly type: 'signed'; readonly id: number; readonly signatures: Uint8Array<ArrayBuffer> }
  | { readonly type: 'failed'; readonly id: number; readonly message: string };

const SIGNATURE_BYTES = 64;
/** The key in use; the one before is let go with it. */
let current: { readonly kid: string; readonly key: KeyObject } | undefined;

parentPort?.on('message', (message: ToSigner) => {
  if (message.type === 'key') {
    current = { kid: message.kid, key: message.key };
    return;
  }
  const { id, kid, messages } = message;
  try {
    if (current?.kid !== kid) throw new Error('the key to sign with is not here');
    const signatures = new Uint8Array(messages.length * SIGNATURE_BYTES);
    for (const [index, each] of messages.entries()) signatures.set(sign(null, each, current.key), index * SIGNATURE_BYTES);
    parentPort?.postMessage({ type: 'signed', id, signatures } satisfies FromSigner, [signatures.buffer]);
  } catch (error) {
    const text = error instanceof Error ? error.message : 'it cannot be signed';
    parentPort?.postMessage({ type: 'failed', id, message: text } satisfies FromSigner);
  }
});
