'use client';
import { ReceiptDetail } from '#lib/api/receipts.ts';
import { type ApiState, useApi } from '#components/live/use-api.ts';
import { type TextState, useText } from '../verify/use-text.ts';

/** A receipt goes on after it is sealed: a head is signed within seconds, and witnesses see it a little later. */
const REFRESH_MS = 5000;

export interface ReceiptState {
  readonly detail: ApiState<ReceiptDetail>;
  /** The file to hand out, which is what is verified; read anew as the receipt comes further. */
  readonly file: TextState;
}

/** A receipt with its proof; asked for again until a witness has seen it. */
export function useReceipt(url: string): ReceiptState {
  const detail = useApi(url, ReceiptDetail, { refreshMs: REFRESH_MS });
  const { data } = detail;
  const progress = data && `${data.standing} ${data.witnesses.length}`;
  const file = useText(data ? `${url}/bundle?format=json` : null, progress);
  return { detail, file };
}
