import 'server-only';
import type { ReceiptDetail } from '#lib/api/receipts.ts';
import type { LogReach } from '#lib/db/receipts/read-log.ts';

/** How far the batch with this sequence has come. */
export function standingOf(seq: number, { logged, witnessed }: LogReach): ReceiptDetail['standing'] {
  if (seq < witnessed) return 'witnessed';
  return seq < logged ? 'logged' : 'sealed';
}

/** How many witnesses make a head a witnessed one: where none is asked for, one that came by itself. */
export const enoughWitnesses = (): number => 1;
