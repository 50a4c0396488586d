import 'server-only';
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { CausewayError } from '#lib/errors/errors.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A new secret of a webhook in the form of the Standard Webhooks: `whsec_` and 256 bits in base64. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/**
 * A webhook's secret as it is stored: AES-256-GCM under a key made (HKDF-SHA-256) of the console's own secret, bound to the webhook's id. Whoever
 * has the database alone cannot sign; the console, which has both, can. Nonce, tag and text follow each other.
 */
export function seal(secret: string, webhook: string, consoleSecret: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(consoleSecret), nonce).setAAD(Buffer.from(webhook));
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
}

/** The secret again. Throws `not-configured` when the console has another secret than it had then, or the row was tampered with. */
export function unseal(sealed: Uint8Array, webhook: string, consoleSecret: string): string {
  const bytes = Buffer.from(sealed);
  try {
    const decipher = createDecipheriv(CIPHER, keyOf(consoleSecret), bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(webhook))
      .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch (error) {
    throw new CausewayError(
      'not-configured',
      "the webhook's secret cannot be read: the console has another NEXTAUTH_SECRET than when the webhook was added; add it anew",
      { cause: error },
    );
  }
}

const keyOf = (consoleSecret: string): Buffer =>
  Buffer.from(hkdfSync('sha256', consoleSecret, '', 'causeway webhook secrets', 32));
