import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { type Appended, appendBatch } from '#lib/db/receipts/append.ts';
import { addKeyEvent, putKey } from '#lib/db/receipts/keys.ts';
import { nodesOf } from '#lib/db/receipts/read-log.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { toBase64Url } from '#lib/receipts/base64.ts';
import { checkpointText, cosignatureBytes, cosignatureMessage } from '#lib/receipts/checkpoint.ts';
import { keccak256 } from '#lib/receipts/hash.ts';
import { logRoot } from '#lib/receipts/log-nodes.ts';
import { momentOf } from '#lib/receipts/moment.ts';
import { formatNote, keyIdOf, NOTE_TYPES } from '#lib/receipts/note.ts';
import type { BatchHeader, Evidence, KeyEvent, SignedReceipt } from '#lib/receipts/receipt.ts';
import { sealBatch } from '#lib/receipts/seal.ts';
import { parseTrust, type Trust } from '#lib/receipts/trust.ts';
import { aKeyEvent, anEvidence, TestKey } from './receipts.ts';

/** Where the made-up log begins: Unix milliseconds. */
const BEGIN = Date.UTC(2026, 2, 2, 14);
const COMPLETE = { nodes_expected: 4, nodes_connected: 4, lost_events: [], stream_gaps: [], clock_skew_ms_max: 0 };

/** A log as the console writes it, with keys of its own: batches by `appendBatch`, heads and cosignatures as rows. */
export class StoredLog {
  readonly receiptKey = new TestKey();
  readonly checkpointKey = new TestKey();
  readonly witness = new TestKey();
  readonly cluster: string;
  readonly origin: string;
  readonly #db: TrafficDb;
  #flows = 0;

  constructor(db: TrafficDb, cluster: string) {
    this.#db = db;
    this.cluster = cluster;
    this.origin = `causeway.aegis/${cluster}`;
  }

  /** Writes the keys down, with what brings them in, for the next batch to carry. */
  async begin(): Promise<void> {
    await this.bringIn(this.receiptKey, 'receipt');
    await this.bringIn(this.checkpointKey, 'checkpoint');
    await this.#db.rows(
      `INSERT INTO trust_setting (organisation, witnesses, quorum, changed_at_ms) VALUES ('aegis', $1, 1, 0) ON CONFLICT (id) DO NOTHING`,
      [JSON.stringify([{ name: 'security-witness', x: this.witness.x }])],
    );
  }

  /** Whom to believe about this log. */
  trust(): Trust {
    const valid_from = '2026-02-01T00:00:00Z';
    const keyOf = ({ kid, x }: TestKey, role: KeyEvent['role']) => ({ kid, role, x, valid_from, state: 'active' });
    return parseTrust(
      JSON.stringify({
        schema: 'causeway.trust/1',
        issued_at: valid_from,
        origins: [{ cluster_id: this.cluster, origin: this.origin }],
        keys: [keyOf(this.receiptKey, 'receipt'), keyOf(this.checkpointKey, 'checkpoint')],
        witnesses: [{ name: 'security-witness', x: this.witness.x }],
        quorum: 1,
      }),
    );
  }

  async bringIn(key: TestKey, role: KeyEvent['role'], signers: readonly TestKey[] = [key]): Promise<void> {
    await putKey(this.#db, { kid: key.kid, role, x: key.x, source: 'test.pem' });
    for (const event of ['introduced', 'activated'] as const)
      await addKeyEvent(this.#db, aKeyEvent(key, { event, role, at: momentOf(BEGIN) }, signers));
  }

  /** The next flows' evidence: dropped, and every third summed up. */
  evidence(count: number): Evidence[] {
    return Array.from({ length: count }, (): Evidence => {
      const number = (this.#flows += 1);
      const { observation, flow } = anEvidence({ port: 1 + (number % 60_000) });
      if (!flow) throw new Error('evidence of a flow');
      return {
        ...anEvidence(),
        cluster_id: this.cluster,
        observed_at: momentOf(BEGIN + number * 10),
        flow: { ...flow, uuid: `flow-${number}` },
        observation: { ...observation, class: number % 3 === 0 ? 'aggregate' : 'dropped' },
      };
    });
  }

  /** Adds a batch of these and gives its receipts. `at`: when it was seen and sealed; after all flows before unless given. */
  async append(
    evidence: readonly Evidence[],
    key = this.receiptKey,
    { completeness = COMPLETE, at }: { readonly completeness?: BatchHeader['completeness']; readonly at?: number } = {},
  ): Promise<Appended & { readonly receipts: readonly SignedReceipt[] }> {
    const keccak = await keccak256();
    const from = at ?? BEGIN + this.#flows * 10;
    let receipts: readonly SignedReceipt[] = [];
    const added = await appendBatch(this.#db, this.cluster, ({ seq, headerHash, auditHead, keyEvents }) => {
      const sealed = sealBatch(
        {
          clusterId: this.cluster,
          batchId: `${this.cluster}-${seq}-${evidence[0]?.flow?.uuid}`,
          ...(seq > 0 && { previous: { seq: seq - 1, headerHash } }),
          windowStart: momentOf(from),
          windowEnd: momentOf(from + 500),
          evidence,
          completeness,
          ...(auditHead && { auditHead }),
          keyEvents,
          kid: key.kid,
          witnessIdentity: 'causeway.aegis',
          attestationTime: momentOf(from + 600),
        },
        keccak,
      );
      receipts = sealed.receipts.map(({ signed }) => signed);
      return {
        sealed,
        signatures: sealed.receipts.map(({ toSign }) => toBase64Url(key.sign(toSign))),
        windowStart: from,
        windowEnd: from + 500,
      };
    });
    if (!added || 'there' in added) throw new Error('nothing was added');
    return { ...added, receipts };
  }

  /** Signs the head of the log as it is now, as its witness does too: at `seenAt`, Unix seconds, unless it is away. */
  async sign(size: number, seenAt: number | 'away' = Math.floor(BEGIN / 1000) + size): Promise<void> {
    const { cluster, origin, checkpointKey, witness } = this;
    const root = await logRoot(size, nodesOf(this.#db, cluster));
    const text = checkpointText({ origin, size, root });
    const line = (name: string, key: TestKey, type: 0x01 | 0x04, signature: Uint8Array): string =>
      formatNote({ text, signatures: [{ name, keyId: keyIdOf(name, type, key.public), signature }] });
    const note = line(origin, checkpointKey, NOTE_TYPES.ed25519, checkpointKey.sign(utf8ToBytes(text)));
    await this.#db.rows('INSERT INTO checkpoint (cluster, size, root, note, kid, at_ms) VALUES ($1, $2, $3, $4, $5, $6)', [
      cluster,
      size,
      bytesToHex(root),
      note,
      checkpointKey.kid,
      BEGIN + size * 1000,
    ]);
    if (seenAt === 'away') return;
    const seen = cosignatureBytes(seenAt, witness.sign(cosignatureMessage(seenAt, text)));
    const cosigned = line('security-witness', witness, NOTE_TYPES.cosignature, seen);
    await this.#db.rows('INSERT INTO cosignature (cluster, size, witness, line, at_ms) VALUES ($1, $2, $3, $4, $5)', [
      cluster,
      size,
      'security-witness',
      cosigned.slice(text.length + 1),
      seenAt * 1000,
    ]);
  }
}
