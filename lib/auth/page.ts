import 'server-only';
import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import type { SignInOptions } from '#lib/api/sign-in.ts';
import { config } from '#lib/config/config.ts';
import { actorOf } from './actor.ts';
import { type Actor, hasAnyRole } from './authorize.ts';
import { sessionCookieName } from './cookies.ts';
import { DEMO_USERS } from './demo-users.ts';

/** Set by `proxy.ts` on requests for pages: path and query, to come back to after sign-in. */
export const PATH_HEADER = 'x-causeway-path';

/** Who looks at the page; undefined when nobody is signed in. For server components. */
export async function currentActor(): Promise<Actor | undefined> {
  const session = (await cookies()).get(sessionCookieName());
  return session && actorOf(new Headers({ cookie: `${session.name}=${session.value}` }));
}

/** Who looks at the page; whoever is not signed in, or has no role any more, is sent to sign in and comes back here afterwards. */
export async function requireActor(): Promise<Actor> {
  const actor = await currentActor();
  if (actor && hasAnyRole(actor)) return actor;
  const next = pathWithin((await headers()).get(PATH_HEADER));
  const query = new URLSearchParams({ ...(next !== '/' && { next }), ...(actor && { error: 'no-role' }) });
  redirect(query.size > 0 ? `/sign-in?${query}` : '/sign-in');
}

/** What the sign-in page may offer: decided by the configuration alone. */
export function signInOptions(): SignInOptions {
  const { demo, oidc } = config();
  return {
    demoUsers: demo && !oidc ? DEMO_USERS.map(({ id, name, role, description }) => ({ id, name, role, description })) : [],
    oidc: oidc && { name: oidc.name },
  };
}

/** `path` when it is a place on this site, else `/`: `//evil`, `/\evil` and the like lead nowhere. */
export function pathWithin(path: string | null | undefined): string {
  if (!path || !/^\/(?![/\\])[^\p{Cc}\\]*$/u.test(path)) return '/';
  const url = new URL(path, 'http://here.invalid');
  return url.origin === 'http://here.invalid' ? `${url.pathname}${url.search}${url.hash}` : '/';
}
