import * as z from 'zod';
import { callApi } from '#components/live/api.ts';

const Csrf = z.object({ csrfToken: z.string() });
const Next = z.object({ url: z.string() });

/** Signs in or out by a form post below `/api/auth`, and gives the address to go to. Throws `ApiFailure`. */
export async function postAuth(path: string, fields: Readonly<Record<string, string>>): Promise<string> {
  const { body } = await callApi('/api/auth/csrf', Csrf);
  const { body: next } = await callApi(`/api/auth/${path}`, Next, {
    method: 'POST',
    form: new URLSearchParams({ ...fields, csrfToken: body.csrfToken, json: 'true' }),
  });
  return next.url;
}

/** Ends the session on the server, then shows the sign-in page. */
export async function signOut(): Promise<void> {
  await postAuth('signout', { callbackUrl: '/sign-in' });
  window.location.assign('/sign-in');
}
