import { isLoopback } from '#lib/config/config.ts';
import { CausewayError } from '#lib/errors/errors.ts';

const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

export const isSafe = (method: string): boolean => SAFE_METHODS.includes(method);

/**
 * Refuses what another site makes a browser send. An unsafe method must name our origin; where a browser says where a request comes from
 * (`Sec-Fetch-Site`) it must be us. Reading is refused across sites too, unless a person follows a link. A bearer token is never
 * sent by a browser on its own, so a request with one need not prove where it comes from. Throws `cross-origin`.
 */
export function checkSameOrigin(method: string, headers: Headers, publicUrl: string): void {
  if (headers.has('authorization') && !headers.has('cookie')) return;
  const site = headers.get('sec-fetch-site');
  if (isSafe(method)) {
    if ((site === 'cross-site' || site === 'same-site') && headers.get('sec-fetch-mode') !== 'navigate') throw refused(site);
    return;
  }
  const origin = headers.get('origin');
  if (origin === null ? site !== 'same-origin' : !isOwn(origin, publicUrl)) throw refused(origin ?? 'an unknown place');
  if (site !== null && site !== 'same-origin') throw refused(site);
}

/** On one's own machine `localhost`, `127.0.0.1` and `::1` are the same console. */
function isOwn(origin: string, publicUrl: string): boolean {
  if (origin === publicUrl) return true;
  if (!URL.canParse(origin)) return false;
  const [theirs, ours] = [new URL(origin), new URL(publicUrl)];
  return (
    theirs.protocol === ours.protocol && theirs.port === ours.port && isLoopback(theirs.hostname) && isLoopback(ours.hostname)
  );
}

const refused = (from: string) =>
  new CausewayError('cross-origin', `this request comes from ${from.slice(0, 200)}, not from the console itself`);
