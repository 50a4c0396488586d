import type { BatchRow } from '#lib/db/receipts/fsck.ts';
import { timeOfMoment } from '#lib/receipts/moment.ts';
import { type Hash, sameBytes } from '#lib/receipts/hash.ts';
import { MerkleTree } from '#lib/receipts/merkle.ts';
import { BatchHeader } from '#lib/receipts/receipt.ts';
import { nativeSha256 } from './native.ts';
import { logTree } from './node-walk.ts';
import { bytesOf, canonicalText, hex, parsedJson } from './texts.ts';

/** What else speaks of a batch: each stands in a row of its own. */
export interface HeaderWitnesses {
  /** The log’s node of this entry. */
  readonly node: Uint8Array | undefined;
  /** Hash by which the batch after it, or the end of the log, names it. */
  readonly next: string | undefined;
}

export interface CheckedHeader {
  /** Present when the header is the one that the log holds, and is well formed. */
  readonly header: BatchHeader | undefined;
  /** The hashes to go on with: those of the header, or what others say of it where it was changed. */
  readonly entry: Uint8Array | undefined;
  readonly hash: string;
  /** Whether its leaves are those of its header. */
  readonly leaves: readonly Uint8Array[] | undefined;
  readonly problems: readonly string[];
  /** What is wrong with the log’s node of it. */
  readonly nodeProblem: string | undefined;
}

/** Number and cluster that a row’s header gives, where it can be read. */
export function placeIn(row: BatchRow): { readonly cluster: unknown; readonly seq: unknown; readonly intact: boolean } {
  const header = parsedJson(row.header) as { cluster_id?: unknown; seq?: unknown } | undefined;
  return { cluster: header?.cluster_id, seq: header?.seq, intact: hex(nativeSha256(bytesOf(row.header))) === row.header_hash };
}

/** Hash by which a row's header names the one before; undefined where that cannot be read. */
export function previousIn(row: BatchRow): string | undefined {
  const hash = (parsedJson(row.header) as { prev_header_hash?: unknown } | undefined)?.prev_header_hash;
  return typeof hash === 'string' ? hash : undefined;
}

/**
 * Checks a batch against itself. Its header is in three rows: its own, the node of the log, and the batch after it (by hash). The one that the other two
 * contradict is the one that was changed.
 */
export function checkHeader(row: BatchRow, { node, next }: HeaderWitnesses, keccak: Hash): CheckedHeader {
  const text = bytesOf(row.header);
  const [hash, entry] = [hex(nativeSha256(text)), logTree.leafHash(text)];
  const says = [
    row.header_hash === hash,
    ...(node ? [sameBytes(node, entry)] : []),
    ...(next === undefined ? [] : [next === hash]),
  ];
  if (says.filter(Boolean).length * 2 < says.length)
    return {
      header: undefined,
      entry: node,
      hash: next ?? row.header_hash,
      leaves: undefined,
      problems: ['its header is not the one that the log holds'],
      nodeProblem: undefined,
    };
  const { header, problem } = readHeader(row.header);
  const problems = problem === undefined ? [] : [problem];
  if (row.header_hash !== hash) problems.push('header_hash is not the hash of its header');
  const leaves = header && leavesOf(row, header, keccak);
  if (header && !leaves) problems.push('its leaves do not make the root that its header names');
  if (header) problems.push(...wrongColumns(row, header), ...wrongCounts(header));
  const nodeProblem = !node ? 'the node is missing' : sameBytes(node, entry) ? undefined : 'it is not the hash of its batch';
  return { header, entry, hash, leaves, problems, nodeProblem };
}

function readHeader(text: string): { readonly header?: BatchHeader; readonly problem?: string } {
  const { data, error } = BatchHeader.safeParse(parsedJson(text));
  if (!data) {
    const [issue] = error.issues;
    return { problem: `its header is none: at ${issue?.path.join('.') || 'the top'}: ${issue?.message}` };
  }
  return canonicalText(data) === text ? { header: data } : { problem: 'its header is not in the canonical form' };
}

const LEAF_BYTES = 32;

/** The leaves, when they are as many as the header says and make its root. */
function leavesOf({ leaves }: BatchRow, header: BatchHeader, keccak: Hash): Uint8Array[] | undefined {
  if (leaves.length !== header.leaf_count * LEAF_BYTES) return undefined;
  const each = Array.from({ length: header.leaf_count }, (_, at) => leaves.subarray(at * LEAF_BYTES, (at + 1) * LEAF_BYTES));
  return hex(new MerkleTree(keccak).root(each)) === header.merkle_root ? each : undefined;
}

function wrongColumns(row: BatchRow, header: BatchHeader): string[] {
  const said = {
    batch_id: header.batch_id,
    leaf_count: header.leaf_count,
    window_start_ms: timeOfMoment(header.window_start),
    window_end_ms: timeOfMoment(header.window_end),
  };
  return Object.entries(said)
    .filter(([column, value]) => !isSame(row[column as keyof typeof said], value))
    .map(([column]) => `${column} is not what its header says`);
}

/** Times that went through a column of floating point: to the microsecond. */
const isSame = (stored: string | number, said: string | number): boolean =>
  stored === said || (typeof stored === 'number' && typeof said === 'number' && Math.abs(stored - said) < 0.001);

function wrongCounts({ receipt_counts, leaf_count }: BatchHeader): string[] {
  const sum = Object.values(receipt_counts).reduce<number>((total, count) => total + (count ?? 0), 0);
  return sum === leaf_count ? [] : [`its header counts ${sum} receipts by class and ${leaf_count} leaves`];
}
