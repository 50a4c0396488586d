import { z } from 'zod';
import type { AuthContext } from '#lib/api/migration.ts';
import type { StepUpSettings } from '#lib/config/config.ts';

/** What a step-up asks of a sign-in. */
export interface StepUpAsked {
  /** `issuer|sub` of whoever asked. */
  readonly subject: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface StepUpRules extends StepUpSettings {
  readonly issuer: string;
  readonly clientId: string;
}

export type StepUpOutcome =
  | { readonly ok: true; readonly auth: AuthContext }
  /** `otherPerson`: someone else signed in where the session of the asker is open. */
  | { readonly ok: false; readonly reason: string; readonly otherPerson?: true };

/** How far the clocks of provider and console may differ. */
const SKEW_MS = 60_000;

export const NO_AUTH_TIME = 'the provider does not say when the person signed in: that it was just now rests on its word';

const Claims = z.object({
  iss: z.string(),
  sub: z.string().min(1),
  aud: z.union([z.string(), z.array(z.string())]),
  azp: z.string().optional(),
});
/** Optional claims one by one: one that is not of its type counts as missing, which refuses. */
const seconds = z.number().int().positive();
const strings = z.array(z.string());

/**
 * Whether the claims of an ID token, whose signature and nonce were checked, are a fresh sign-in of the same person with what counts as a second
 * factor. The parameters of the request (`max_age`, `prompt`, `acr_values`) are wishes that a person can edit out and a provider can pass over: only
 * what the token says decides, and what it does not say refuses.
 */
export function checkStepUp(
  claims: Readonly<Record<string, unknown>>,
  asked: StepUpAsked,
  now: number,
  rules: StepUpRules,
): StepUpOutcome {
  if (now >= asked.expiresAt) return refused('it took longer than ten minutes');
  const known = Claims.safeParse(claims);
  if (!known.success) return refused('the ID token lacks issuer, subject or audience');
  const { iss, sub, aud, azp } = known.data;
  if (bare(iss) !== bare(rules.issuer)) return refused('the ID token comes from another issuer');
  if (!isFor(rules.clientId, aud, azp)) return refused('the ID token is for another application');
  if (`${iss}|${sub}` !== asked.subject)
    return { ok: false, otherPerson: true, reason: 'another person signed in: both sessions have ended' };

  const fresh = freshness(claims, asked, now, rules);
  if (typeof fresh === 'string') return refused(fresh);
  const acr = own(claims, 'acr', z.string());
  const acrs = own(claims, 'acrs', z.union([strings, z.string().transform((one) => [one])])) ?? [];
  const amr = own(claims, 'amr', strings) ?? [];
  const level = [...(acr === undefined ? [] : [acr]), ...acrs].find((each) => rules.acr.includes(each));
  if (level === undefined && !amr.some((each) => rules.amr.includes(each)))
    return refused(`the sign-in shows no second factor: ${shown({ acr, acrs, amr })}; needed is ${needed(rules)}`);
  const stated = level ?? acr;
  return { ok: true, auth: { ...(stated !== undefined && { acr: stated }), amr, ...fresh } };
}

/** When the person signed in, with what is weak about knowing it; or why it does not count. */
function freshness(
  claims: Readonly<Record<string, unknown>>,
  { createdAt }: StepUpAsked,
  now: number,
  { noAuthTime }: StepUpRules,
): Pick<AuthContext, 'authTime' | 'weakness'> | string {
  const stated = Object.hasOwn(claims, 'auth_time');
  if (!stated && !noAuthTime) return 'the ID token does not say when the person signed in (auth_time)';
  const time = own(claims, stated ? 'auth_time' : 'iat', seconds);
  if (time === undefined)
    return `the ID token does not say ${stated ? 'when the person signed in' : 'when it was made'} in a readable way`;
  const authTime = time * 1000;
  if (authTime < createdAt - SKEW_MS) return 'the sign-in is older than the decision: the provider did not ask again';
  if (authTime > now + SKEW_MS) return 'the sign-in lies in the future: the clocks of provider and console differ';
  return stated ? { authTime, weakness: '' } : { weakness: NO_AUTH_TIME };
}

const isFor = (client: string, aud: string | string[], azp: string | undefined): boolean =>
  typeof aud === 'string'
    ? aud === client
    : aud.includes(client) && (aud.length === 1 ? azp === undefined || azp === client : azp === client);

function own<T extends z.ZodType>(claims: Readonly<Record<string, unknown>>, name: string, type: T): z.output<T> | undefined {
  return Object.hasOwn(claims, name) ? type.safeParse(claims[name]).data : undefined;
}

const bare = (issuer: string) => issuer.replace(/\/$/, '');
const refused = (reason: string): StepUpOutcome => ({ ok: false, reason });

const shown = ({ acr, acrs, amr }: { acr: string | undefined; acrs: string[]; amr: string[] }): string =>
  `acr ${acr === undefined && acrs.length === 0 ? 'is missing' : [acr, ...acrs].filter((each) => each !== undefined).join(', ')}, amr ${amr.length > 0 ? amr.join(', ') : 'is missing'}`.slice(
    0,
    300,
  );

const needed = ({ acr, amr }: StepUpSettings): string =>
  [acr.length > 0 ? `acr ${acr.join(' or ')}` : '', amr.length > 0 ? `amr ${amr.join(' or ')}` : '']
    .filter(Boolean)
    .join(', or ') || 'nothing that could be met: set OIDC_STEP_UP_ACR or OIDC_STEP_UP_AMR';
