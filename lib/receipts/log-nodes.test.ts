import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from './hash.ts';
import { entryHash, type LogNode, logConsistency, logInclusion, logRoot, nodesCompletedBy } from './log-nodes.ts';
import { MerkleTree } from './merkle.ts';

const tree = new MerkleTree(sha256);

/** A log kept as its complete nodes, as a database keeps it. */
class StoredLog {
  readonly #nodes = new Map<string, Uint8Array>();
  size = 0;

  readonly read = async (nodes: readonly LogNode[]): Promise<Uint8Array[]> =>
    nodes.map(({ level, index }) => {
      const hash = this.#nodes.get(`${level}/${index}`);
      if (!hash) throw new Error(`node ${level}/${index} is not stored`);
      return hash;
    });

  async add(entry: Uint8Array): Promise<void> {
    for (const { level, index, hash } of await nodesCompletedBy(this.size, entryHash(entry), this.read)) {
      if (this.#nodes.has(`${level}/${index}`)) throw new Error(`node ${level}/${index} is stored twice`);
      this.#nodes.set(`${level}/${index}`, hash);
    }
    this.size += 1;
  }
}

const entryOf = (at: number) => new Uint8Array([at, at >> 8, 1]);

test('root and proofs from stored nodes are those of the whole tree, at every size', async () => {
  const log = new StoredLog();
  const leaves: Uint8Array[] = [];
  expect(bytesToHex(await logRoot(0, log.read))).toBe(bytesToHex(tree.root([])));
  for (let size = 1; size <= 40; size += 1) {
    const entry = entryOf(size - 1);
    leaves.push(entryHash(entry));
    await log.add(entry);
    expect(await logRoot(size, log.read)).toEqual(tree.root(leaves));
    for (let at = 0; at < size; at += 1) {
      expect(await logInclusion(at, size, log.read)).toEqual(tree.inclusionProof(leaves, at));
      expect(await logConsistency(at + 1, size, log.read)).toEqual(tree.consistencyProof(leaves, at + 1));
    }
  }
});

test('an older head is still proved after the log has grown', async () => {
  const log = new StoredLog();
  const leaves = Array.from({ length: 300 }, (_, at) => entryHash(entryOf(at)));
  for (let at = 0; at < 300; at += 1) await log.add(entryOf(at));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 300 }), fc.nat(), async (size, pick) => {
      const index = pick % size;
      const proof = await logInclusion(index, size, log.read);
      const root = await logRoot(size, log.read);
      expect(tree.verifyInclusion({ leafHash: leaves[index] as Uint8Array, index, size, proof, root })).toBe(true);
    }),
  );
});

test('what is not in the log is refused', async () => {
  const log = new StoredLog();
  await log.add(entryOf(0));
  await expect(logInclusion(1, 1, log.read)).rejects.toThrow(RangeError);
  await expect(logConsistency(0, 1, log.read)).rejects.toThrow(RangeError);
});
