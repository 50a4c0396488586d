import 'server-only';
import type { Logger } from 'pino';
import type { ReceiptSettings } from '#lib/config/receipts.ts';
import { readLastForce } from '#lib/db/policies/in-force.ts';
import { readAggregatedUntil } from '#lib/db/receipts/append.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import type { SigningKeys } from '#lib/keys/signing-keys.ts';
import { Checkpointer } from './checkpointer.ts';
import type { OriginOf } from './draft.ts';
import type { AskEngine } from './governing.ts';
import type { PoliciesNow } from './policy-history.ts';
import { Signer } from './signer.ts';
import { ReceiptTap } from './tap.ts';

export interface NotaryOptions {
  readonly settings: Pick<ReceiptSettings, 'organisation' | 'witnesses' | 'quorum' | 'fullUntil'>;
  readonly keys: SigningKeys;
  readonly db: TrafficDb;
  readonly log: Logger;
  readonly policiesOf: (cluster: string) => PoliciesNow | undefined;
  readonly engineOf: (cluster: string) => AskEngine;
  /** The bundled thread that signs; beside the bundle by default. */
  readonly signerFile?: URL | undefined;
  readonly checkpointEveryMs?: number | undefined;
}

/** A cluster as its receipts see it. */
export interface Followed {
  readonly cluster: string;
  readonly originOf: OriginOf;
  readonly nodes: () => { readonly nodesExpected: number; readonly nodesReporting: number };
  readonly isSettled: () => boolean;
}

/** What all clusters share to make receipts: the keys, the thread that signs, the witnesses. */
export class Notary {
  readonly #options: NotaryOptions;
  readonly #signer: Signer;

  constructor(options: NotaryOptions) {
    this.#options = options;
    const { log, signerFile } = options;
    this.#signer = new Signer({ log, ...(signerFile && { workerFile: signerFile }) });
  }

  follow(followed: Followed): ClusterReceipts {
    return new ClusterReceipts(followed, this.#options, this.#signer);
  }

  async close(): Promise<void> {
    await this.#signer.close();
  }
}

/** The receipts of one cluster: its tap, and the head of its log. */
export class ClusterReceipts {
  readonly tap: ReceiptTap;
  readonly checkpointer: Checkpointer;
  readonly #db: TrafficDb;
  readonly #cluster: string;

  constructor(followed: Followed, options: NotaryOptions, signer: Signer) {
    const { settings, keys, db, policiesOf, engineOf, checkpointEveryMs } = options;
    const { cluster } = followed;
    const log = options.log.child({ cluster });
    this.#db = db;
    this.#cluster = cluster;
    this.tap = new ReceiptTap({
      ...followed,
      org: settings.organisation,
      db,
      keys,
      signer,
      log,
      policies: () => policiesOf(cluster),
      engine: engineOf(cluster),
      ...(settings.fullUntil !== undefined && { fullUntil: settings.fullUntil }),
    });
    this.checkpointer = new Checkpointer({
      cluster,
      origin: `causeway.${settings.organisation}/${cluster}`,
      db,
      keys,
      witnesses: settings.witnesses,
      quorum: settings.quorum,
      meter: this.tap.meter,
      log,
      ...(checkpointEveryMs !== undefined && { everyMs: checkpointEveryMs }),
      told: (head, trouble) => this.tap.headSigned(head, trouble),
    });
    this.tap.onCommitted(() => this.checkpointer.grew());
  }

  /** Reads where the log was left: Unix milliseconds before which flows are in aggregates; 0 before the first. */
  aggregatedUntil(): Promise<number> {
    return readAggregatedUntil(this.#db, this.#cluster);
  }

  /** Begins; `since`: from when on flows come. */
  async begin(aggregatedUntil: number, since: number): Promise<void> {
    const lastForce = await readLastForce(this.#db, this.#cluster);
    await this.tap.begin({ aggregatedUntil, since, ...(lastForce && { lastForce }) });
    this.checkpointer.start();
  }

  /** Writes what waits, signs the head over it, and ends. */
  async stop(): Promise<void> {
    await this.tap.stop();
    await this.checkpointer.stop();
  }
}
