import { utf8ToBytes } from '@noble/hashes/utils.js';
import * as z from 'zod';
import { CausewayError } from '#lib/errors/errors.ts';
import { fromBase64, fromBase64Url, toBase64, toBase64Url } from './base64.ts';
import { canonicalBytes } from './canonical.ts';
import { RECEIPT_TYPE } from './dsse.ts';
import type { Receipt, SignedReceipt } from './receipt.ts';
import { MOST_BYTES, parseStrictJson } from './strict-json.ts';

/** Envelope of DSSE 1.0.2, with one signature: the receipt's own, over the same bytes. */
const Envelope = z.strictObject({
  payloadType: z.literal(RECEIPT_TYPE),
  payload: z.string(),
  signatures: z.tuple([z.strictObject({ keyid: z.string(), sig: z.string() })]),
});

/** The receipt as a DSSE envelope. Proofs have no place in one. */
export function toEnvelope({ signature, proof: _proof, ...signed }: Receipt): string {
  const sig = fromBase64Url(signature.sig);
  if (!sig) throw new CausewayError('bad-input', 'the signature of this receipt is not in base64url');
  return JSON.stringify({
    payloadType: RECEIPT_TYPE,
    payload: toBase64(canonicalBytes(signed)),
    signatures: [{ keyid: signature.kid, sig: toBase64(sig) }],
  });
}

const PROOF_LINE = 'c2sp.org/tlog-proof@v1';

/**
 * The receipt as a `c2sp.org/tlog-proof@v1` text: the log's entry is the batch header; the receipt and its path to the header are the extra data, which
 * is where the format puts what the entry is made from. Undefined while the batch is in no signed head.
 */
export function toTlogProof({ proof, ...receipt }: Receipt): string | undefined {
  if (!proof?.log || proof.checkpoint === undefined) return undefined;
  const { log, checkpoint, ...rest } = proof;
  const extra = utf8ToBytes(JSON.stringify({ ...receipt, proof: rest }));
  // The same bytes in the alphabet of notes, with their padding.
  const path = log.path.map((hash) => `${hash.replaceAll('-', '+').replaceAll('_', '/')}=\n`).join('');
  return `${PROOF_LINE}\nextra ${toBase64(extra)}\nindex ${log.index}\n${path}\n${checkpoint}`;
}

/** Forms in which a receipt is handed out. */
export type ReceiptForm = 'json' | 'dsse' | 'tlog-proof';

/**
 * The receipt in a file of any form, as the JSON that `verifyReceipt` takes; what it is worth is asked there. Throws `bad-input` with the place of what
 * is not as its form has it.
 */
export function receiptJsonOf(text: string): { readonly form: ReceiptForm; readonly json: string } {
  if (text.startsWith(PROOF_LINE)) return { form: 'tlog-proof', json: fromTlogProof(text) };
  if (!text.includes('"payloadType"')) return { form: 'json', json: text };
  const { data, error } = Envelope.safeParse(parseStrictJson(text));
  if (!data) {
    const [issue] = error.issues;
    throw wrong(`as a DSSE envelope, at ${issue?.path.join('.') || 'the top'}: ${issue?.message}`);
  }
  const [{ keyid, sig }] = data.signatures;
  const payload = fromBase64(data.payload);
  const signature = fromBase64(sig);
  if (!payload || !signature) throw wrong('the envelope is not in base64');
  const json = textOf(payload);
  const signed = parseStrictJson(json) as SignedReceipt;
  if (typeof signed !== 'object' || textOf(canonicalBytes(signed)) !== json)
    throw wrong('the payload of the envelope is not in canonical form');
  return {
    form: 'dsse',
    json: JSON.stringify({ ...signed, signature: { alg: 'Ed25519', kid: keyid, sig: toBase64Url(signature) } }),
  };
}

function fromTlogProof(text: string): string {
  if (text.length > MOST_BYTES) throw new CausewayError('too-large', `the file is larger than ${MOST_BYTES} bytes`);
  const split = text.indexOf('\n\n');
  const [, extraLine = '', indexLine = '', ...lines] = text.slice(0, Math.max(0, split)).split('\n');
  const extra = extraLine.startsWith('extra ') ? fromBase64(extraLine.slice('extra '.length)) : undefined;
  const index = /^index (0|[1-9]\d{0,15})$/.exec(indexLine)?.[1];
  if (split < 0 || !extra || index === undefined) throw wrong('as a tlog-proof it has no extra data, index or checkpoint');
  const path = lines.map((line) => {
    const hash = fromBase64(line);
    if (hash?.length !== 32) throw wrong('a line of the tlog-proof is no hash');
    return toBase64Url(hash);
  });
  const checkpoint = text.slice(split + 2);
  const receipt = parseStrictJson(textOf(extra)) as { proof?: object };
  const size = Number(checkpoint.split('\n')[1] ?? '');
  return JSON.stringify({ ...receipt, proof: { ...receipt.proof, log: { index: Number(index), size, path }, checkpoint } });
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new CausewayError('bad-input', 'the file holds text that is not UTF-8', { cause: error });
  }
}

const wrong = (why: string) => new CausewayError('bad-input', `this is no receipt: ${why}`);
