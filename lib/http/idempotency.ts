import 'server-only';
import { sha256 } from '#lib/auth/secrets.ts';
import { claimKey, keepAnswer, releaseKey } from '#lib/db/platform/idempotency.ts';
import { CausewayError } from '#lib/errors/errors.ts';

export interface IdempotentRequest {
  readonly actor: string;
  /** Value of `Idempotency-Key`. */
  readonly key: string;
  /** Method and path. */
  readonly operation: string;
  /** Parsed body; undefined for an upload, which is told apart by its operation alone. */
  readonly body: unknown;
  /** The answer holds a secret that may not be stored: a repeat gets `conflict` instead of a second secret. */
  readonly secretAnswer: boolean;
}

/** Runs `run` once for each key: a repeat gets the first answer again, another request under the same key gets `conflict`. */
export async function once(request: IdempotentRequest, run: () => Promise<Response>): Promise<Response> {
  const { actor, key, operation, body, secretAnswer } = request;
  if (!/^[\x21-\x7e]{8,128}$/.test(key))
    throw new CausewayError('bad-request', 'an Idempotency-Key is 8 to 128 printable characters, e.g. a UUID');
  const earlier = await claimKey(actor, key, sha256(JSON.stringify([operation, body])), Date.now());
  if (earlier.state === 'other') throw new CausewayError('conflict', 'this Idempotency-Key belongs to another request');
  if (earlier.state === 'running')
    throw new CausewayError('conflict', 'the first request with this Idempotency-Key has not ended yet');
  if (earlier.state === 'done') {
    if (secretAnswer)
      throw new CausewayError('conflict', 'this was done already, and its secret was shown once; revoke it and create another');
    return Response.json(earlier.response, { status: earlier.status, headers: { 'idempotency-replayed': 'true' } });
  }
  try {
    const response = await run();
    if (!response.ok) await releaseKey(actor, key);
    else await keepAnswer(actor, key, response.status, secretAnswer ? null : await response.clone().json());
    return response;
  } catch (error) {
    await releaseKey(actor, key).catch(() => {}); // the failure itself is what the caller must hear of
    throw error;
  }
}
