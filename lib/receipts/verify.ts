import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { fromBase64Url } from './base64.ts';
import { canonicalBytes, checkCanonical } from './canonical.ts';
import { type Checkpoint, cosignatureMessage, cosignatureOf, parseCheckpoint } from './checkpoint.ts';
import { preAuthEncoding, RECEIPT_TYPE } from './dsse.ts';
import { type Hash, keccak256, sameBytes, sha256 } from './hash.ts';
import { checkKeyEvent } from './key-event.ts';
import { evidenceOf, leafHashOf, receiptIdOf } from './leaf.ts';
import { MerkleTree } from './merkle.ts';
import { keyIdOf, NOTE_TYPES, parseNote, type SignedNote } from './note.ts';
import type { VerifyEd25519 } from './public-key.ts';
import { Receipt, type ReceiptProof, SignedReceipt } from './receipt.ts';
import { MOST_BYTES, parseStrictJson } from './strict-json.ts';
import type { Trust, TrustKey } from './trust.ts';

/** Steps of a verification, in their order. */
export const VERIFY_STEPS = {
  parse: 'Size and strict parse',
  schema: 'Schema',
  canonical: 'Canonical form',
  signature: 'Signature',
  leaf: 'Leaf',
  batch: 'In the batch',
  log: 'In the log',
  checkpoint: 'Checkpoint',
  witnesses: 'Witnesses',
  key: 'Key validity',
  policy: 'Policy text',
} as const;
export type VerifyStepId = keyof typeof VERIFY_STEPS;

export interface VerifyStep {
  readonly id: VerifyStepId;
  /** `absent`: what it needs is not in the file, or was not given. */
  readonly status: 'pass' | 'fail' | 'absent';
  readonly detail: string;
}

/** As a process ends with: 0 all passed, 1 cryptography failed, 2 malformed, 3 a key that is not trusted, 4 too few witnesses, 5 valid with gaps. */
export type VerifyExit = 0 | 1 | 2 | 3 | 4 | 5;

export interface Verification {
  readonly exit: VerifyExit;
  readonly steps: readonly VerifyStep[];
  /** Present from the step `schema` on. */
  readonly receipt?: Receipt;
  /** What the batch did not see, as sentences: the receipt stands, and its neighbours may be missing. */
  readonly gaps: readonly string[];
  /** Witnesses of the trust bundle whose cosignature of the head verified, with its time in Unix seconds. */
  readonly witnesses: readonly SeenBy[];
}

export interface SeenBy {
  readonly name: string;
  readonly time: number;
}

export interface VerifyOptions {
  readonly trust: Trust;
  readonly verify: VerifyEd25519;
  /** Instead of the trust bundle's. */
  readonly quorum?: number;
  /** `spec_hash` of each policy that was given, by its reference. */
  readonly policies?: ReadonlyMap<string, string>;
  /** Keccak-256 for places that compile no WebAssembly, such as a page whose security policy forbids it. */
  readonly keccak?: Hash;
}

/**
 * Verifies a receipt as it was received: the bytes are parsed once, and what was verified is what is told. It asks no network, and believes nothing
 * but the trust bundle. Never throws for what is in the file.
 */
export async function verifyReceipt(text: string, options: VerifyOptions): Promise<Verification> {
  const run = new Run(options, options.keccak ?? (await keccak256()));
  return run.verify(text);
}

/** Ends a verification: what comes after a step that failed would rest on nothing. */
class Stop extends Error {
  readonly exit: VerifyExit;
  constructor(exit: VerifyExit) {
    super();
    this.exit = exit;
  }
}

class Run {
  readonly #options: VerifyOptions;
  readonly #keccak: Hash;
  readonly #steps: VerifyStep[] = [];
  readonly #seen: SeenBy[] = [];
  #headSigners: readonly TrustKey[] = [];

  constructor(options: VerifyOptions, keccak: Hash) {
    this.#options = options;
    this.#keccak = keccak;
  }

  async verify(text: string): Promise<Verification> {
    let receipt: Receipt | undefined;
    try {
      receipt = this.#parse(text);
      const { signature, proof, ...rest } = receipt;
      const signed: SignedReceipt = rest;
      const bytes = this.#canonical(receipt, signed);
      const key = await this.#signature(bytes, signature);
      const leafHash = this.#leaf(signed);
      this.#batch(signed, leafHash, signature.kid, proof);
      const head = this.#log(proof);
      const witnessedAt = await this.#checkpoint(signed, head, proof);
      await this.#keyEvents(proof);
      this.#key(signed, key, witnessedAt);
      this.#policy(signed);
      const gaps = proof ? gapsOf(proof.header.completeness) : [];
      return { exit: this.#exit(gaps), steps: this.#steps, receipt, gaps, witnesses: this.#seen };
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      return { exit: error.exit, steps: this.#steps, ...(receipt && { receipt }), gaps: [], witnesses: [] };
    }
  }

  #pass(id: VerifyStepId, detail: string): void {
    this.#steps.push({ id, status: 'pass', detail });
  }

  #absent(id: VerifyStepId, detail: string): void {
    this.#steps.push({ id, status: 'absent', detail });
  }

  #fail(id: VerifyStepId, detail: string, exit: VerifyExit = 1): never {
    this.#steps.push({ id, status: 'fail', detail });
    throw new Stop(exit);
  }

  #parse(text: string): Receipt {
    const size = utf8ToBytes(text).length;
    if (size > MOST_BYTES) this.#fail('parse', `${size} bytes: more than ${MOST_BYTES}`, 2);
    let value: unknown;
    try {
      value = parseStrictJson(text);
    } catch (error) {
      this.#fail('parse', messageOf(error), 2);
    }
    this.#pass('parse', `${size} of ${MOST_BYTES} bytes`);
    const { data, error } = Receipt.safeParse(value);
    if (!data) {
      const [issue] = error.issues;
      this.#fail('schema', `at ${issue?.path.join('.') || 'the top'}: ${issue?.message}`, 2);
    }
    this.#pass('schema', 'receipt 1, closed: no unknown keys');
    return data;
  }

  #canonical(whole: Receipt, signed: SignedReceipt): Uint8Array {
    try {
      const { signature, proof } = whole;
      checkCanonical({ signature, proof }); // what the proof holds is hashed as well
      const bytes = canonicalBytes(signed);
      this.#pass('canonical', `RFC 8785, ${bytes.length} bytes`);
      return bytes;
    } catch (error) {
      if (!(error instanceof CausewayError)) throw error;
      this.#fail('canonical', error.message, 2);
    }
  }

  async #signature(bytes: Uint8Array, { kid, sig }: Receipt['signature']): Promise<TrustKey> {
    const key = this.#options.trust.keys.get(kid);
    if (!key || key.role !== 'receipt') this.#fail('signature', `key ${kid} is not a receipt key of the trust bundle`, 3);
    const signature = fromBase64Url(sig);
    const good = signature && (await this.#options.verify(key.key, preAuthEncoding(RECEIPT_TYPE, bytes), signature));
    if (!good) this.#fail('signature', `it does not verify under key ${kid}`);
    this.#pass('signature', `Ed25519 over DSSE, key ${kid}`);
    return key;
  }

  #leaf(signed: SignedReceipt): Uint8Array {
    const leafHash = leafHashOf(evidenceOf(signed), this.#keccak);
    const id = receiptIdOf(leafHash);
    if (id !== signed.receipt_id) this.#fail('leaf', `the evidence makes receipt ${id}, not ${signed.receipt_id}`);
    this.#pass('leaf', `Keccak-256 of the evidence: leaf ${signed.attestation.leaf_index}`);
    return leafHash;
  }

  #batch({ attestation, cluster_id }: SignedReceipt, leafHash: Uint8Array, kid: string, proof: ReceiptProof | undefined): void {
    if (!proof) return this.#absent('batch', 'the file has no proof: it rests on the signature alone');
    const { header, batch_path } = proof;
    const said = {
      batch_id: attestation.batch_id,
      merkle_root: attestation.merkle_root,
      leaf_count: attestation.tree_size,
      cluster_id,
      kid,
    };
    for (const [field, value] of Object.entries(said))
      if (header[field as keyof typeof said] !== value)
        this.#fail('batch', `${field} of the batch header is not that of the receipt`);
    const inside = new MerkleTree(this.#keccak).verifyInclusion({
      leafHash,
      index: attestation.leaf_index,
      size: attestation.tree_size,
      proof: batch_path.map(pathHash),
      root: hexToBytes(attestation.merkle_root),
    });
    if (!inside) this.#fail('batch', 'the path does not lead from the leaf to the root of the batch');
    this.#pass(
      'batch',
      `${hashes(batch_path)} to root ${short(attestation.merkle_root)}, ${attestation.tree_size} ${attestation.tree_size === 1 ? 'leaf' : 'leaves'}`,
    );
  }

  #log(proof: ReceiptProof | undefined): { readonly checkpoint: Checkpoint; readonly note: SignedNote } | undefined {
    if (!proof?.log || proof.checkpoint === undefined) {
      this.#absent('log', 'the batch is not in a head of the log yet');
      return undefined;
    }
    let note: SignedNote;
    let checkpoint: Checkpoint;
    try {
      note = parseNote(proof.checkpoint);
      checkpoint = parseCheckpoint(note.text);
    } catch (error) {
      if (!(error instanceof CausewayError)) throw error;
      this.#fail('log', error.message, 2);
    }
    const { index, size, path } = proof.log;
    if (size !== checkpoint.size) this.#fail('log', `the proof is for ${size} batches, the checkpoint for ${checkpoint.size}`);
    if (index !== proof.header.seq) this.#fail('log', `the header is batch ${proof.header.seq}, the proof is for entry ${index}`);
    const tree = new MerkleTree(sha256);
    const leafHash = tree.leafHash(canonicalBytes(proof.header));
    if (!tree.verifyInclusion({ leafHash, index, size, proof: path.map(pathHash), root: checkpoint.root }))
      this.#fail('log', 'the path does not lead from the batch to the head of the log');
    this.#pass('log', `${hashes(path)} to a head of ${size} ${size === 1 ? 'batch' : 'batches'}`);
    return { checkpoint, note };
  }

  /** Earliest time at which enough witnesses had seen the head, Unix seconds; undefined where that is not known. */
  async #checkpoint(
    { cluster_id }: SignedReceipt,
    head: { readonly checkpoint: Checkpoint; readonly note: SignedNote } | undefined,
    proof: ReceiptProof | undefined,
  ): Promise<number | undefined> {
    if (!head || !proof) {
      this.#absent('checkpoint', 'there is none in the file');
      this.#absent('witnesses', 'nobody else has seen a head with this receipt, as far as the file tells');
      return undefined;
    }
    const { trust, verify } = this.#options;
    const { checkpoint, note } = head;
    const origin = trust.origins.get(cluster_id);
    if (origin === undefined) this.#fail('checkpoint', `the trust bundle has no log of cluster ${cluster_id}`, 3);
    if (origin !== checkpoint.origin) this.#fail('checkpoint', `it is of ${checkpoint.origin}, not of ${origin}`);
    const message = utf8ToBytes(note.text);
    this.#headSigners = await this.#signersOf(note, origin, message);
    const [signer] = this.#headSigners;
    if (!signer) this.#fail('checkpoint', `no checkpoint key of the trust bundle has signed it for ${origin}`);
    this.#pass('checkpoint', `origin ${origin}, key ${short(signer.kid)}`);

    const needed = this.#options.quorum ?? trust.quorum;
    const seen = this.#seen;
    for (const { name, keyId, signature } of note.signatures) {
      const key = trust.witnesses.get(name);
      const cosignature = cosignatureOf({ name, keyId, signature });
      if (!key || !cosignature || !sameBytes(keyId, keyIdOf(name, NOTE_TYPES.cosignature, key))) continue;
      if (seen.some((witness) => witness.name === name)) continue;
      if (await verify(key, cosignatureMessage(cosignature.time, note.text), cosignature.signature))
        seen.push({ name, time: cosignature.time });
    }
    const names = seen.map(({ name }) => name).join(', ');
    const detail = `${seen.length} of ${needed} needed${names && `: ${names}`}`;
    if (seen.length < needed) this.#steps.push({ id: 'witnesses', status: 'fail', detail });
    else if (seen.length === 0) this.#absent('witnesses', 'none is asked for, and none has seen the head');
    else this.#pass('witnesses', detail);
    const times = seen.map(({ time }) => time).toSorted((a, b) => a - b);
    return needed > 0 ? times[needed - 1] : times[0];
  }

  /** Checkpoint keys of the trust bundle that have signed the note; what each is worth is asked with the key of the receipt. */
  async #signersOf(note: SignedNote, origin: string, message: Uint8Array): Promise<TrustKey[]> {
    const { trust, verify } = this.#options;
    const signers: TrustKey[] = [];
    for (const { name, keyId, signature } of note.signatures)
      for (const trusted of trust.keys.values()) {
        const { role, key } = trusted;
        if (name !== origin || role !== 'checkpoint' || !sameBytes(keyId, keyIdOf(name, NOTE_TYPES.ed25519, key))) continue;
        if (signature.length === 64 && (await verify(key, message, signature))) signers.push(trusted);
      }
    return signers;
  }

  /** Changes of keys that the batch carries: a header that holds one nobody signed is not the log's. */
  async #keyEvents(proof: ReceiptProof | undefined): Promise<void> {
    const { trust, verify } = this.#options;
    for (const event of proof?.header.key_events ?? []) {
      const wrong = await checkKeyEvent(event, trust.keys, verify);
      if (wrong) this.#fail('key', `the batch has a change of a key: ${wrong.problem}`, wrong.kind === 'broken' ? 1 : 3);
    }
  }

  #key({ attestation }: SignedReceipt, key: TrustKey, witnessedAt: number | undefined): void {
    const at = Date.parse(attestation.attestation_time);
    if (key.state === 'pending') this.#fail('key', `key ${key.kid} was never in force`, 3);
    if (at < Date.parse(key.valid_from)) this.#fail('key', `key ${key.kid} was in force from ${key.valid_from} on`, 3);
    if (key.valid_to !== undefined && at > Date.parse(key.valid_to))
      this.#fail('key', `key ${key.kid} was in force until ${key.valid_to}`, 3);
    const isLost = ({ compromised_at }: TrustKey): boolean =>
      compromised_at !== undefined && (witnessedAt === undefined || witnessedAt * 1000 >= Date.parse(compromised_at));
    if (isLost(key))
      this.#fail('key', `key ${key.kid} was compromised at ${key.compromised_at}, and no witness saw this before`, 3);
    // A head has no time of its own: what is asked of the key that signed it is asked of a witness.
    const [signer] = this.#headSigners;
    if (signer && this.#headSigners.every((each) => each.state === 'pending' || isLost(each)))
      this.#fail(
        'key',
        signer.state === 'pending'
          ? `key ${signer.kid}, which signed the head, was never in force`
          : `key ${signer.kid}, which signed the head, was compromised at ${signer.compromised_at}, and no witness saw the head before`,
        3,
      );
    this.#pass('key', `in force since ${key.valid_from}${key.valid_to === undefined ? '' : ` until ${key.valid_to}`}`);
  }

  #policy({ policy }: SignedReceipt): void {
    const given = this.#options.policies;
    if (!given) return this.#absent('policy', 'not given: add the file to compare its hash');
    const compared = policy.filter(({ ref, spec_hash }) => spec_hash !== undefined && given.has(ref));
    if (compared.length === 0) return this.#absent('policy', 'none of the policies given is one that the receipt names');
    const other = compared.find(({ ref, spec_hash }) => given.get(ref) !== spec_hash);
    if (other) this.#fail('policy', `${other.ref} as given says something else than the receipt names`);
    this.#pass('policy', `${compared.map(({ ref }) => ref).join(', ')}: the same`);
  }

  #exit(gaps: readonly string[]): VerifyExit {
    if (this.#steps.some(({ id, status }) => id === 'witnesses' && status === 'fail')) return 4;
    const needed = this.#options.quorum ?? this.#options.trust.quorum;
    const isWitnessed = this.#steps.some(({ id, status }) => id === 'witnesses' && status === 'pass');
    if (needed > 0 && !isWitnessed) return 4;
    return gaps.length > 0 ? 5 : 0;
  }
}

/** What a batch did not see, as sentences. */
export function gapsOf({
  nodes_connected,
  nodes_expected,
  lost_events,
  stream_gaps,
}: ReceiptProof['header']['completeness']): string[] {
  const lost = lost_events.reduce((sum, { count }) => sum + BigInt(count), 0n);
  return [
    ...(nodes_connected < nodes_expected ? [`${nodes_connected} of ${nodes_expected} nodes reported`] : []),
    ...(lost > 0n ? [`${lost} events were lost`] : []),
    ...(stream_gaps.length > 0 ? [`the stream had ${stream_gaps.length} ${stream_gaps.length === 1 ? 'gap' : 'gaps'}`] : []),
  ];
}

const hashes = (path: readonly string[]): string => `${path.length} ${path.length === 1 ? 'hash' : 'hashes'}`;

/** A hash of a path; the schema has let only good ones through. */
const pathHash = (hash: string): Uint8Array => fromBase64Url(hash) ?? new Uint8Array();

const short = (text: string): string => (text.length > 12 ? `${text.slice(0, 8)}…${text.slice(-4)}` : text);
