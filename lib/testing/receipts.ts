import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { toBase64Url } from '#lib/receipts/base64.ts';
import { canonicalBytes } from '#lib/receipts/canonical.ts';
import { checkpointText, cosignatureBytes, cosignatureMessage } from '#lib/receipts/checkpoint.ts';
import { keccak256, sha256 } from '#lib/receipts/hash.ts';
import { keyEventToSign, type UnsignedKeyEvent } from '#lib/receipts/key-event.ts';
import { MerkleTree } from '#lib/receipts/merkle.ts';
import { formatNote, keyIdOf, NOTE_TYPES, type NoteSignature } from '#lib/receipts/note.ts';
import { thumbprint } from '#lib/receipts/public-key.ts';
import type { BatchHeader, Evidence, KeyEvent, Receipt } from '#lib/receipts/receipt.ts';
import { RECEIPT_SCHEMA } from '#lib/receipts/receipt.ts';
import { sealBatch } from '#lib/receipts/seal.ts';
import { parseTrust, type Trust, type TrustFile } from '#lib/receipts/trust.ts';

/** An Ed25519 key pair. */
export class TestKey {
  readonly #private: KeyObject;
  readonly public: Uint8Array;

  constructor() {
    this.#private = generateKeyPairSync('ed25519').privateKey;
    const { x = '' } = createPublicKey(this.#private).export({ format: 'jwk' });
    this.public = Uint8Array.from(Buffer.from(x, 'base64url'));
  }

  get kid(): string {
    return thumbprint(this.public);
  }
  get x(): string {
    return toBase64Url(this.public);
  }
  sign(message: Uint8Array): Uint8Array {
    return Uint8Array.from(sign(null, message, this.#private));
  }
}

export { verifyByNode } from '#lib/keys/ed25519.ts';

export const CLUSTER = 'aegis-production';
export const ORIGIN = `causeway.aegis/${CLUSTER}`;
const AT = '2026-03-02T14:02:41.204113Z';

/** Evidence of a flow that was dropped. */
export function anEvidence({ port = 5432, ...more }: Partial<Evidence> & { readonly port?: number } = {}): Evidence {
  return {
    schema: RECEIPT_SCHEMA,
    cluster_id: CLUSTER,
    observed_at: AT,
    policy: [{ ref: 'cnp:gateway/bff-to-checkout', uid: 'u', generation: 6, spec_hash: '14'.repeat(32) }],
    flow: {
      uuid: '5f2b7a30-0000-4000-8000-000000000117',
      verdict: 'DROPPED',
      drop_reason: 'POLICY_DENIED',
      direction: 'egress',
      source: { identity: 11_347, namespace: 'gateway', pod: 'web-bff-vtt5s9lh8-b8wpk', workload: 'web-bff', ip: '10.20.4.17' },
      destination: { identity: 25_230, namespace: 'payments', pod: 'payments-db-0', workload: 'payments-db', ip: '10.20.1.9' },
      protocol: 'TCP',
      port,
    },
    observation: {
      source: 'hubble-relay',
      cilium_version: '1.19.0',
      class: 'dropped',
      event_type: 'policy-verdict',
      node: 'ip-10-20-4-11',
      encrypted: 'unknown',
      policy_attribution: 'hubble',
    },
    ...more,
  };
}

/** A finding without a flow: that a policy was deleted. */
export const aFinding = (subject = 'cnp:gateway/bff-to-checkout'): Evidence => {
  const { flow: _flow, observation, ...rest } = anEvidence();
  const finding = { rule: 'R6' as const, severity: 'confirmed' as const, reasons: ['deleted without a change record'], subject };
  return { ...rest, observation: { ...observation, class: 'finding', event_type: 'policy-change', finding } };
};

/** A change of a key with the signatures of those given, by default its own. */
export function aKeyEvent(key: TestKey, more: Partial<UnsignedKeyEvent> = {}, signers: readonly TestKey[] = [key]): KeyEvent {
  const event: UnsignedKeyEvent = { event: 'introduced', role: 'receipt', kid: key.kid, x: key.x, at: AT, ...more };
  const message = keyEventToSign(event);
  return { ...event, signatures: signers.map((signer) => ({ kid: signer.kid, sig: toBase64Url(signer.sign(message)) })) };
}

/** Keys, a log of batches and a witness, as one console has them. */
export class TestNotary {
  readonly receiptKey = new TestKey();
  readonly checkpointKey = new TestKey();
  readonly witness = new TestKey();
  readonly headers: BatchHeader[] = [];

  trustFile(more: Partial<TrustFile> = {}): TrustFile {
    const valid_from = '2026-02-01T00:00:00Z';
    return {
      schema: 'causeway.trust/1',
      issued_at: valid_from,
      origins: [{ cluster_id: CLUSTER, origin: ORIGIN }],
      keys: [
        { kid: this.receiptKey.kid, role: 'receipt', x: this.receiptKey.x, valid_from, state: 'active' },
        { kid: this.checkpointKey.kid, role: 'checkpoint', x: this.checkpointKey.x, valid_from, state: 'active' },
      ],
      witnesses: [{ name: 'security-witness', x: this.witness.x }],
      quorum: 1,
      ...more,
    };
  }

  trust(more: Partial<TrustFile> = {}): Trust {
    return parseTrust(JSON.stringify(this.trustFile(more)));
  }

  /** Seals a batch and gives the receipt of one of its leaves, proved to the head of the log as it is then. */
  async receipt(
    evidence: readonly Evidence[],
    leaf = 0,
    {
      completeness,
      cosigned = true,
      keyEvents,
    }: {
      readonly completeness?: BatchHeader['completeness'];
      readonly cosigned?: boolean;
      readonly keyEvents?: readonly KeyEvent[];
    } = {},
  ): Promise<Receipt> {
    const keccak = await keccak256();
    const last = this.headers.at(-1);
    const sealed = sealBatch(
      {
        clusterId: CLUSTER,
        batchId: `b${this.headers.length}`,
        ...(last && { previous: { seq: last.seq, headerHash: bytesToHex(sha256(canonicalBytes(last))) } }),
        windowStart: AT,
        windowEnd: AT,
        evidence,
        completeness: completeness ?? {
          nodes_expected: 4,
          nodes_connected: 4,
          lost_events: [],
          stream_gaps: [],
          clock_skew_ms_max: 4,
        },
        ...(keyEvents && { keyEvents }),
        policySetHash: '9f'.repeat(32),
        kid: this.receiptKey.kid,
        witnessIdentity: 'causeway.aegis',
        attestationTime: AT,
      },
      keccak,
    );
    this.headers.push(sealed.header);
    const made = sealed.receipts[leaf];
    if (!made) throw new Error(`no leaf ${leaf}`);
    const log = new MerkleTree(sha256);
    const entries = this.headers.map((header) => log.leafHash(canonicalBytes(header)));
    return {
      ...made.signed,
      signature: { alg: 'Ed25519', kid: this.receiptKey.kid, sig: toBase64Url(this.receiptKey.sign(made.toSign)) },
      proof: {
        batch_path: new MerkleTree(keccak).inclusionProof(sealed.leafHashes, leaf).map(toBase64Url),
        header: sealed.header,
        log: {
          index: sealed.header.seq,
          size: entries.length,
          path: log.inclusionProof(entries, sealed.header.seq).map(toBase64Url),
        },
        checkpoint: this.checkpoint(entries.length, log.root(entries), cosigned),
      },
    };
  }

  checkpoint(size: number, root: Uint8Array, cosigned = true, time = 1_772_460_168): string {
    const text = checkpointText({ origin: ORIGIN, size, root });
    const signatures: NoteSignature[] = [
      {
        name: ORIGIN,
        keyId: keyIdOf(ORIGIN, NOTE_TYPES.ed25519, this.checkpointKey.public),
        signature: this.checkpointKey.sign(utf8ToBytes(text)),
      },
    ];
    if (cosigned)
      signatures.push({
        name: 'security-witness',
        keyId: keyIdOf('security-witness', NOTE_TYPES.cosignature, this.witness.public),
        signature: cosignatureBytes(time, this.witness.sign(cosignatureMessage(time, text))),
      });
    return formatNote({ text, signatures });
  }
}
