import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { toBase64Url } from '#lib/receipts/base64.ts';
import type { Hash } from '#lib/receipts/hash.ts';
import type { PublicKey } from '#lib/receipts/public-key.ts';

/** SHA-256 by Node’s own library: a log of a million entries is hashed many times over. */
export const nativeSha256: Hash = (data) => createHash('sha256').update(data).digest();

const keys = new Map<string, KeyObject>();

/** Ed25519 on the threads of Node’s pool, so that all cores verify; each key is read once. */
export function verifyInPool(key: PublicKey, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const x = toBase64Url(key);
  let object = keys.get(x);
  if (!object) {
    object = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    keys.set(x, object);
  }
  const by = object;
  return new Promise((resolve, reject) =>
    verify(null, message, by, signature, (error, good) => (error ? reject(error) : resolve(good))),
  );
}
