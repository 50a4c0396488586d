import { readFileSync } from 'node:fs';

/** Published expected values that are kept beside what they test, `lib/receipts/vectors/NAME.json`; each says where it is from. */
export const vectors = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../receipts/vectors/${name}.json`, import.meta.url), 'utf8'));

export const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
