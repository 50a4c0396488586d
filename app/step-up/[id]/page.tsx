import type { Metadata } from 'next';
import { StepUpView } from '#components/step-up/StepUpView.tsx';
import { requireActor } from '#lib/auth/page.ts';

export const metadata: Metadata = { title: 'Sign in again' };

/** Whose it is decides the API: another person's looks like one that is not there. */
export default async function StepUpPage({ params }: { params: Promise<{ id: string }> }) {
  const { name, subject } = await requireActor();
  const { id } = await params;
  return <StepUpView id={id} person={{ name, subject }} />;
}
