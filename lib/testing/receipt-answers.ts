import type { ReceiptDetail, ReceiptSummary } from '#lib/api/receipts.ts';
import type { Receipt } from '#lib/receipts/receipt.ts';
import { CLUSTER } from './receipts.ts';

/** Time of what the answers tell of, Unix milliseconds. */
export const OBSERVED_AT = Date.parse('2026-03-02T14:02:41.204Z');

/** A row of the list of receipts: a drop whose head a witness has seen. */
export const aReceiptSummary = (overrides: Partial<ReceiptSummary> = {}): ReceiptSummary => ({
  id: 'rcpt_k5xw6ylpgq3dcmrtgu4wemzxha',
  cluster: CLUSTER,
  class: 'dropped',
  verdict: 'DROPPED',
  observedAt: OBSERVED_AT,
  source: 'gateway/web-bff',
  destination: 'payments/payments-db',
  port: 5432,
  protocol: 'TCP',
  reason: 'POLICY_DENIED',
  policies: ['cnp:gateway/bff-to-checkout'],
  count: '1',
  batch: 812_406,
  leaf: 117,
  standing: 'witnessed',
  ...overrides,
});

/** The answer about one receipt. */
export const aReceiptDetail = (receipt: Receipt, overrides: Partial<ReceiptDetail> = {}): ReceiptDetail => ({
  receipt,
  cluster: { id: CLUSTER, name: CLUSTER, environment: 'PRD' },
  standing: 'witnessed',
  witnesses: [{ name: 'security-witness', at: OBSERVED_AT + 7000 }],
  ...overrides,
});
