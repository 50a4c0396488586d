import 'server-only';
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { toBase64Url } from '#lib/receipts/base64.ts';
import type { PublicKey, VerifyEd25519 } from '#lib/receipts/public-key.ts';

/** Ed25519 by Node’s own library. */
export const verifyByNode: VerifyEd25519 = (key, message, signature) => verify(null, message, objectOf(key), signature);

/** Few keys sign much: the last ones are kept as Node has them. */
const MOST_KEPT = 100;
const kept = new Map<string, KeyObject>();

function objectOf(key: PublicKey): KeyObject {
  const x = toBase64Url(key);
  const known = kept.get(x);
  if (known) return known;
  const object = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(x, object);
  return object;
}
