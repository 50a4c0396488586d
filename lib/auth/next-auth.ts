import 'server-only';
import NextAuth, { type NextAuthOptions, type Profile } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import type { OAuthConfig } from 'next-auth/providers/oauth';
import { config, type OidcConfig } from '#lib/config/config.ts';
import { recordSignIn, type SignedIn } from '#lib/db/platform/members.ts';
import { insertSession, revokeSessions } from '#lib/db/platform/sessions.ts';
import { readText } from '#lib/http/read-body.ts';
import { roleMap, sessionSecretOf } from './actor.ts';
import { authCookies, cookieOf, sessionCookieName } from './cookies.ts';
import { DEMO_ISSUER, DEMO_USERS } from './demo-users.ts';
import { grantsOfClaims } from './role-map.ts';
import { randomSecret, sha256 } from './secrets.ts';

/** What of next-auth is served; its `_log` would let anybody write into the log. */
const ACTIONS: readonly string[] = ['csrf', 'providers', 'signin', 'callback', 'signout', 'error', 'session'];

/** Largest form taken, in bytes. */
const FORM_LIMIT = 16 * 1024;

export interface AuthLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/**
 * Answers a request below `/api/auth` by next-auth: `action` is the next segment of its path, `provider` the one after. Undefined for a
 * path that is not served. Its handler for API routes is used, which needs no Next around it, so that tests speak to it over plain HTTP.
 */
export async function answerAuth(
  request: Request,
  [action, provider, ...rest]: readonly string[],
  log: AuthLog,
): Promise<Response | undefined> {
  if (!action || !ACTIONS.includes(action) || rest.length > 0) return undefined;
  // next-auth takes its origin from this variable alone; the Host header of a request has no say.
  process.env['NEXTAUTH_URL'] = config().publicUrl;
  if (action === 'signout' && request.method === 'POST') await endSession(request.headers.get('cookie'));
  const url = new URL(request.url);
  const response = new NodeResponse();
  await NextAuth(
    {
      method: request.method,
      headers: Object.fromEntries(request.headers),
      cookies: cookiesOf(request.headers.get('cookie')),
      query: { ...Object.fromEntries(url.searchParams), nextauth: provider ? [action, provider] : [action] },
      body: request.method === 'POST' ? Object.fromEntries(new URLSearchParams(await readText(request, FORM_LIMIT))) : undefined,
    } as unknown as Parameters<typeof NextAuth>[0] & object,
    response as never,
    authOptions(request.headers.get('user-agent') ?? '', log) as never,
  );
  return response.finished();
}

/** Ends the session in the database first: a sign-out that cannot be stored fails visibly and leaves the cookie for another try. */
async function endSession(cookies: string | null): Promise<void> {
  const cookie = cookieOf(cookies, sessionCookieName());
  const secret = cookie && (await sessionSecretOf(cookie));
  if (secret) await revokeSessions({ tokenHash: sha256(secret) }, Date.now());
}

function authOptions(userAgent: string, log: AuthLog): NextAuthOptions {
  const { secret, demo, oidc, publicUrl, session } = config();
  const maxAge = session.maxMinutes * 60;
  return {
    secret,
    session: { strategy: 'jwt', maxAge },
    jwt: { maxAge },
    cookies: authCookies(),
    useSecureCookies: publicUrl.startsWith('https:'),
    pages: { signIn: '/sign-in', error: '/sign-in' },
    providers: [...(oidc ? [oidcProvider(oidc)] : []), ...(demo && !oidc ? [DEMO_PROVIDER] : [])],
    callbacks: {
      signIn({ account, user, profile }) {
        const outcome = account?.provider === 'oidc' ? grantsOfProfile(profile) : undefined;
        if (!outcome || outcome.ok) return true;
        log.warn({ subject: user.id, reason: outcome.reason }, 'sign-in refused');
        return `/sign-in?error=${outcome.reason}`;
      },
      async jwt({ token, user, account, profile }) {
        if (!account) return token; // an existing session: nothing in its cookie ever changes
        const member = account.provider === 'oidc' ? memberOfProfile(user, profile) : memberOfDemo(user.id);
        const sid = await openSession(member, userAgent);
        log.info({ subject: member.subject }, 'signed in');
        return { sid, name: member.name };
      },
      session: ({ session: { expires }, token }) => ({ user: { name: token.name ?? '' }, expires }),
    },
    logger: {
      error: (code, metadata) =>
        log.warn({ code, reason: 'message' in metadata ? metadata.message : undefined }, 'sign-in failed'),
      warn: (code) => log.warn({ code }, 'sign-in'),
      debug: () => {},
    },
  };
}

const DEMO_PROVIDER = CredentialsProvider({
  id: 'demo',
  name: 'Demo',
  credentials: { user: {} },
  authorize(credentials) {
    const user = DEMO_USERS.find(({ id }) => id === credentials?.user);
    return user ? { id: user.id, name: user.name, email: user.email } : null;
  },
});

const oidcProvider = ({ issuer, clientId, clientSecret, name, scope }: OidcConfig): OAuthConfig<Profile> => ({
  id: 'oidc',
  name,
  type: 'oauth',
  wellKnown: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
  clientId,
  clientSecret,
  idToken: true,
  checks: ['pkce', 'state', 'nonce'],
  authorization: { params: { scope } },
  profile: (claims) => ({ id: claims.sub ?? '', name: claims.name ?? null, email: claims.email ?? null }),
});

const grantsOfProfile = (profile: Profile | undefined) =>
  grantsOfClaims({ ...profile }, config().oidc?.groupsClaim ?? 'groups', roleMap());

/** The member that verified claims describe. The name and address are for people to read; rights hang on issuer and subject. */
function memberOfProfile(
  user: { id: string; name?: string | null; email?: string | null },
  profile: Profile | undefined,
): SignedIn {
  const outcome = grantsOfProfile(profile);
  const issuer = profile && 'iss' in profile ? String(profile.iss) : '';
  if (!outcome.ok || !issuer || !user.id) throw new Error('the sign-in was not checked');
  return {
    subject: `${issuer}|${user.id}`,
    name: (user.name || user.email || user.id).slice(0, 200),
    email: (user.email ?? '').slice(0, 320),
    grants: outcome.grants,
  };
}

function memberOfDemo(id: string): SignedIn {
  const user = DEMO_USERS.find((each) => each.id === id);
  if (!user || !config().demo) throw new Error('not in demo mode');
  return {
    subject: `${DEMO_ISSUER}|${id}`,
    name: user.name,
    email: user.email,
    grants: [{ grant: { role: user.role, scope: '*' }, source: 'demo' }],
  };
}

/** A new session for each sign-in; the secret goes into the cookie, its hash into the row. */
async function openSession(member: SignedIn, userAgent: string): Promise<string> {
  await recordSignIn(member);
  const sid = randomSecret();
  const now = Date.now();
  const expiresAt = now + config().session.maxMinutes * 60_000;
  await insertSession({ subject: member.subject, tokenHash: sha256(sid), userAgent: userAgent.slice(0, 300), now, expiresAt });
  return sid;
}

function cookiesOf(header: string | null): Record<string, string> {
  const pairs = (header ?? '').split(';').flatMap((part) => {
    const at = part.indexOf('=');
    return at > 0 ? [[part.slice(0, at).trim(), decoded(part.slice(at + 1).trim())] as const] : [];
  });
  return Object.fromEntries(pairs);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** As much of Node's response as next-auth's handler for API routes uses, kept as a web `Response`. */
class NodeResponse {
  readonly #headers = new Map<string, string | readonly string[]>();
  #status = 200;
  #body: string | null = null;

  status(status: number): this {
    this.#status = status;
    return this;
  }
  getHeader(name: string): string | readonly string[] | undefined {
    return this.#headers.get(name.toLowerCase());
  }
  setHeader(name: string, value: string | readonly string[]): this {
    this.#headers.set(name.toLowerCase(), value);
    return this;
  }
  json(value: unknown): void {
    this.setHeader('content-type', 'application/json');
    this.#body = JSON.stringify(value);
  }
  send(value: unknown): void {
    if (value === undefined) return;
    if (typeof value === 'string') this.#body = value;
    else this.json(value);
  }
  end(): void {}

  finished(): Response {
    const headers = new Headers({ 'cache-control': 'no-store' });
    for (const [name, value] of this.#headers) for (const each of [value].flat()) headers.append(name, each);
    return new Response(this.#body, { status: this.#status, headers });
  }
}
