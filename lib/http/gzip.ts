import 'server-only';
import { gzipSync } from 'node:zlib';

/**
 * `Accept-Encoding` that names gzip and does not refuse it (RFC 9110, 12.5.3). Next drops `Content-Encoding` from the answers of route handlers; for the paths of
 * streams it is set by `headers` of `next.config.mjs`, on this very condition: so every answer there, a refusal too, is gzip to whoever takes it.
 */
export const TAKES_GZIP = '(?!.*gzip;\\s*q=0(?:\\.0*)?(?:\\s|,|$)).*gzip.*';
const PATTERN = new RegExp(`^${TAKES_GZIP}$`);

export const takesGzip = (headers: Headers): boolean => PATTERN.test(headers.get('accept-encoding') ?? '');

/** The answer of a stream's path as gzip, unless it is already: `Content-Encoding` is there whatever the handler says. */
export async function asGzip(response: Response): Promise<Response> {
  if (response.headers.get('content-encoding') === 'gzip') return response;
  const headers = new Headers(response.headers);
  headers.set('content-encoding', 'gzip');
  headers.append('vary', 'accept-encoding');
  return new Response(gzipSync(Buffer.from(await response.arrayBuffer())), { status: response.status, headers });
}
