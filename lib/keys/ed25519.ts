import 'server-only';
import { createPublicKey, verify } from 'node:crypto';
import { toBase64Url } from '#lib/receipts/base64.ts';
import type { VerifyEd25519 } from '#lib/receipts/public-key.ts';

/** Ed25519 by Node’s own library. */
export const verifyByNode: VerifyEd25519 = (key, message, signature) => {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(key) };
  return verify(null, message, createPublicKey({ key: jwk, format: 'jwk' }), signature);
};
