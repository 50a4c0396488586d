import 'server-only';
import type { ReceiptDetail } from '#lib/api/receipts.ts';
import type { LogReach } from '#lib/db/receipts/read-log.ts';
import { readTrustSetting } from '#lib/db/receipts/trust.ts';
import type { Statements } from '#lib/db/traffic/connection.ts';

/** How far the batch with this sequence has come. */
export function standingOf(seq: number, { logged, witnessed }: LogReach): ReceiptDetail['standing'] {
  if (seq < witnessed) return 'witnessed';
  return seq < logged ? 'logged' : 'sealed';
}

/** How many witnesses make a head a witnessed one: the quorum that is asked for, and never none. */
export async function enoughWitnesses(db: Statements): Promise<number> {
  return Math.max(1, (await readTrustSetting(db))?.quorum ?? 0);
}
