import type { ReceiptSummary } from '#lib/api/receipts.ts';
import type { Receipt } from '#lib/receipts/receipt.ts';
import type { MarkName } from '#components/ui/Mark.tsx';

/** Words of receipts that several of their views share. Pure. */

type ReceiptClass = Receipt['observation']['class'];

/** Why there is a receipt: short for a choice, long for a reader. */
export const CLASS_WORDS: Readonly<Record<ReceiptClass, { readonly name: string; readonly why: string }>> = {
  dropped: { name: 'dropped', why: 'every drop has one' },
  audit: { name: 'audit', why: 'every verdict of a policy in audit mode has one' },
  error: { name: 'error', why: 'every error has one' },
  finding: { name: 'finding', why: 'every finding of the rules has one' },
  aggregate: { name: 'aggregate', why: 'forwarded flows of a kind have one a minute' },
  attested: { name: 'attested', why: 'somebody asked for it' },
  full: { name: 'full', why: 'every flow had one at that time' },
};

/** How far a receipt has come. */
export const STANDING_WORDS: Readonly<
  Record<ReceiptSummary['standing'], { readonly name: string; readonly why: string; readonly mark: MarkName }>
> = {
  sealed: { name: 'sealed', why: 'signed and in a batch; the batch is in no signed head of the log yet', mark: 'trace' },
  logged: { name: 'logged', why: 'in a signed head of the log, which no witness is known to have seen yet', mark: 'trace' },
  witnessed: { name: 'witnessed', why: 'in a head of the log that a witness has seen', mark: 'pass' },
};

/** `k5xw6ylp…zxha` of `rcpt_k5xw6ylpgq3dcmrtgu4wemzxha`, and likewise of hashes: enough to tell two apart by eye. */
export const shortHash = (text: string, head = 8, tail = 4): string =>
  text.length > head + tail + 1 ? `${text.slice(0, head)}…${text.slice(-tail)}` : text;

/** Path of a receipt’s page below its cluster. */
export const receiptPath = (id: string): string => `receipts/${encodeURIComponent(id)}`;
