import type { Metadata } from 'next';
import { StepUpView } from '#components/step-up/StepUpView.tsx';
import { signInError } from '#lib/api/sign-in.ts';
import { requireActor } from '#lib/auth/page.ts';

export const metadata: Metadata = { title: 'Sign in again' };

interface Props {
  readonly params: Promise<{ id: string }>;
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

/** Whose it is decides the API: another person's looks like one that is not there. */
export default async function StepUpPage({ params, searchParams }: Props) {
  const { name, subject } = await requireActor();
  const { id } = await params;
  const { error } = await searchParams;
  return <StepUpView id={id} person={{ name, subject }} error={signInError([error].flat()[0])} />;
}
