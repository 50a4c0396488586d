import 'server-only';
import type { Readable } from 'node:stream';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';

/** What a contract's schema offers; zod's own types stay in the contract. */
interface Schema<T> {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: T }
    | {
        readonly success: false;
        readonly error: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] };
      };
}

/** A query or body that the contract allows. Throws `bad-request` naming the first thing it does not. */
export function parsed<T>(schema: Schema<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const parameter = issue?.path.join('.') ?? '';
  throw new CausewayError('bad-request', `${parameter}: ${issue?.message ?? 'is not valid'}`, { place: { parameter } });
}

const MOST_JSON_BYTES = 64 * 1024;

/** A body of at most `mostBytes`, held whole. Throws `too-large`, in the words of `refusal` where they are given. */
export async function wholeBody(
  body: Readable,
  mostBytes: number,
  refusal = `the body is larger than ${mostBytes} bytes`,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > mostBytes) throw new CausewayError('too-large', refusal);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** A JSON body of at most `mostBytes`, read whole. Throws `too-large` or `bad-request`. */
export async function jsonBody(body: Readable, mostBytes = MOST_JSON_BYTES): Promise<unknown> {
  const bytes = await wholeBody(body, mostBytes);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new CausewayError('bad-request', `the body is not JSON: ${messageOf(error)}`);
  }
}
