/**
 * What the sign-in page shows and how it signs in. Both ways begin with `GET /api/auth/csrf` for `{ csrfToken }`, then a POST of
 * `application/x-www-form-urlencoded` with `csrfToken`, `callbackUrl` (a path) and `json=true`, answered by `{ url }`:
 * `/api/auth/signin/oidc` gives the provider's address to go to; `/api/auth/callback/demo` with `user` (a demo user's id) signs in at once.
 * `POST /api/auth/signout` the same way ends the session on the server.
 */
export interface SignInOptions {
  /** Empty unless the console runs in demo mode. */
  readonly demoUsers: readonly DemoUser[];
  /** The provider's name for its button; undefined when none is configured. */
  readonly oidc: { readonly name: string } | undefined;
}

export interface DemoUser {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly description: string;
}

/** What `?error=` of the sign-in page means. The capitalised ones are next-auth's. */
const SIGN_IN_ERRORS = new Map<string, string>([
  [
    'no-role',
    'You are signed in at your provider, but none of your groups has a role in this console. Ask whoever runs it to map one of your groups.',
  ],
  [
    'groups-overage',
    'Your provider left your groups out of the token because there are too many. Nobody is let in on an incomplete list: have the provider send only the groups assigned to this application.',
  ],
  [
    'no-groups',
    'Your provider sent no list of groups. Have it add the groups claim to the ID token, or set OIDC_GROUPS_CLAIM to the name it uses.',
  ],
  ['AccessDenied', 'Your provider refused the sign-in.'],
  ['OAuthSignin', 'The sign-in provider cannot be reached or is not set up for this console. "causeway doctor" tells which.'],
  ['OAuthCallback', 'The answer of your provider could not be verified, or the sign-in took longer than 15 minutes. Try again.'],
  ['Callback', 'The sign-in could not be finished because the console could not store the session. Try again in a minute.'],
  ['CredentialsSignin', 'There is no such demo user.'],
  [
    'other-person',
    'Another person signed in where you were asked to confirm that it is you. Both sessions have ended, and the audit log has it. Sign in again.',
  ],
  ['signed-out', 'Your session has ended. Sign in again.'],
]);

/** A sentence for `?error=`; undefined when there is none. Text that is not known is never repeated. */
export function signInError(code: string | undefined): string | undefined {
  if (!code) return undefined;
  return SIGN_IN_ERRORS.get(code) ?? 'The sign-in did not succeed. Try again.';
}
