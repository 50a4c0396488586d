import 'server-only';
import { decode } from 'next-auth/jwt';
import type { Grant } from '#lib/api/people.ts';
import { config } from '#lib/config/config.ts';
import { readGrants, type SourcedGrant } from '#lib/db/platform/members.ts';
import { findSession, touchSession } from '#lib/db/platform/sessions.ts';
import { findToken, touchToken } from '#lib/db/platform/tokens.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Actor } from './authorize.ts';
import { cookieOf, sessionCookieName } from './cookies.ts';
import { DEMO_ISSUER } from './demo-users.ts';
import { type RoleMap, roleMapOf, stillGranted } from './role-map.ts';
import { parseApiToken, sameSecret, sha256 } from './secrets.ts';

/** A use within the last minute is not written down again. */
const TOUCH_MS = 60_000;

/** Made on the command line of the console's own host: nobody's rights bound such a token. */
export const CONSOLE_SUBJECT = 'console';

/**
 * Who sends the request: by its session cookie, or by `Authorization: Bearer cwy_...`; undefined when it carries neither. Throws
 * `unauthenticated` for a token that does not count, and `bad-request` when both are there: one of them would be a surprise to someone.
 */
export async function actorOf(headers: Headers, now = Date.now()): Promise<Actor | undefined> {
  const cookie = cookieOf(headers.get('cookie'), sessionCookieName());
  const authorization = headers.get('authorization');
  if (authorization === null) return cookie === undefined ? undefined : actorOfSession(cookie, now);
  if (cookie !== undefined) throw new CausewayError('bad-request', 'send a session cookie or a bearer token, not both');
  const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  const actor = bearer === undefined ? undefined : await actorOfToken(bearer, now);
  if (!actor) throw new CausewayError('unauthenticated', 'this token is not valid: unknown, expired or revoked');
  return actor;
}

async function actorOfSession(cookie: string, now: number): Promise<Actor | undefined> {
  const secret = await sessionSecretOf(cookie);
  if (secret === undefined) return undefined;
  const session = await findSession(sha256(secret), now, idleSince(now));
  if (!session) return undefined;
  if (now - session.lastSeen > TOUCH_MS) await touchSession(session.id, now);
  const { id: sessionId, subject, name, email, expiresAt, grants } = session;
  return {
    kind: 'person',
    subject,
    name,
    email,
    demo: isDemoSubject(subject),
    grants: effectiveGrants(grants),
    sessionId,
    expiresAt,
  };
}

/** The secret inside a session cookie, or undefined for a cookie that this console did not make or that is too old. */
export async function sessionSecretOf(cookie: string): Promise<string | undefined> {
  try {
    const token = await decode({ token: cookie, secret: config().secret });
    return typeof token?.['sid'] === 'string' ? token['sid'] : undefined;
  } catch {
    return undefined; // not ours, damaged or expired: as good as none
  }
}

/** A session not used since then has ended. */
export const idleSince = (now: number): number => now - config().session.idleMinutes * 60_000;

async function actorOfToken(bearer: string, now: number): Promise<Actor | undefined> {
  const parsed = parseApiToken(bearer);
  const token = parsed && (await findToken(parsed.id, now));
  if (!token || !sameSecret(sha256(parsed.secret), token.secretHash)) return undefined;
  if (now - (token.lastUsed ?? 0) > TOUCH_MS) await touchToken(token.id, now);
  const ceiling = token.createdBy === CONSOLE_SUBJECT ? undefined : effectiveGrants(await readGrants(token.createdBy));
  return {
    kind: 'token',
    subject: `token:${token.id}`,
    name: token.name,
    email: '',
    demo: false,
    grants: token.grants,
    ...(ceiling && { ceiling }),
    ...(token.expiresAt !== undefined && { expiresAt: token.expiresAt }),
  };
}

/** Of what is stored for a member, what the configuration of this process still gives. */
export const effectiveGrants = (stored: readonly SourcedGrant[]): Grant[] => stillGranted(stored, roleMap(), config().demo);

let cached: RoleMap | undefined;
/** The role map of this process. Throws `not-configured` when it is wrong: called once at start-up. */
export const roleMap = (): RoleMap => (cached ??= config().oidc ? roleMapOf(config().oidc?.roleMap) : new Map());

const isDemoSubject = (subject: string) => subject.startsWith(`${DEMO_ISSUER}|`);
