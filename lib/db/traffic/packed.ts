import 'server-only';
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';

const compress = promisify(deflateRaw);
const expand = promisify(inflateRaw);
/** What one row may unpack to: a minute of a very large cluster is a tenth of this. */
const MOST_BYTES = 512 * 1024 * 1024;

/** Rows that are only ever read together, as one value a tenth of their size: JSON, raw DEFLATE (RFC 1951). */
export const pack = (value: unknown): Promise<Buffer> => compress(JSON.stringify(value));

/** What `pack` was given. The caller states its type: only this console writes these rows. */
export async function unpack<T>(body: Buffer): Promise<T> {
  const text = (await expand(body, { maxOutputLength: MOST_BYTES })).toString('utf8');
  return JSON.parse(text) as T;
}
