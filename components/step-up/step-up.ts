import * as z from 'zod';
import type { StepUp } from '#lib/api/audit-log.ts';
import { postAuth } from '#components/frame/session.ts';
import { callApi } from '#components/live/api.ts';

/** What a waiting command says, as far as the person should read it again before signing in. */
const Told = z.object({
  evidenceHash: z.string().optional().catch(undefined),
  comment: z.string().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  ticket: z.string().optional().catch(undefined),
});
export type Told = z.infer<typeof Told>;

/** What stands in the body of the command; nothing where it is none that we know. */
export const toldBy = ({ command }: Pick<StepUp, 'command'>): Told => Told.catch({}).parse(command.body);

/** A path of this console. Anything that would lead elsewhere becomes the start page. */
export function pathHere(path: string, origin: string): string {
  if (!path.startsWith('/') || !URL.canParse(path, origin)) return '/';
  const url = new URL(path, origin);
  return url.origin === origin ? `${url.pathname}${url.search}${url.hash}` : '/';
}

/**
 * Begins the fresh sign-in; gives the address to go to. The parameters are wishes: what counts is checked when the person comes back. In demo
 * mode the same demo user signs in again.
 */
export function beginSignIn(
  { id, provider, parameters }: Pick<StepUp, 'id' | 'provider' | 'parameters'>,
  subject: string,
): Promise<string> {
  const callbackUrl = `/step-up/${encodeURIComponent(id)}`;
  if (provider === 'demo') return postAuth('callback/demo', { ...parameters, user: demoUserOf(subject), callbackUrl });
  const query = new URLSearchParams(parameters);
  return postAuth(`signin/${encodeURIComponent(provider)}${query.size > 0 ? `?${query}` : ''}`, { callbackUrl });
}

/** `axel` of `demo|axel`. */
const demoUserOf = (subject: string): string => subject.slice(subject.indexOf('|') + 1);

const Anything = { safeParse: (data: unknown) => ({ success: true as const, data }) };

/** Sends the command that waited, with the step-up that it waited for. Throws `ApiFailure`. */
export async function sendCommand({ id, command }: Pick<StepUp, 'id' | 'command'>): Promise<void> {
  if (!command.path.startsWith('/api/v1/')) throw new Error('the command that waits is none of this console');
  const body = z.record(z.string(), z.unknown()).catch({}).parse(command.body);
  await callApi(command.path, Anything, {
    method: command.method,
    json: { ...body, stepUp: id },
    headers: { 'idempotency-key': crypto.randomUUID() },
  });
}
