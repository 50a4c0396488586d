import 'server-only';
import { createHash } from 'node:crypto';

/** Whoever keeps a file this long has an answer to what changed in it within five minutes. */
const CACHED = 'public, max-age=300';

/** A file that is everybody's: other origins may read it, caches may keep it for five minutes, and whoever has it already gets 304. */
export function publicFile(request: Request, text: string, type: string): Response {
  const etag = `"${createHash('sha256').update(text).digest('base64url')}"`;
  const headers = { etag, 'cache-control': CACHED, 'access-control-allow-origin': '*' };
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
  return new Response(text, { headers: { ...headers, 'content-type': type } });
}
