import 'server-only';
import { isIP } from 'node:net';
import { lookup } from 'node:dns/promises';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { whyUnreachable } from './address.ts';

/** An address of a name, as the system's resolver gives it. */
export interface Resolved {
  readonly address: string;
  readonly family: number;
}
export type Resolve = (name: string) => Promise<readonly Resolved[]>;

const bySystem: Resolve = (name) => lookup(name, { all: true, verbatim: true });

/**
 * The URL, where its origin is one of `origins`. URL parsing has made every notation of an address the usual one by then (`http://0x7f.1` is
 * `http://127.0.0.1`). Throws `bad-input`.
 */
export function allowedUrl(text: string, origins: readonly string[]): URL {
  const refuse = (why: string): CausewayError => new CausewayError('bad-input', why, { place: { field: 'url' } });
  if (!URL.canParse(text)) throw refuse('this is no URL');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') throw refuse('a URL with a name or password in it is not taken');
  if (origins.includes(url.origin)) return url;
  throw refuse(
    origins.length === 0
      ? 'no webhook can be added: whoever runs the console lists the allowed origins in CAUSEWAY_WEBHOOK_ORIGINS'
      : `${url.origin} is not among the allowed origins: ${origins.join(', ')}`,
  );
}

/**
 * Where to connect, found once: the connection is made to these addresses, so that a name that changes its mind between check and use gains
 * nothing. One address that may not be asked refuses the name. An address that is itself on the list of origins is asked whatever it is.
 */
export async function addressesOf({ hostname }: URL, resolve: Resolve = bySystem): Promise<readonly Resolved[]> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  const found = await resolve(host).catch((error: unknown) => {
    throw new CausewayError('bad-input', `the name ${host} cannot be resolved`, { cause: messageOf(error) });
  });
  if (found.length === 0) throw new CausewayError('bad-input', `the name ${host} has no address`);
  for (const { address } of found) {
    const why = whyUnreachable(address);
    if (why) throw new CausewayError('bad-input', `the name ${host} points to ${address}, which ${why}`);
  }
  return found;
}
