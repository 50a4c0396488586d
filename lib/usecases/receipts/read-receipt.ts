import 'server-only';
import type { ReceiptDetail } from '#lib/api/receipts.ts';
import { withStatements } from '#lib/db/client.ts';
import type { ClusterRow } from '#lib/db/platform/clusters.ts';
import { readReceipt, type StoredReceipt } from '#lib/db/receipts/read.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { type ReceiptForm, toEnvelope, toTlogProof } from '#lib/receipts/forms.ts';
import type { Receipt } from '#lib/receipts/receipt.ts';
import { enoughWitnesses, standingOf } from './standing.ts';

const NO_RECEIPT = 'there is no such receipt';

/** Who asks: gives the cluster of a thing, or says that there is no such thing; see `Call` in `lib/http/handle.ts`. */
interface Caller {
  onCluster(cluster: string | undefined, action: 'receipt.read', none: string): Promise<ClusterRow>;
}

/** A receipt with as much proof as there is now, the cluster it is of, and how many witnesses are enough. */
export interface SeenReceipt {
  readonly stored: StoredReceipt;
  readonly cluster: ClusterRow;
  readonly enough: number;
}

/** The receipt with this id. Throws `not-found` in one voice for none and for one that is hidden. */
export async function receiptFor(id: string, caller: Caller): Promise<SeenReceipt> {
  const { stored, enough } = await withStatements(async (db) => {
    const needed = await enoughWitnesses(db);
    return { stored: await readReceipt(db, id, needed), enough: needed };
  });
  const cluster = await caller.onCluster(stored?.cluster, 'receipt.read', NO_RECEIPT);
  if (!stored) throw new CausewayError('not-found', NO_RECEIPT);
  return { stored, cluster, enough };
}

/** The receipt as the API shows it. */
export function detailOf({ stored: { receipt, head }, cluster: { id, name, environment }, enough }: SeenReceipt): ReceiptDetail {
  const seq = receipt.proof?.header.seq ?? 0;
  const isWitnessed = (head?.witnesses.length ?? 0) >= enough;
  return {
    receipt,
    cluster: { id, name, environment },
    standing: standingOf(seq, { logged: head?.size ?? 0, witnessed: head && isWitnessed ? head.size : 0 }),
    witnesses: head?.witnesses.map((witness) => ({ ...witness })) ?? [],
  };
}

/** A file to hand out. */
export interface Bundle {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

/** The receipt as a file. Throws `conflict` for a proof of the log while the batch is in no signed head. */
export function bundleOf(receipt: Receipt, form: ReceiptForm): Bundle {
  const { receipt_id: id } = receipt;
  switch (form) {
    case 'json':
      return { name: `${id}.json`, type: 'application/json', text: JSON.stringify(receipt) };
    case 'dsse':
      return { name: `${id}.dsse.json`, type: 'application/vnd.dsse.envelope.v1+json', text: toEnvelope(receipt) };
    case 'tlog-proof': {
      const text = toTlogProof(receipt);
      if (text === undefined)
        throw new CausewayError('conflict', 'its batch is in no signed head of the log yet: heads are signed every few seconds');
      return { name: `${id}.tlog-proof`, type: 'text/plain; charset=utf-8', text };
    }
  }
}
