import 'server-only';
import type { StepUp } from '#lib/api/audit-log.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import { config } from '#lib/config/config.ts';
import { findSession, type OpenSession, revokeSession } from '#lib/db/platform/sessions.ts';
import { recordSignIn, type SignedIn, withdrawGrants } from '#lib/db/platform/members.ts';
import { readStepUp, refuseStepUp, type StoredStepUp, verifyStepUp } from '#lib/db/platform/step-ups.ts';
import { idleSince, sessionSecretOf } from './actor.ts';
import { cookieOf, sessionCookieName } from './cookies.ts';
import { checkStepUp, type StepUpOutcome } from './step-up-check.ts';
import { randomSecret, sha256 } from './secrets.ts';

/** A sign-in of demo users proves nothing; each decision made with it says so. */
const DEMO_WEAKNESS = 'demo sign-in: nothing was proved';

/** What a sign-in must bring to count for a step-up, beyond what a step-up itself decides. */
export interface SignInBrought {
  /** Claims of a checked ID token; undefined for a demo user. */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  /** `issuer|sub` of whoever signed in. */
  readonly subject: string;
  /** With what the person's groups grant now, or why they grant nothing. */
  readonly member: SignedIn | { readonly refused: string };
}

/** Where a page goes for a step-up: the one path that a sign-in for it comes back to. */
export const stepUpPath = (id: string): string => `/step-up/${id}`;

/** The id in the path that a sign-in is to come back to; undefined for any other place. */
export function stepUpIdOf(callbackUrl: string | undefined): string | undefined {
  if (!callbackUrl) return undefined;
  const { publicUrl } = config();
  const path = callbackUrl.startsWith(publicUrl) ? callbackUrl.slice(publicUrl.length) : callbackUrl;
  return /^\/step-up\/([A-Za-z0-9_-]{24})$/.exec(path)?.[1];
}

/** How a sign-in asks for a fresh one with a second factor. Wishes: `checkStepUp` decides by what the ID token says. */
export function stepUpParameters(): { provider: StepUp['provider']; parameters: Record<string, string> } {
  const { oidc } = config();
  if (!oidc) return { provider: 'demo', parameters: {} };
  const { acrValues } = oidc.stepUp;
  return { provider: 'oidc', parameters: { max_age: '0', prompt: 'login', ...(acrValues && { acr_values: acrValues }) } };
}

/** A step-up to be done, as long as it is the caller's: asked in the session of this cookie, and not answered yet. */
export async function stepUpToDo(id: string, cookies: string | null): Promise<StoredStepUp | undefined> {
  const [stepUp, current] = await Promise.all([readStepUp(id), currentSession(cookies)]);
  return stepUp?.state === 'asked' && current?.session.id === stepUp.sessionId ? stepUp : undefined;
}

/**
 * Ends a sign-in that was begun for the step-up `id`. When everything fits, the step-up is verified and the session of whoever asked gets a new
 * secret, which is returned for its cookie. Else nobody is signed in: the reason stands at the step-up, and `go` is where to say so.
 */
export async function finishStepUp(
  id: string,
  cookies: string | null,
  { claims, subject, member }: SignInBrought,
  request: AuditContext['request'],
): Promise<{ readonly secret: string } | { readonly go: string }> {
  const [stepUp, current] = await Promise.all([readStepUp(id), currentSession(cookies)]);
  const context = contextOf(subject, member, current?.session, request);
  const own = current !== undefined && current.session.id === stepUp?.sessionId;
  const refuse = async (reason: string) => {
    await refuseStepUp({ id, final: own }, reason, context);
    return { go: stepUpPath(id) };
  };
  if (!stepUp || stepUp.state !== 'asked')
    return refuse('this sign-in came for a step-up that was answered before, or has expired');
  if (!own || current.session.subject !== stepUp.subject)
    return refuse('the session that asked for it has ended, or is another one');
  const outcome = outcomeOf(claims, subject, stepUp);
  if (!outcome.ok && outcome.otherPerson) {
    await refuse(outcome.reason);
    await revokeSession({ id: stepUp.sessionId }, Date.now(), { ...context, action: 'session.revoke', reason: outcome.reason });
    return { go: '/sign-in?error=other-person' };
  }
  if (!outcome.ok) return refuse(outcome.reason);
  if ('refused' in member) {
    await withdrawGrants(subject, context);
    return refuse(`your groups give no role any more (${member.refused})`);
  }
  await recordSignIn(member, context);
  const secret = randomSecret();
  const verified = await verifyStepUp({
    id,
    sessionId: stepUp.sessionId,
    auth: outcome.auth,
    tokenHash: current.tokenHash,
    newTokenHash: sha256(secret),
    context,
  });
  return verified ? { secret } : refuse('it was answered in another window');
}

/** A demo user proves nothing and counts only in demo mode, which exists on loopback alone. */
function outcomeOf(claims: SignInBrought['claims'], subject: string, stepUp: StoredStepUp): StepUpOutcome {
  const { demo, oidc } = config();
  const now = Date.now();
  if (claims && oidc) return checkStepUp(claims, stepUp, now, { ...oidc.stepUp, issuer: oidc.issuer, clientId: oidc.clientId });
  if (claims || oidc || !demo) return { ok: false, reason: 'this way of signing in does not count' };
  if (subject !== stepUp.subject)
    return { ok: false, otherPerson: true, reason: 'another person signed in: both sessions have ended' };
  return { ok: true, auth: { amr: ['demo'], authTime: now, weakness: DEMO_WEAKNESS } };
}

async function currentSession(cookies: string | null): Promise<{ session: OpenSession; tokenHash: string } | undefined> {
  const cookie = cookieOf(cookies, sessionCookieName());
  const secret = cookie && (await sessionSecretOf(cookie));
  if (!secret) return undefined;
  const now = Date.now();
  const tokenHash = sha256(secret);
  const session = await findSession(tokenHash, now, idleSince(now));
  return session && { session, tokenHash };
}

/** The sign-in is what was proved: its subject is the actor, in the session that it came back to. */
const contextOf = (
  subject: string,
  member: SignInBrought['member'],
  session: OpenSession | undefined,
  request: AuditContext['request'],
): AuditContext => ({
  actor: {
    kind: 'person',
    subject,
    name: 'name' in member ? member.name : '',
    ...(session?.subject === subject && { sessionId: session.id }),
  },
  ...(request && { request }),
});
