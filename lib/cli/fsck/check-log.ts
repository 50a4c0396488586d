import {
  auditHashes,
  batchRows,
  type BatchRow,
  type LogExtent,
  logExtent,
  nodeRows,
  type ReceiptRow,
  receiptRows,
  rowsBeyond,
} from '#lib/db/receipts/fsck.ts';
import type { Hash } from '#lib/receipts/hash.ts';
import type { KnownKeys } from '#lib/receipts/key-event.ts';
import { type CheckedHeader, checkHeader, placeIn, previousIn } from './check-header.ts';
import { KeyWalk } from './check-keys.ts';
import { checkReceipts } from './check-receipts.ts';
import { MOST_TOLD } from './findings.ts';
import { type HeadContext, HeadWalk } from './head-walk.ts';
import { NodeWalk, type StoredNodes } from './node-walk.ts';

export interface LogContext extends HeadContext {
  readonly keccak: Hash;
  readonly keys: KnownKeys;
  /** Called with the number of leaves that were looked at since the call before. */
  readonly onProgress: (leaves: number) => void;
}

/** What a log was found to have. */
export interface LogCounts {
  readonly cluster: string;
  readonly batches: number;
  readonly receipts: number;
  /** Summaries that are gone by their retention. */
  readonly gone: number;
  readonly heads: number;
  readonly cosignatures: number;
  /** Cosignatures of witnesses whose key is not known here: only their form was looked at. */
  readonly unknownWitnesses: number;
  /** Changes of keys by what they are and the batch that carries them: `kid/event` to sequence. */
  readonly keyEvents: ReadonlyMap<string, number>;
  /** Whether every header was to be read: else it is not known what the others carry. */
  readonly isWhole: boolean;
}

const NO_HEADER = '0'.repeat(64);

/** Re-derives the whole log of a cluster from what is stored and adds what does not fit to the findings. */
export async function checkLog(cluster: string, context: LogContext): Promise<LogCounts> {
  const extent = await logExtent(context.db, cluster);
  const walk = new LogWalk(cluster, context);
  for await (const group of groupsOf(batchRows(context.db, cluster, extent.last))) await walk.group(group, extent);
  await walk.end(extent);
  return walk.counts();
}

interface Placed {
  readonly row: BatchRow;
  /** The row after it. */
  readonly following: BatchRow | undefined;
}

/** Leaves whose receipts are held at once. */
const MOST_LEAVES = 4096;

/** Batches by turns, so many that their receipts fit into memory; each with the row that follows it. */
async function* groupsOf(rows: AsyncIterable<BatchRow>): AsyncGenerator<Placed[]> {
  let group: Placed[] = [];
  let leaves = 0;
  let last: BatchRow | undefined;
  for await (const row of rows) {
    if (last) group.push({ row: last, following: row });
    if (last) leaves += Math.max(1, last.leaves.length / 32);
    if (leaves >= MOST_LEAVES) {
      yield group;
      [group, leaves] = [[], 0];
    }
    last = row;
  }
  if (last) group.push({ row: last, following: undefined });
  if (group.length > 0) yield group;
}

class LogWalk {
  readonly #cluster: string;
  readonly #context: LogContext;
  readonly #nodes = new NodeWalk();
  readonly #keys: KeyWalk;
  readonly #heads: HeadWalk;
  readonly #keyEvents = new Map<string, number>();
  readonly #counts = { batches: 0, receipts: 0, gone: 0 };
  /** Hash of the last batch, as the one after it has to name it; undefined where a batch is missing. */
  #hash: string | undefined = NO_HEADER;
  /** Of the batch that is the last one by what is written down. */
  #hashAtEnd: string | undefined = NO_HEADER;
  /** Batches that are not there. */
  readonly #missing: { readonly from: number; readonly to: number }[] = [];

  constructor(cluster: string, context: LogContext) {
    this.#cluster = cluster;
    this.#context = context;
    this.#keys = new KeyWalk(context.keys);
    this.#heads = new HeadWalk(cluster, context, this.#keys);
  }

  counts(): LogCounts {
    return {
      cluster: this.#cluster,
      ...this.#counts,
      ...this.#heads.counts,
      keyEvents: this.#keyEvents,
      isWhole: this.#keys.isWhole,
    };
  }

  async group(group: readonly Placed[], extent: LogExtent): Promise<void> {
    const { db, onProgress } = this.#context;
    const [from, to] = [group[0]?.row.seq ?? 0, group.at(-1)?.row.seq ?? 0];
    const stored = await this.#storedNodes(to + 1);
    await this.#heads.load(this.#nodes.size, to + 1);
    const placed = group.filter(({ row }) => this.#stands(row, stored));
    const receipts = receiptsBySeq(await receiptRows(db, this.#cluster, from, to));
    const audit = new Map<string, NotedAudit>();
    for (const { row, following } of placed) {
      await this.#advance(row.seq, stored);
      const next = following?.seq === row.seq + 1 ? previousIn(following) : undefined;
      const ends = extent.stored?.next_seq === row.seq + 1 || !following;
      const checked = checkHeader(
        row,
        { node: stored.get(`0/${row.seq}`), next: next ?? (ends ? extent.stored?.header_hash : undefined) },
        this.#context.keccak,
      );
      await this.#batch(row, checked, receipts.get(row.seq) ?? []);
      await this.#add(checked.entry, stored);
      if (checked.header?.audit_head)
        audit.set(checked.header.audit_head.seq, { hash: checked.header.audit_head.hash, seq: row.seq });
      this.#hash = checked.hash;
      if (extent.stored?.next_seq === row.seq + 1) this.#hashAtEnd = checked.hash;
      this.#counts.batches += 1;
      onProgress(row.leaf_count);
    }
    await this.#auditLog(audit);
  }

  /** What stands behind the last batch, and whether the log ends where it is written down. */
  async end(extent: LogExtent): Promise<void> {
    const { db, findings, noted } = this.#context;
    const cluster = this.#cluster;
    await this.#checkEnd(extent);
    const beyond = await rowsBeyond(db, cluster, this.#nodes.size, MOST_TOLD);
    for (const { level, index } of beyond.nodes)
      findings.add('log_node', [cluster, level, index], `it is no node of a log of ${this.#nodes.size} batches`);
    for (const size of beyond.heads)
      findings.add(
        'checkpoint',
        [cluster, size],
        `it is of ${size} batches, the log has ${this.#nodes.size}: the end of the log was cut off, or it was set back`,
      );
    for (const { size, witness } of beyond.cosignatures)
      findings.add('cosignature', [cluster, size, witness], 'the head that it is for is not there');
    for (const { id, seq } of beyond.receipts)
      if (!this.#missing.some(({ from, to }) => seq >= from && seq <= to))
        findings.add('receipt', [id], `it stands in batch ${seq}, which is not there`);
    for (const { size } of noted)
      if (size > this.#nodes.size)
        findings.add('receipt_log', [cluster], `a head of ${size} batches was kept elsewhere, the log has ${this.#nodes.size}`);
  }

  async #checkEnd({ stored }: LogExtent): Promise<void> {
    const { findings } = this.#context;
    const row = [this.#cluster];
    const size = this.#nodes.size;
    if (!stored) {
      if (size > 0) findings.add('receipt_log', row, 'it is missing: nothing says where the log ends');
      return;
    }
    const { next_seq, header_hash } = stored;
    if (next_seq > size) {
      const nodes = await this.#storedNodes(next_seq);
      if (header_hash === this.#hash || !nodes.has(`0/${next_seq - 1}`))
        return findings.add('receipt_log', row, `next_seq says ${next_seq} batches, there are ${size}`);
      await this.#heads.load(size, next_seq);
      await this.#advance(next_seq, nodes);
    } else if (next_seq < size) {
      if (next_seq > 0 && header_hash === this.#hashAtEnd)
        findings.add('receipt_log', row, `it says that the log ends with batch ${next_seq - 1}, there are ${size}`);
      else findings.add('receipt_log', row, `next_seq says ${next_seq} batches, there are ${size}`);
    } else if (this.#hash !== undefined && header_hash !== this.#hash)
      findings.add('receipt_log', row, 'header_hash is not the hash of the last batch');
  }

  /** Whether a batch stands where its header says; one that does not is told, and is none of this log's. */
  #stands(row: BatchRow, stored: StoredNodes): boolean {
    const { cluster, seq, intact } = placeIn(row);
    const isElsewhere = cluster !== row.cluster || seq !== row.seq;
    // A changed header may say anything of its place: the log has an entry there, and a batch for it.
    if (row.seq >= 0 && (!isElsewhere || (!intact && stored.has(`0/${row.seq}`)))) return true;
    this.#context.findings.add(
      'receipt_batch',
      [row.cluster, row.seq],
      'its header is of another place in the log, or of another one',
    );
    return false;
  }

  /** Goes on to batch `seq` where those before it are missing: the stored nodes stand for them. */
  async #advance(seq: number, stored: StoredNodes): Promise<void> {
    const from = this.#nodes.size;
    if (from >= seq) return;
    const what = from === seq - 1 ? `batch ${from} is missing` : `batches ${from} to ${seq - 1} are missing`;
    this.#context.findings.add('receipt_batch', [this.#cluster, from], what);
    this.#missing.push({ from, to: seq - 1 });
    this.#keys.skip();
    this.#hash = undefined;
    while (this.#nodes.size < seq) await this.#add(stored.get(`0/${this.#nodes.size}`), stored);
  }

  async #batch(row: BatchRow, checked: CheckedHeader, receipts: readonly ReceiptRow[]): Promise<void> {
    const { findings, keccak } = this.#context;
    const { cluster, seq } = row;
    const { header, nodeProblem } = checked;
    if (header && this.#hash !== undefined && header.prev_header_hash !== this.#hash) {
      if (seq === 0) findings.add('receipt_batch', [cluster, 0], 'it is the first one and names one before it');
      else findings.add('receipt_batch', [cluster, seq - 1], `it was written anew: batch ${seq} names another hash for it`);
    }
    for (const problem of checked.problems) findings.add('receipt_batch', [cluster, seq], problem);
    if (nodeProblem !== undefined) findings.add('log_node', [cluster, 0, seq], nodeProblem);
    if (!header) this.#keys.skip();
    else {
      for (const problem of await this.#keys.take(seq, header)) findings.add('receipt_batch', [cluster, seq], problem);
      for (const { kid, event } of header.key_events ?? []) this.#keyEvents.set(`${kid}/${event}`, seq);
    }
    const used = header && this.#keys.ofReceipts(header.kid, seq);
    if (used?.problem !== undefined) findings.add('receipt_batch', [cluster, seq], used.problem);
    const { leaves } = checked;
    const batch = { cluster, seq, leafCount: header?.leaf_count ?? row.leaf_count, header, leaves, key: used?.key };
    const { problems, there, gone } = await checkReceipts(batch, receipts, keccak);
    for (const { table, row: at, problem } of problems) findings.add(table, at, problem);
    this.#counts.receipts += there;
    this.#counts.gone += gone;
  }

  /** Adds an entry to the tree, and looks at the heads of that size. */
  async #add(entry: Uint8Array | undefined, stored: StoredNodes): Promise<void> {
    for (const { level, index, problem } of this.#nodes.add(entry, stored))
      this.#context.findings.add('log_node', [this.#cluster, level, index], problem);
    await this.#heads.at(this.#nodes.size, () => this.#nodes.root());
  }

  #storedNodes = async (size: number): Promise<StoredNodes> => {
    const rows = await nodeRows(this.#context.db, this.#cluster, this.#nodes.size, size);
    return new Map(rows.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
  };

  /** Whether the audit log still holds the rows that batches noted as its head. */
  async #auditLog(noted: ReadonlyMap<string, NotedAudit>): Promise<void> {
    if (noted.size === 0) return;
    const { db, findings } = this.#context;
    const hashes = await auditHashes(db, [...noted.keys()]);
    for (const [number, { hash, seq }] of noted)
      if (hashes.get(number) !== hash)
        findings.add(
          'audit_event',
          [number],
          `${hashes.has(number) ? 'its hash is another' : 'it is missing'}: batch ${seq} of ${this.#cluster} noted it as the head of the audit log`,
        );
  }
}

interface NotedAudit {
  readonly hash: string;
  /** Of the batch that noted it. */
  readonly seq: number;
}

function receiptsBySeq(rows: readonly ReceiptRow[]): Map<number, ReceiptRow[]> {
  const bySeq = new Map<number, ReceiptRow[]>();
  for (const row of rows) {
    const batch = bySeq.get(row.seq);
    if (batch) batch.push(row);
    else bySeq.set(row.seq, [row]);
  }
  return bySeq;
}
