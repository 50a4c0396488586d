import type { BatchList, BatchSummary } from '#lib/api/receipts.ts';
import { HEADER_SCHEMA } from '#lib/receipts/receipt.ts';
import { headerHashOf } from '#lib/receipts/seal.ts';
import { CLUSTER } from './receipts.ts';

/** Time of the newest batch of `aLog`, Unix milliseconds. */
export const LOG_AT = Date.parse('2026-03-02T14:03:00Z');
const momentOf = (at: number): string => new Date(at).toISOString().replace('Z', '000Z');

/** A batch that saw everything, and is in a head that a witness saw. */
export function aBatch(header: Partial<BatchSummary['header']> = {}, more: Partial<BatchSummary> = {}): BatchSummary {
  const { seq = 0 } = header;
  const whole: BatchSummary['header'] = {
    schema: HEADER_SCHEMA,
    cluster_id: CLUSTER,
    batch_id: `b${seq}`,
    seq,
    prev_header_hash: '0'.repeat(64),
    window_start: momentOf(LOG_AT - 500),
    window_end: momentOf(LOG_AT),
    leaf_count: 143,
    merkle_root: 'cd'.repeat(32),
    receipt_counts: { dropped: 140, audit: 3 },
    completeness: { nodes_expected: 4, nodes_connected: 4, lost_events: [], stream_gaps: [], clock_skew_ms_max: 4 },
    kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    ...header,
  };
  return { header: whole, headerHash: headerHashOf(whole), sealedAt: LOG_AT, gaps: [], standing: 'witnessed', ...more };
}

/** A log of so many batches, chained, as the API lists its newest ones. */
export function aLog(length: number, { shown = 50, before = length }: { shown?: number; before?: number } = {}): BatchList {
  const batches: BatchSummary[] = [];
  for (let seq = 0, hash = '0'.repeat(64); seq < length; seq += 1) {
    const at = LOG_AT - (length - 1 - seq) * 1000;
    const batch = aBatch(
      { seq, prev_header_hash: hash, window_start: momentOf(at - 500), window_end: momentOf(at) },
      { sealedAt: at },
    );
    hash = batch.headerHash;
    batches.unshift(batch);
  }
  const page = batches.filter(({ header }) => header.seq < before).slice(0, shown);
  const last = page.at(-1)?.header.seq ?? 0;
  return { batches: page, ...(last > 0 && { next: last }) };
}
