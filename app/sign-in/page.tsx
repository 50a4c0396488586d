import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { SignIn } from '#components/sign-in/SignIn.tsx';
import { signInError } from '#lib/api/sign-in.ts';
import { hasAnyRole } from '#lib/auth/authorize.ts';
import { currentActor, pathWithin, signInOptions } from '#lib/auth/page.ts';

export const metadata: Metadata = { title: 'Sign in' };

interface Props {
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

export default async function SignInPage({ searchParams }: Props) {
  const query = await searchParams;
  const next = pathWithin(single(query['next'] ?? query['callbackUrl']));
  const actor = await currentActor();
  if (actor && hasAnyRole(actor)) redirect(next);
  return <SignIn options={signInOptions()} next={next} error={signInError(single(query['error']))} />;
}

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
