import 'server-only';
import NextAuth, { type NextAuthOptions, type Profile } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import type { OAuthConfig } from 'next-auth/providers/oauth';
import type { AuditContext } from '#lib/audit-log/event.ts';
import { config, type OidcConfig } from '#lib/config/config.ts';
import { type SignedIn, withdrawGrants } from '#lib/db/platform/members.ts';
import { openSession, revokeSession } from '#lib/db/platform/sessions.ts';
import { messageOf } from '#lib/errors/errors.ts';
import { readText } from '#lib/http/read-body.ts';
import { actorOf, roleMap, sessionSecretOf } from './actor.ts';
import { authCookies, cookieOf, sessionCookieName, stepUpCookie } from './cookies.ts';
import { DEMO_ISSUER, DEMO_USERS } from './demo-users.ts';
import { cookiesOf, NodeResponse } from './node-response.ts';
import { grantsOfClaims } from './role-map.ts';
import { randomSecret, sha256 } from './secrets.ts';
import { finishStepUp, type SignInBrought, stepUpIdOf, stepUpParameters, stepUpPath, stepUpToDo } from './step-up.ts';

/** What of next-auth is served; its `_log` would let anybody write into the log. */
const ACTIONS: readonly string[] = ['csrf', 'providers', 'signin', 'callback', 'signout', 'error', 'session'];

/** Largest form taken, in bytes. */
const FORM_LIMIT = 16 * 1024;

export interface AuthLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Notes a sign-in that was refused or failed, in the audit log; bounded there. */
export type NoteSignIn = (event: { subject: string; outcome: 'denied' | 'failed'; reason: string }) => void;

export interface AuthCall {
  readonly log: AuthLog;
  readonly request: NonNullable<AuditContext['request']>;
  readonly note: NoteSignIn;
}

/**
 * Answers a request below `/api/auth` by next-auth: `action` is the next segment of its path, `provider` the one after. Undefined for a
 * path that is not served. Its handler for API routes is used, which needs no Next around it, so that tests speak to it over plain HTTP.
 */
export async function answerAuth(
  request: Request,
  [action, provider, ...rest]: readonly string[],
  call: AuthCall,
): Promise<Response | undefined> {
  if (!action || !ACTIONS.includes(action) || rest.length > 0) return undefined;
  // next-auth takes its origin from this variable alone; the Host header of a request has no say.
  process.env['NEXTAUTH_URL'] = config().publicUrl;
  const cookies = request.headers.get('cookie');
  if (action === 'signout' && request.method === 'POST') await endSession(request.headers, call.request);
  const url = new URL(request.url);
  const form =
    request.method === 'POST' ? Object.fromEntries(new URLSearchParams(await readText(request, FORM_LIMIT))) : undefined;
  const purpose = await purposeOf(action, provider, form, cookies);
  const response = new NodeResponse();
  await NextAuth(
    {
      method: request.method,
      headers: Object.fromEntries(request.headers),
      cookies: cookiesOf(cookies),
      query: {
        ...(action === 'signin' && form ? purpose.parameters : Object.fromEntries(url.searchParams)),
        nextauth: provider ? [action, provider] : [action],
      },
      body: form,
    } as unknown as Parameters<typeof NextAuth>[0] & object,
    response as never,
    authOptions(request.headers, purpose.stepUp, call) as never,
  );
  return response.finished(purpose.cookie, purpose.stepUp && stepUpPath(purpose.stepUp));
}

/** What a request of the sign-in is for: the step-up, how it is asked for, and the cookie that says so to the callback. */
interface Purpose {
  readonly stepUp: string | undefined;
  readonly parameters: Readonly<Record<string, string>>;
  readonly cookie: string | undefined;
}

/**
 * A sign-in is for a step-up when it is to come back to its page, and when the step-up is the caller's own and not answered yet. The parameters
 * sent to the provider are ours alone: a caller adds none and takes none away. The callback knows by a cookie that the latest sign-in of this browser was
 * begun for it; without it a sign-in is an ordinary one and verifies nothing.
 */
async function purposeOf(
  action: string,
  provider: string | undefined,
  form: Record<string, string> | undefined,
  cookies: string | null,
): Promise<Purpose> {
  const { name, set, clear } = stepUpCookie();
  if (action === 'callback') {
    // A demo user's sign-in is one request: it is for a step-up under the same condition as one that begins at a provider.
    const demoId = provider === 'demo' ? stepUpIdOf(form?.['callbackUrl']) : undefined;
    const stepUp =
      provider === 'demo'
        ? demoId && (await stepUpToDo(demoId, cookies))?.id
        : stepUpIdOf(stepUpPath(cookieOf(cookies, name) ?? ''));
    return { stepUp, parameters: {}, cookie: cookieOf(cookies, name) === undefined ? undefined : clear };
  }
  if (action !== 'signin' || !form) return { stepUp: undefined, parameters: {}, cookie: undefined };
  const id = stepUpIdOf(form['callbackUrl']);
  const asked = id && (await stepUpToDo(id, cookies));
  if (!asked) return { stepUp: undefined, parameters: {}, cookie: clear };
  return { stepUp: asked.id, parameters: stepUpParameters().parameters, cookie: set(asked.id) };
}

/** Ends the session in the database first: a sign-out that cannot be stored fails visibly and leaves the cookie for another try. */
async function endSession(headers: Headers, request: AuditContext['request']): Promise<void> {
  const cookie = cookieOf(headers.get('cookie'), sessionCookieName());
  const secret = cookie && (await sessionSecretOf(cookie));
  const actor = secret && (await actorOf(new Headers({ cookie: headers.get('cookie') ?? '' })));
  if (!secret || !actor) return;
  const { kind, subject, name, sessionId } = actor;
  await revokeSession({ tokenHash: sha256(secret) }, Date.now(), {
    actor: { kind, subject, name, ...(sessionId !== undefined && { sessionId }) },
    ...(request && { request }),
    action: 'session.sign-out',
  });
}

function authOptions(headers: Headers, stepUp: string | undefined, { log, request, note }: AuthCall): NextAuthOptions {
  const { secret, demo, oidc, publicUrl, session } = config();
  const maxAge = session.maxMinutes * 60;
  /** Set by a sign-in that passed; gives the secret of its session. */
  let enter: (() => Promise<string>) | undefined;
  return {
    secret,
    session: { strategy: 'jwt', maxAge },
    jwt: { maxAge },
    cookies: authCookies(),
    useSecureCookies: publicUrl.startsWith('https:'),
    pages: { signIn: '/sign-in', error: '/sign-in' },
    providers: [...(oidc ? [oidcProvider(oidc)] : []), ...(demo && !oidc ? [DEMO_PROVIDER] : [])],
    callbacks: {
      async signIn({ account, user, profile }) {
        const brought = account?.provider === 'oidc' ? broughtByOidc(user, profile) : broughtByDemo(user.id);
        const { subject, member } = brought;
        if (stepUp !== undefined) {
          const ended = await finishStepUp(stepUp, headers.get('cookie'), brought, request).catch((error: unknown) => {
            log.warn({ subject, reason: messageOf(error) }, 'step-up failed');
            return { go: `${stepUpPath(stepUp)}?error=Callback` };
          });
          if ('go' in ended) return ended.go;
          enter = async () => ended.secret;
          return true;
        }
        if ('refused' in member) {
          log.warn({ subject, reason: member.refused }, 'sign-in refused');
          note({ subject, outcome: 'denied', reason: member.refused });
          await withdrawGrants(subject, { actor: { kind: 'person', subject, name: '' }, request });
          return `/sign-in?error=${member.refused}`;
        }
        enter = async () => {
          const sid = await beginSession(member, proofOf(brought), headers.get('user-agent') ?? '', request);
          log.info({ subject }, 'signed in');
          return sid;
        };
        return true;
      },
      async jwt({ token, account, user }) {
        if (!account) return token; // an existing session: nothing in its cookie ever changes
        if (!enter) throw new Error('the sign-in was not checked');
        return { sid: await enter(), name: user.name ?? '' };
      },
      session: ({ session: { expires }, token }) => ({ user: { name: token.name ?? '' }, expires }),
    },
    logger: {
      error: (code, metadata) => {
        const reason = 'message' in metadata ? metadata.message : undefined;
        log.warn({ code, reason }, 'sign-in failed');
        note({ subject: '', outcome: 'failed', reason: [code, reason].filter(Boolean).join(': ') });
      },
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

/** Who verified claims say signed in, with what. The name and address are for people to read; rights hang on issuer and subject. */
function broughtByOidc(user: Who, profile: Profile | undefined): SignInBrought {
  const claims: Readonly<Record<string, unknown>> = { ...profile };
  const { iss } = claims;
  if (typeof iss !== 'string' || !iss || !user.id) throw new Error('the sign-in was not checked');
  const outcome = grantsOfClaims(claims, config().oidc?.groupsClaim ?? 'groups', roleMap());
  const subject = `${iss}|${user.id}`;
  const name = (user.name || user.email || user.id).slice(0, 200);
  const email = (user.email ?? '').slice(0, 320);
  return { claims, subject, member: outcome.ok ? { subject, name, email, grants: outcome.grants } : { refused: outcome.reason } };
}

function broughtByDemo(id: string): SignInBrought {
  const user = DEMO_USERS.find((each) => each.id === id);
  if (!user || !config().demo) throw new Error('not in demo mode');
  const { name, email, role, team } = user;
  const subject = `${DEMO_ISSUER}|${id}`;
  const grant = { role, scope: '*' as const, ...(team !== undefined && { team }) };
  return { claims: undefined, subject, member: { subject, name, email, grants: [{ grant, source: 'demo' }] } };
}

interface Who {
  readonly id: string;
  readonly name?: string | null;
  readonly email?: string | null;
}

/** How the provider says that the person signed in, for the audit log. */
function proofOf({ claims }: SignInBrought): Record<string, string> {
  if (!claims) return { provider: 'demo' };
  const { acr, amr } = claims;
  return {
    provider: 'oidc',
    ...(typeof acr === 'string' && { acr }),
    ...(Array.isArray(amr) && { amr: amr.map(String).join(' ') }),
  };
}

/** A new session for each sign-in; the secret goes into the cookie, its hash into the row. */
async function beginSession(
  member: SignedIn,
  proof: Readonly<Record<string, string>>,
  userAgent: string,
  request: AuditContext['request'],
): Promise<string> {
  const sid = randomSecret();
  const now = Date.now();
  const { subject, name } = member;
  const expiresAt = now + config().session.maxMinutes * 60_000;
  const session = { subject, tokenHash: sha256(sid), userAgent: userAgent.slice(0, 300), now, expiresAt };
  await openSession(member, session, { actor: { kind: 'person', subject, name }, ...(request && { request }) }, proof);
  return sid;
}
