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

/** Names the step-up that a sign-in under way is for; it lives as long as the sign-in may take. */
export function stepUpCookie(): { readonly name: string; readonly set: (id: string) => string; readonly clear: string } {
  const { name, options } = authCookies().state;
  const own = name.replace(/state$/, 'step-up');
  const rest = `Path=${options.path}; HttpOnly; SameSite=Lax${options.secure ? '; Secure' : ''}`;
  return { name: own, set: (id) => `${own}=${id}; Max-Age=${FIFTEEN_MINUTES}; ${rest}`, clear: `${own}=; Max-Age=0; ${rest}` };
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
