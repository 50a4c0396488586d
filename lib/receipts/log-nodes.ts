import { MerkleTree } from './merkle.ts';
import { sha256 } from './hash.ts';

/** A node over 2^level entries that are all there: `index` counts the nodes of its level. It never changes, so it can be stored. */
export interface LogNode {
  readonly level: number;
  readonly index: number;
}

/** Hashes of stored nodes, in the order asked for. */
export type ReadNodes = (nodes: readonly LogNode[]) => Promise<readonly Uint8Array[]>;

const tree = new MerkleTree(sha256);

/** Hash of an entry of the log. */
export const entryHash = (entry: Uint8Array): Uint8Array => tree.leafHash(entry);

/**
 * What a log stores when entry `size` is added to its first `size` entries: the entry itself and each node that it completes, from the entry
 * upwards. `read` gives left siblings.
 */
export async function nodesCompletedBy(
  size: number,
  hash: Uint8Array,
  read: ReadNodes,
): Promise<(LogNode & { readonly hash: Uint8Array })[]> {
  const siblings: LogNode[] = [];
  for (let level = 0, index = size; index % 2 === 1; level += 1, index = (index - 1) / 2)
    siblings.push({ level, index: index - 1 });
  const left = await read(siblings);
  const completed = [{ level: 0, index: size, hash }];
  for (const [at, sibling] of siblings.entries()) {
    const below = completed[at] as (typeof completed)[number];
    completed.push({
      level: sibling.level + 1,
      index: sibling.index / 2,
      hash: tree.nodeHash(left[at] as Uint8Array, below.hash),
    });
  }
  return completed;
}

/** Root of the first `size` entries; that of none is the hash of nothing. */
export async function logRoot(size: number, read: ReadNodes): Promise<Uint8Array> {
  if (size === 0) return tree.root([]);
  return folded(await read(peaksOf(0, size)));
}

/** Audit path of entry `index` in the log of `size` entries (RFC 6962, section 2.1.1). Throws a RangeError for an entry that is not in it. */
export async function logInclusion(index: number, size: number, read: ReadNodes): Promise<Uint8Array[]> {
  if (index < 0 || index >= size) throw new RangeError(`no entry ${index} in ${size}`);
  return readRanges(inclusionRanges(index, 0, size), read);
}

/** Proof that the log of `older` entries is a prefix of that of `size` (RFC 6962, section 2.1.2). Throws a RangeError for a size outside 1..size. */
export async function logConsistency(older: number, size: number, read: ReadNodes): Promise<Uint8Array[]> {
  if (older < 1 || older > size) throw new RangeError(`no log of ${older} in ${size}`);
  return readRanges(consistencyRanges(older, 0, size, true), read);
}

/** A run of entries, `from` inclusive, `to` exclusive, that begins where a subtree may. */
type Range = readonly [from: number, to: number];

function inclusionRanges(index: number, from: number, to: number): Range[] {
  if (to - from === 1) return [];
  const split = from + powerBelow(to - from);
  return index < split
    ? [...inclusionRanges(index, from, split), [split, to]]
    : [...inclusionRanges(index, split, to), [from, split]];
}

function consistencyRanges(older: number, from: number, to: number, whole: boolean): Range[] {
  if (older === to) return whole ? [] : [[from, to]];
  const split = from + powerBelow(to - from);
  return older <= split
    ? [...consistencyRanges(older, from, split, whole), [split, to]]
    : [...consistencyRanges(older, split, to, false), [from, split]];
}

async function readRanges(ranges: readonly Range[], read: ReadNodes): Promise<Uint8Array[]> {
  const peaks = ranges.map(([from, to]) => peaksOf(from, to));
  const hashes = await read(peaks.flat());
  let at = 0;
  return peaks.map(({ length }) => folded(hashes.slice(at, (at += length))));
}

/** The largest complete nodes that make up a run of entries, from left to right. */
function peaksOf(from: number, to: number): LogNode[] {
  const peaks: LogNode[] = [];
  for (let at = from; at < to;) {
    const width = powerAtMost(to - at);
    peaks.push({ level: Math.log2(width), index: at / width });
    at += width;
  }
  return peaks;
}

const folded = (peaks: readonly Uint8Array[]): Uint8Array => peaks.reduceRight((right, left) => tree.nodeHash(left, right));

/** Largest power of two below `size`, which is at least 2. */
const powerBelow = (size: number): number => powerAtMost(size - 1);

function powerAtMost(size: number): number {
  let power = 1;
  while (power * 2 <= size) power *= 2;
  return power;
}
