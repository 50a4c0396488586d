import type { ReceiptRow } from '#lib/db/receipts/fsck.ts';
import { searchColumns } from '#lib/db/receipts/search-columns.ts';
import { fromBase64Url } from '#lib/receipts/base64.ts';
import { preAuthEncoding, RECEIPT_TYPE } from '#lib/receipts/dsse.ts';
import { type Hash, sameBytes } from '#lib/receipts/hash.ts';
import { evidenceOf, leafHashOf, receiptIdOf } from '#lib/receipts/leaf.ts';
import type { PublicKey } from '#lib/receipts/public-key.ts';
import { type BatchHeader, SignedReceipt } from '#lib/receipts/receipt.ts';
import { verifyInPool } from './native.ts';
import { bytesOf, canonicalText, parsedJson } from './texts.ts';

/** A batch as far as it was found to be what was written. */
export interface KnownBatch {
  readonly cluster: string;
  readonly seq: number;
  readonly leafCount: number;
  readonly header: BatchHeader | undefined;
  readonly leaves: readonly Uint8Array[] | undefined;
  /** The key of its receipts, where it is known. */
  readonly key: PublicKey | undefined;
}

export interface ReceiptProblem {
  readonly table: 'receipt' | 'receipt_batch';
  /** Id of the receipt, or cluster and sequence of the batch. */
  readonly row: readonly (string | number)[];
  readonly problem: string;
}

export interface CheckedReceipts {
  readonly problems: readonly ReceiptProblem[];
  /** Receipts that are there. */
  readonly there: number;
  /** Summaries of what was let through that are not there any more, as their retention has it. */
  readonly gone: number;
}

/** Classes that are kept for a while only: see the trigger `receipt_keep_evidence`. */
const PASSING = ['aggregate', 'full'] as const;

/** Checks the receipts that stand in a batch, and whether those that are not there may be gone. */
export async function checkReceipts(batch: KnownBatch, rows: readonly ReceiptRow[], keccak: Hash): Promise<CheckedReceipts> {
  const read = await Promise.all(rows.map((row) => checkReceipt(row, batch, keccak)));
  const problems = rows.flatMap(({ id }, at) => {
    const problem = read[at]?.problem;
    return problem === undefined ? [] : [{ table: 'receipt' as const, row: [id], problem }];
  });
  const lost = missing(
    batch,
    rows,
    read.map((each) => each.class),
  );
  return { problems: [...problems, ...lost.problems], there: rows.length, gone: lost.gone };
}

/** The first thing that is wrong with a receipt, and its class where that can be told. */
async function checkReceipt(
  row: ReceiptRow,
  { header, leaves, leafCount, key }: KnownBatch,
  keccak: Hash,
): Promise<{ readonly class?: string; readonly problem?: string }> {
  const { data: signed, error } = SignedReceipt.safeParse(parsedJson(row.body));
  if (!signed) return { problem: `its body is no receipt: ${error.issues[0]?.message}` };
  const { class: kind } = signed.observation;
  if (canonicalText(signed) !== row.body) return { class: kind, problem: 'its body is not in the canonical form' };
  const leaf = leafHashOf(evidenceOf(signed), keccak);
  const id = receiptIdOf(leaf);
  if (id !== signed.receipt_id) return { class: kind, problem: `its evidence makes receipt ${id}: it was changed` };
  if (id !== row.id) return { class: kind, problem: `it is receipt ${id} by its content` };
  const { attestation } = signed;
  const said: readonly (readonly [string, unknown, unknown])[] = [
    ['cluster', row.cluster, signed.cluster_id],
    ['leaf', row.leaf, attestation.leaf_index],
    ['batch', header?.batch_id ?? attestation.batch_id, attestation.batch_id],
    ['root', header?.merkle_root ?? attestation.merkle_root, attestation.merkle_root],
    ['number of leaves', header?.leaf_count ?? attestation.tree_size, attestation.tree_size],
  ];
  const other = said.find(([, stored, inside]) => stored !== inside);
  if (other) return { class: kind, problem: `the ${other[0]} it stands in is not the one that it names` };
  const standing = leaves?.[row.leaf];
  if (leaves && (row.leaf >= leafCount || !standing || !sameBytes(standing, leaf)))
    return { class: kind, problem: 'its leaf is not the one of its batch' };
  const signature = fromBase64Url(row.sig);
  if (signature?.length !== 64) return { class: kind, problem: 'its signature is none' };
  if (header && key && !(await verifyInPool(key, preAuthEncoding(RECEIPT_TYPE, bytesOf(row.body)), signature)))
    return { class: kind, problem: `its signature does not verify under key ${header.kid}` };
  const wrong = wrongColumn(row, signed);
  return wrong === undefined ? { class: kind } : { class: kind, problem: `${wrong} is not what its body says` };
}

function wrongColumn(row: ReceiptRow, signed: SignedReceipt): string | undefined {
  const { observed_at_ms, policies, ...columns } = searchColumns(signed);
  if (Math.abs(row.observed_at_ms - observed_at_ms) >= 0.001) return 'observed_at_ms';
  if (row.policies.length !== policies.length || row.policies.some((ref, at) => ref !== policies[at])) return 'policies';
  return Object.entries(columns).find(([name, value]) => row[name as keyof typeof columns] !== value)?.[0];
}

/** Which leaves have no receipt, and which of those should have one by the numbers that the header gives for each class. */
function missing(
  { cluster, seq, leafCount, header, leaves }: KnownBatch,
  rows: readonly ReceiptRow[],
  classes: readonly (string | undefined)[],
): { readonly problems: ReceiptProblem[]; readonly gone: number } {
  const taken = new Set(rows.map(({ leaf }) => leaf));
  const empty = Array.from({ length: leafCount }, (_, leaf) => leaf).filter((leaf) => !taken.has(leaf));
  if (!header) return { problems: [], gone: 0 }; // the batch itself is told
  const unread = classes.filter((kind) => kind === undefined).length;
  const lacking = (kind: keyof BatchHeader['receipt_counts']): number =>
    (header.receipt_counts[kind] ?? 0) - classes.filter((other) => other === kind).length;
  const kinds = Object.keys(header.receipt_counts) as (keyof BatchHeader['receipt_counts'])[];
  const kept = kinds.filter((kind) => !(PASSING as readonly string[]).includes(kind)).map(lacking);
  const lost = Math.max(0, kept.reduce((sum, count) => sum + Math.max(0, count), 0) - unread);
  const gone = empty.length - Math.min(lost, empty.length);
  if (lost === 0) return { problems: [], gone };
  if (empty.length === 0)
    return {
      problems: [
        { table: 'receipt_batch', row: [cluster, seq], problem: 'its header counts other classes than its receipts have' },
      ],
      gone,
    };
  const ids = empty.map((leaf) => ({ leaf, id: leaves?.[leaf] && receiptIdOf(Uint8Array.from(leaves[leaf])) }));
  if (lost >= empty.length)
    return {
      problems: ids.map(({ leaf, id }) => ({
        ...(id === undefined ? { table: 'receipt_batch', row: [cluster, seq] } : { table: 'receipt', row: [id] }),
        problem: `it is missing: leaf ${leaf} of batch ${seq}`,
      })),
      gone: 0,
    };
  const names = ids.slice(0, 20).map(({ leaf, id }) => id ?? `leaf ${leaf}`);
  return {
    problems: [
      {
        table: 'receipt_batch',
        row: [cluster, seq],
        problem: `${lost} of its receipts that are kept for good ${lost === 1 ? 'is' : 'are'} missing: among ${names.join(', ')}`,
      },
    ],
    gone,
  };
}
