import { CausewayError } from '#lib/errors/errors.ts';
import { type CanonicalValue, canonicalBytes } from '#lib/receipts/canonical.ts';

const decoder = new TextDecoder();

/** UTF-8 of a text, as the database keeps it. */
export const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** The canonical form, or undefined for what has none. */
export function canonicalText(value: CanonicalValue): string | undefined {
  try {
    return decoder.decode(canonicalBytes(value));
  } catch (error) {
    if (error instanceof CausewayError) return undefined;
    throw error;
  }
}

/** What a text means as JSON; undefined when it is none. Keys that are there twice are found when the canonical form is compared. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
