import { fromBase64Url } from '#lib/receipts/base64.ts';
import type { VerifyEd25519 } from '#lib/receipts/public-key.ts';

/** Signatures as this browser checks them, or why it cannot. */
export type BrowserEd25519 = { readonly ok: true; readonly verify: VerifyEd25519 } | { readonly ok: false; readonly why: string };

/** RFC 8032, 7.1, test 2: what a browser has to say yes to, and no to once a bit is changed. */
const KNOWN = {
  key: 'PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw',
  message: new Uint8Array([0x72]),
  signature: 'kqAJqfDUyrhyDoILX2QlQKKye1QWUD-Ps3YiI-vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA',
};

let known: Promise<BrowserEd25519> | undefined;

/** WebCrypto’s Ed25519, once it has shown on a published vector that it is there and tells good from bad. */
export function browserEd25519(): Promise<BrowserEd25519> {
  known ??= probe(globalThis.crypto?.subtle);
  return known;
}

/** The same for a given WebCrypto; `undefined` is what pages get that came over plain HTTP. */
export async function probe(subtle: SubtleCrypto | undefined): Promise<BrowserEd25519> {
  if (!subtle)
    return { ok: false, why: 'this page did not come over HTTPS, and a browser checks signatures only on pages that did' };
  const verify = verifyWith(subtle);
  const [key, signature] = [fromBase64Url(KNOWN.key), fromBase64Url(KNOWN.signature)];
  if (!key || !signature) throw new Error('the published vector is not in base64url');
  const changed = signature.with(0, (signature[0] ?? 0) ^ 1);
  try {
    const works = (await verify(key, KNOWN.message, signature)) && !(await verify(key, KNOWN.message, changed));
    return works ? { ok: true, verify } : { ok: false, why: 'this browser checks a published Ed25519 signature wrongly' };
  } catch {
    return { ok: false, why: 'this browser does not know Ed25519 signatures' };
  }
}

const verifyWith =
  (subtle: SubtleCrypto): VerifyEd25519 =>
  async (key, message, signature) => {
    const imported = await subtle.importKey('raw', own(key), { name: 'Ed25519' }, false, ['verify']);
    return subtle.verify({ name: 'Ed25519' }, imported, own(signature), own(message));
  };

/** A copy that is surely no shared memory, which WebCrypto does not take. */
const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);
