import { createHash } from 'node:crypto';
import { CausewayError } from '#lib/errors/errors.ts';

/** ETag of a row that counts its versions. */
export const versionTag = (version: number): string => `"v${version}"`;

/** The version an edit was made from, out of `If-Match`. Throws `precondition-failed` without one: an edit must not overwrite what it has not seen. */
export function versionOfIfMatch(headers: Headers): number {
  const version = /^"v(\d{1,9})"$/.exec(headers.get('if-match')?.trim() ?? '')?.[1];
  if (version === undefined) throw new CausewayError('precondition-failed', 'send the ETag of what you edit as If-Match');
  return Number(version);
}

/** A JSON answer with a strong ETag of its bytes; 304 when the caller has them already. */
export const taggedJson = (request: Request, value: unknown): Response =>
  tagged(request, JSON.stringify(value), 'application/json');

/** As `taggedJson`, for a text of any type. */
export function tagged(request: Request, body: string, type: string): Response {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
  const headers = { etag, 'cache-control': 'private, no-cache', 'content-type': type };
  const known = request.headers
    .get('if-none-match')
    ?.split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''));
  return known?.includes(etag) ? new Response(null, { status: 304, headers }) : new Response(body, { headers });
}

/** A JSON answer of a thing that counts its versions, with its ETag: what an edit sends as If-Match. */
export const taggedVersion = (value: { readonly version: number }): Response =>
  Response.json(value, { headers: { etag: versionTag(value.version) } });
