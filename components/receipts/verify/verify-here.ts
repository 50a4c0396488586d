import { CausewayError } from '#lib/errors/errors.ts';
import { receiptJsonOf } from '#lib/receipts/forms.ts';
import { plainKeccak256 } from '#lib/receipts/hash.ts';
import type { Trust } from '#lib/receipts/trust.ts';
import { type Verification, verifyReceipt } from '#lib/receipts/verify.ts';
import type { BrowserEd25519 } from './browser-ed25519.ts';

/** What was found in this browser, or why nothing could be. */
export type HereResult =
  | { readonly kind: 'verified'; readonly verification: Verification; readonly tookMs: number }
  | { readonly kind: 'unable'; readonly why: string };

export interface HereOptions {
  readonly trust: Trust;
  readonly quorum?: number | undefined;
  readonly policies?: ReadonlyMap<string, string> | undefined;
}

/** Verifies a file of any form. It asks no network; what is in the file throws nothing. */
export async function verifyHere(
  text: string,
  { trust, quorum, policies }: HereOptions,
  ed25519: BrowserEd25519,
): Promise<HereResult> {
  if (!ed25519.ok) return { kind: 'unable', why: ed25519.why };
  const start = performance.now();
  const verification = await verifyForm(text, {
    trust,
    verify: ed25519.verify,
    keccak: plainKeccak256,
    ...(quorum !== undefined && { quorum }),
    ...(policies && policies.size > 0 && { policies }),
  });
  return { kind: 'verified', verification, tookMs: performance.now() - start };
}

async function verifyForm(text: string, options: Parameters<typeof verifyReceipt>[1]): Promise<Verification> {
  try {
    return await verifyReceipt(receiptJsonOf(text).json, options);
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    return notRead(error.message);
  }
}

/** A file that is none, told as a verification that ended at its first step. */
export const notRead = (why: string): Verification => ({
  exit: 2,
  steps: [{ id: 'parse', status: 'fail', detail: why }],
  gaps: [],
  witnesses: [],
});
