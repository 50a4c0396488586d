import 'server-only';
import type { CookiesOptions } from 'next-auth';
import { config } from '#lib/config/config.ts';

const FIFTEEN_MINUTES = 15 * 60;

/**
 * The cookies of sign-in: httpOnly, SameSite=Lax, and where the console is served by https Secure with the `__Host-` prefix. A browser
 * does not tell ports apart: by plain http the port is part of the name, so that two consoles on one machine do not end each other's sessions.
 */
export function authCookies(): CookiesOptions {
  const { publicUrl } = config();
  const { protocol, port } = new URL(publicUrl);
  const secure = protocol === 'https:';
  const cookie = (name: string, maxAge?: number) => ({
    name: secure ? `__Host-causeway-${name}` : `causeway-${port || '80'}-${name}`,
    options: { httpOnly: true, sameSite: 'lax' as const, path: '/', secure, ...(maxAge === undefined ? {} : { maxAge }) },
  });
  return {
    sessionToken: cookie('session'),
    callbackUrl: cookie('callback', FIFTEEN_MINUTES),
    csrfToken: cookie('csrf'),
    pkceCodeVerifier: cookie('pkce', FIFTEEN_MINUTES),
    state: cookie('state', FIFTEEN_MINUTES),
    nonce: cookie('nonce', FIFTEEN_MINUTES),
  };
}

export const sessionCookieName = (): string => authCookies().sessionToken.name;

/** A cookie of a `Cookie` header. */
export function cookieOf(header: string | null, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}
