import 'server-only';
import type { LogEnd } from '#lib/db/receipts/append.ts';
import type { BatchHeader } from '#lib/receipts/receipt.ts';
import { headerHashOf, type SealedBatch } from '#lib/receipts/seal.ts';

/** A batch that was sealed and signed before the end of the log was known, put there: no receipt depends on what comes in. */
export function linked(sealed: SealedBatch, { seq, headerHash, auditHead, keyEvents }: LogEnd): SealedBatch {
  const { audit_head: _audit, key_events: _events, ...rest } = sealed.header;
  const header: BatchHeader = {
    ...rest,
    seq,
    prev_header_hash: headerHash,
    ...(auditHead && { audit_head: auditHead }),
    ...(keyEvents.length > 0 && { key_events: [...keyEvents] }),
  };
  return { ...sealed, header, headerHash: headerHashOf(header) };
}
