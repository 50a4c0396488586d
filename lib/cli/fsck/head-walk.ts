import { cosignatureRows, type CosignatureRow, type HeadRow, headRows } from '#lib/db/receipts/fsck.ts';
import type { Statements } from '#lib/db/traffic/connection.ts';
import { checkpointText } from '#lib/receipts/checkpoint.ts';
import type { PublicKey } from '#lib/receipts/public-key.ts';
import { checkCosignature, checkHead } from './check-heads.ts';
import type { KeyWalk } from './check-keys.ts';
import type { Findings } from './findings.ts';
import { hex } from './texts.ts';

/** A head of a log that was kept elsewhere; the root in hexadecimal. */
export interface NotedHead {
  readonly size: number;
  readonly root: string;
}

export interface HeadContext {
  readonly db: Statements;
  readonly findings: Findings;
  readonly witnesses: ReadonlyMap<string, PublicKey>;
  readonly noted: readonly NotedHead[];
  /** First line that the heads of a log should have, by what is written down; the signed ones say it themselves. */
  readonly origin: string;
}

/** The signed heads of a log, looked at when its tree has their size. */
export class HeadWalk {
  readonly #cluster: string;
  readonly #context: HeadContext;
  readonly #keys: KeyWalk;
  readonly counts = { heads: 0, cosignatures: 0, unknownWitnesses: 0 };
  #heads = new Map<number, HeadRow>();
  #cosignatures: readonly CosignatureRow[] = [];
  #origin: string | undefined;

  constructor(cluster: string, context: HeadContext, keys: KeyWalk) {
    this.#cluster = cluster;
    this.#context = context;
    this.#keys = keys;
  }

  /** Reads the heads of more than `from` batches and at most `to`: those that `at` will be asked for next. */
  async load(from: number, to: number): Promise<void> {
    const { db } = this.#context;
    this.#heads = new Map((await headRows(db, this.#cluster, from, to)).map((row) => [row.size, row]));
    this.#cosignatures = await cosignatureRows(db, this.#cluster, from, to);
  }

  /** Checks the head of this size, if there is one. `root` is that of the log, where it is known. */
  async at(size: number, root: () => Uint8Array | undefined): Promise<void> {
    const { findings, noted } = this.#context;
    const elsewhere = noted.find((head) => head.size === size);
    const ours = elsewhere && root();
    if (ours && hex(ours) !== elsewhere.root)
      findings.add('receipt_log', [this.#cluster], `its first ${size} batches are not those of the head that was kept elsewhere`);
    const row = this.#heads.get(size);
    const cosignatures = this.#cosignatures.filter((cosignature) => cosignature.size === size);
    if (row) return this.#head(row, cosignatures, root());
    if (cosignatures.length > 0) await this.#headless(size, cosignatures, root());
  }

  async #head(row: HeadRow, cosignatures: readonly CosignatureRow[], root: Uint8Array | undefined): Promise<void> {
    const { findings } = this.#context;
    const { size } = row;
    this.counts.heads += 1;
    const used = this.#keys.ofHead(row.kid, size);
    const origin = this.#origin;
    const { problem, signed } = await checkHead(row, { cluster: this.#cluster, root, key: used.key, origin });
    const wrong = problem ?? used.problem;
    if (wrong !== undefined) findings.add('checkpoint', [this.#cluster, size], wrong);
    if (!signed) return;
    this.#origin ??= signed.origin;
    for (const each of cosignatures) {
      this.counts.cosignatures += 1;
      const checked = await checkCosignature(each, signed.note.text, this.#context.witnesses);
      if (checked.unknown) this.counts.unknownWitnesses += 1;
      if (checked.problem !== undefined) findings.add('cosignature', [this.#cluster, size, each.witness], checked.problem);
    }
  }

  /** Cosignatures without their head: it is the head that is gone, where they are of what the log was at that size. */
  async #headless(size: number, cosignatures: readonly CosignatureRow[], root: Uint8Array | undefined): Promise<void> {
    const { findings, witnesses, origin } = this.#context;
    const text = root && checkpointText({ origin: this.#origin ?? origin, size, root });
    let isGone = false;
    for (const each of cosignatures) {
      const { problem, unknown } = text === undefined ? {} : await checkCosignature(each, text, witnesses);
      if (text !== undefined && problem === undefined && !unknown) isGone = true;
      else findings.add('cosignature', [this.#cluster, size, each.witness], 'the head that it is for is not there');
    }
    if (isGone) findings.add('checkpoint', [this.#cluster, size], 'it is missing: a witness has seen it');
  }
}
