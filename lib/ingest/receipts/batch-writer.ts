import 'server-only';
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { appendBatch, receiptsThere } from '#lib/db/receipts/append.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import type { ActiveKey } from '#lib/keys/signing-keys.ts';
import { canonicalBytes } from '#lib/receipts/canonical.ts';
import { keccak256 } from '#lib/receipts/hash.ts';
import { momentOf } from '#lib/receipts/moment.ts';
import type { BatchHeader, Evidence, Receipt } from '#lib/receipts/receipt.ts';
import { sealBatch, type SealedBatch } from '#lib/receipts/seal.ts';
import { completenessOf, type CompletenessLog, type Unseen } from './completeness.ts';
import { type Draft, NO_POLICIES } from './draft.ts';
import type { Governed } from './evidence.ts';
import type { Governing } from './governing.ts';
import { linked } from './linked.ts';
import type { PolicyHistory } from './policy-history.ts';
import type { Signer } from './signer.ts';

/** A batch that is committed: it was acknowledged, and nobody changes it any more. */
export interface CommittedBatch {
  readonly cluster: string;
  readonly header: BatchHeader;
  readonly headerHash: string;
  /** Without proof, in the order of their leaves. */
  readonly receipts: readonly Receipt[];
}

export interface BatchWriterOptions {
  readonly cluster: string;
  /** Name of the organisation: `witness_identity` is `causeway.<org>`. */
  readonly org: string;
  readonly db: TrafficDb;
  readonly signer: Pick<Signer, 'sign'>;
  readonly governing: Governing;
  readonly policies: PolicyHistory;
  readonly completeness: CompletenessLog;
  readonly nodes: () => { readonly nodesExpected: number; readonly nodesReporting: number };
  readonly log: Logger;
  readonly now: () => number;
}

/** A minute of aggregates: it is written once, whoever comes first. */
export interface Minute {
  readonly from: number;
  readonly until: number;
}

/** Random: nobody can tell before which batch something will be in. */
const BATCH_ID_BYTES = 9;

interface Built {
  readonly draft: Draft;
  readonly evidence: Evidence;
}

/** Makes batches of drafts and writes them. One at a time for a cluster. */
export class BatchWriter {
  readonly #options: BatchWriterOptions;
  /** Keys that an entry of this log has introduced. */
  readonly #introduced = new Set<string>();
  /** Drafts of which no evidence could be made. */
  refused = 0;

  constructor(options: BatchWriterOptions) {
    this.#options = options;
  }

  /** Writes what of the drafts has no receipt yet; undefined when all of it has. Throws when it cannot be written now: then nothing was. */
  async write(drafts: readonly Draft[], key: ActiveKey, minute?: Minute): Promise<CommittedBatch | undefined> {
    const { cluster, db, completeness } = this.#options;
    const distinct = [...new Map(drafts.map((draft) => [draft.about, draft])).values()];
    const there = await receiptsThere(
      db,
      cluster,
      distinct.map(({ about }) => about),
    );
    const setHash = this.#options.policies.newest?.setHash;
    let built = await this.#build(
      distinct.filter(({ about }) => !there.has(about)),
      setHash,
    );
    while (built.length > 0) {
      const unseen = completeness.take();
      try {
        const result = await this.#append(built, key, unseen, setHash, minute);
        if (result && 'header' in result) return result;
        completeness.putBack(unseen);
        if (!result) return undefined;
        built = built.filter(({ draft }) => !result.there.has(draft.about));
      } catch (error) {
        completeness.putBack(unseen);
        throw error;
      }
    }
    return undefined;
  }

  async #build(drafts: readonly Draft[], setHash: string | undefined): Promise<Built[]> {
    const { governing } = this.#options;
    const asked = drafts.flatMap((draft) => (draft.asked ? [{ draft, asked: draft.asked }] : []));
    const found = await governing.of(
      asked.map((each) => each.asked),
      setHash,
    );
    const governed = new Map(asked.map(({ draft }, index) => [draft, found[index]]));
    const same = new Set<string>();
    return drafts.flatMap((draft) => {
      try {
        const evidence = draft.evidence(withoutSet(governed.get(draft) ?? NO_POLICIES, setHash));
        const text = decoder.decode(canonicalBytes(evidence));
        if (same.has(text)) return []; // two flows without a uuid that differ in nothing a receipt says
        same.add(text);
        return [{ draft, evidence }];
      } catch (error) {
        this.#refuse(draft, error);
        return [];
      }
    });
  }

  /** What has no form in a receipt is said to be missing: one flow must not stop all that come after it. */
  #refuse({ about, from, to }: Draft, error: unknown): void {
    this.refused += 1;
    this.#options.completeness.gap({ from, to, reason: 'flows that cannot be written in a receipt' });
    this.#options.log.error({ about, error: messageOf(error) }, 'of this no receipt can be made');
  }

  async #append(
    built: readonly Built[],
    key: ActiveKey,
    unseen: Unseen,
    setHash: string | undefined,
    minute: Minute | undefined,
  ) {
    const { cluster, db, signer } = this.#options;
    const times = built.map(({ draft }) => draft);
    const windowStart = times.reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY);
    const windowEnd = times.reduce((most, { to }) => Math.max(most, to), 0);
    const sealed = await this.#seal(built, key, unseen, setHash, windowStart, windowEnd);
    const signatures = await signer.sign(
      key,
      sealed.receipts.map(({ toSign }) => toSign),
    );
    const appended = await appendBatch(db, cluster, async (end) => {
      if (minute && end.aggregatedUntil > minute.from) return undefined;
      const comesIn = end.keyEvents.some(({ event, kid }) => event === 'introduced' && kid === key.kid);
      if (!comesIn && !this.#introduced.has(key.kid) && !(await end.isIntroduced(key.kid)))
        throw new CausewayError('not-configured', `key ${key.kid} is not introduced in the log of ${cluster}`);
      return {
        sealed: linked(sealed, end),
        signatures,
        about: built.map(({ draft }) => draft.about),
        windowStart,
        windowEnd,
        ...(minute && { aggregatedUntil: minute.until }),
      };
    });
    if (!appended || 'there' in appended) return appended;
    this.#introduced.add(key.kid);
    const { header, headerHash } = appended;
    return { cluster, header, headerHash, receipts: receiptsOf(sealed, signatures, key.kid) } satisfies CommittedBatch;
  }

  async #seal(
    built: readonly Built[],
    key: ActiveKey,
    unseen: Unseen,
    setHash: string | undefined,
    windowStart: number,
    windowEnd: number,
  ): Promise<SealedBatch> {
    const { cluster, org, nodes, now } = this.#options;
    return sealBatch(
      {
        clusterId: cluster,
        batchId: `b${randomBytes(BATCH_ID_BYTES).toString('base64url')}`,
        windowStart: momentOf(windowStart),
        windowEnd: momentOf(windowEnd),
        evidence: built.map(({ evidence }) => evidence),
        completeness: completenessOf(unseen, nodes()),
        ...(setHash !== undefined && { policySetHash: setHash }),
        kid: key.kid,
        witnessIdentity: `causeway.${org}`,
        attestationTime: momentOf(now()),
      },
      await keccak256(),
    );
  }
}

/** The set of the header need not stand in each receipt; another one must. */
const withoutSet = (governed: Governed, setHash: string | undefined): Governed =>
  governed.policySetHash === setHash ? { ...governed, policySetHash: undefined } : governed;

const decoder = new TextDecoder();

const receiptsOf = ({ receipts }: SealedBatch, signatures: readonly string[], kid: string): Receipt[] =>
  receipts.map(({ signed }, leaf) => ({ ...signed, signature: { alg: 'Ed25519', kid, sig: signatures[leaf] as string } }));
