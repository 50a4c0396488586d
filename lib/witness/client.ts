import 'server-only';
import { setTimeout as pause } from 'node:timers/promises';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { type AddCheckpoint, formatAddCheckpoint, SIZE_TYPE } from '#lib/receipts/add-checkpoint.ts';
import { cosignatureMessage, cosignatureOf } from '#lib/receipts/checkpoint.ts';
import { sameBytes } from '#lib/receipts/hash.ts';
import { formatSignature, keyIdOf, NOTE_TYPES, type NoteSignature, parseNote, parseSignatures } from '#lib/receipts/note.ts';
import type { PublicKey } from '#lib/receipts/public-key.ts';
import { verifyByNode } from '#lib/keys/ed25519.ts';

/** A witness as the operator names it. */
export interface Witness {
  readonly name: string;
  /** Prefix of `/add-checkpoint`. */
  readonly url: string;
  readonly key: PublicKey;
}

/** Its line of the note without the newline, with the time in it (Unix milliseconds); or the size of the head that it saw last, to ask again from there. */
export type CosignAnswer = { readonly line: string; readonly at: number } | { readonly conflictSize: number };

export interface CosignOptions {
  readonly timeoutMs?: number;
  /** Pauses before the second and the following attempts. */
  readonly pausesMs?: readonly number[];
  readonly now?: () => number;
}

const TIMEOUT_MS = 10_000;
const PAUSES_MS = [250, 1000];
const MOST_ANSWER_BYTES = 64 * 1024;
/** How far a witness's clock may be from ours. */
const MOST_SKEW_MS = 5 * 60_000;

/**
 * Asks a witness for its cosignature of a head. What is handed back has been verified: it is of this witness, over this note, and of now. Throws
 * `witness-unreachable` when it cannot be asked or fails, after two more attempts; `witness-refused` when it refuses, or answers what is no
 * cosignature of it; `conflict` when it has seen another head of the same size, which an honest log never shows.
 */
export async function cosign(
  witness: Witness,
  request: AddCheckpoint,
  signal: AbortSignal,
  { timeoutMs = TIMEOUT_MS, pausesMs = PAUSES_MS, now = Date.now }: CosignOptions = {},
): Promise<CosignAnswer> {
  const body = formatAddCheckpoint(request);
  for (let attempt = 0; ; attempt += 1) {
    const wait = pausesMs[attempt];
    try {
      return await readAnswer(witness, request, await post(witness, body, signal, timeoutMs), now());
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof CausewayError) || error.code !== 'witness-unreachable' || wait === undefined) throw error;
      await pause(wait * (0.5 + Math.random()), undefined, { signal });
    }
  }
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

async function post({ name, url }: Witness, body: string, signal: AbortSignal, timeoutMs: number): Promise<Answer> {
  const late = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}/add-checkpoint`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'user-agent': 'Causeway' },
      redirect: 'manual',
      signal: AbortSignal.any([signal, late]),
    });
    const type = response.headers.get('content-type')?.split(';')[0]?.trim() ?? '';
    return { status: response.status, type, text: await boundedText(response, name) };
  } catch (error) {
    if (error instanceof CausewayError) throw error;
    const why = late.aborted ? `no answer within ${timeoutMs / 1000} s` : reasonOf(error);
    throw new CausewayError('witness-unreachable', `witness ${name} cannot be reached: ${why}`, { cause: error });
  }
}

async function boundedText(response: Response, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array> = response.body ?? [];
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > MOST_ANSWER_BYTES)
      throw new CausewayError('witness-refused', `witness ${name} answers more than a cosignature needs`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function readAnswer(witness: Witness, request: AddCheckpoint, answer: Answer, now: number): Promise<CosignAnswer> {
  const { status, type, text } = answer;
  const { name } = witness;
  if (status === 200) return cosignatureIn(witness, request.note, text, now);
  if (status === 409 && type === SIZE_TYPE && /^(0|[1-9]\d{0,15})\n$/.test(text)) {
    const conflictSize = Number(text);
    if (conflictSize !== request.oldSize) return { conflictSize };
    throw new CausewayError(
      'conflict',
      `witness ${name} has seen another head of ${conflictSize} batches than this log now shows`,
    );
  }
  if (status >= 500 || status === 429 || status === 408)
    throw new CausewayError('witness-unreachable', `witness ${name} failed with status ${status}`);
  // What it says of the reason is its own text: it is bounded, and made one line.
  const reason = text
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, 200);
  throw new CausewayError('witness-refused', `witness ${name} refused with status ${status}${reason && `: ${reason}`}`);
}

async function cosignatureIn({ name, key }: Witness, note: string, text: string, now: number): Promise<CosignAnswer> {
  const refused = (why: string) =>
    new CausewayError('witness-refused', `what witness ${name} answered is no cosignature: ${why}`);
  let lines: readonly NoteSignature[];
  try {
    lines = parseSignatures(text);
  } catch (error) {
    throw refused(messageOf(error));
  }
  const keyId = keyIdOf(name, NOTE_TYPES.cosignature, key);
  const own = lines.find((line) => line.name === name && sameBytes(line.keyId, keyId));
  const cosignature = own && cosignatureOf(own);
  if (!cosignature) throw refused('no line of it is by the key that is known here');
  if (!(await verifyByNode(key, cosignatureMessage(cosignature.time, parseNote(note).text), cosignature.signature)))
    throw refused('it does not verify for this head');
  const at = cosignature.time * 1000;
  if (Math.abs(at - now) > MOST_SKEW_MS) throw refused(`it is of ${new Date(at).toISOString()}, not of now`);
  return { line: formatSignature(own).trimEnd(), at };
}

/** `fetch` says "fetch failed" and has the reason behind it. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && error.cause instanceof Error ? error.cause.message || messageOf(error) : messageOf(error);
