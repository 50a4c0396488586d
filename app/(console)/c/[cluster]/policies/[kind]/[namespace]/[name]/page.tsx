import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { policyLabel } from '#components/policies/links.ts';
import { PolicyView } from '#components/policies/policy/PolicyView.tsx';
import { refOfPath } from '#components/policies/policy-ref.ts';

interface Props {
  readonly params: Promise<{ kind: string; namespace: string; name: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { kind, namespace, name } = await params;
  const ref = refOfPath(kind, namespace, name);
  return { title: ref === undefined ? 'Not found' : policyLabel(ref) };
}

export default async function PolicyPage({ params }: Props) {
  const { kind, namespace, name } = await params;
  const ref = refOfPath(kind, namespace, name);
  if (ref === undefined) notFound();
  return <PolicyView policy={ref} />;
}
