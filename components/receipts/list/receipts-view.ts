import { RECEIPT_CLASSES, type ReceiptSummary } from '#lib/api/receipts.ts';

/** What the list of receipts asks for and shows. Pure. */

export const SHOWN_CLASSES = ['all', ...RECEIPT_CLASSES] as const;
export const SHOWN_VERDICTS = ['all', 'DROPPED', 'AUDIT', 'ERROR', 'FORWARDED', 'REDIRECTED'] as const;

export interface ReceiptFilter {
  readonly q: string;
  readonly class: (typeof SHOWN_CLASSES)[number];
  readonly verdict: (typeof SHOWN_VERDICTS)[number];
  /** Sequence of a batch. */
  readonly batch: number | null;
}

export const isFiltered = ({ q, class: kind, verdict, batch }: ReceiptFilter): boolean =>
  q.trim() !== '' || kind !== 'all' || verdict !== 'all' || batch !== null;

const WHOLE = /^(rcpt_[a-z2-7]{26}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Whether it looks for one thing whenever that was: the id of a receipt or a flow, or a batch. */
export const isTimeless = ({ q, batch }: ReceiptFilter): boolean => batch !== null || WHOLE.test(q.trim().toLowerCase());

/** Parameters of `GET /api/v1/receipts`; `range` is that of the page, which what names one thing does without. */
export function receiptsQuery(cluster: string, filter: ReceiptFilter, range: string): URLSearchParams {
  const query = new URLSearchParams({ cluster });
  const { q, class: kind, verdict, batch } = filter;
  if (!isTimeless(filter)) for (const [name, value] of new URLSearchParams(range)) query.set(name, value);
  if (q.trim() !== '') query.set('q', q.trim());
  if (kind !== 'all') query.set('class', kind);
  if (verdict !== 'all') query.set('verdict', verdict);
  if (batch !== null) query.set('batch', String(batch));
  return query;
}

/** Rows as they are shown, and how many newer ones wait. */
export interface HeldRows {
  readonly rows: readonly ReceiptSummary[];
  readonly waiting: number;
  /** So many wait at least: the newest page holds none of those shown. */
  readonly more: boolean;
}

/**
 * Rows while somebody reads: those that were shown stay in their place, with how far they have come by now; newer ones wait. Without a `shown` the
 * newest are shown.
 */
export function holdRows(shown: readonly ReceiptSummary[] | undefined, newest: readonly ReceiptSummary[]): HeldRows {
  if (!shown || shown.length === 0) return { rows: newest, waiting: 0, more: false };
  const now = new Map(newest.map((receipt) => [receipt.id, receipt]));
  const known = new Set(shown.map(({ id }) => id));
  const waiting = newest.filter(({ id }) => !known.has(id)).length;
  return {
    rows: shown.map((receipt) => now.get(receipt.id) ?? receipt),
    waiting,
    more: waiting > 0 && waiting === newest.length,
  };
}
