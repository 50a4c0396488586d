import type { Metadata } from 'next';
import { InventoryView } from '#components/policies/inventory/InventoryView.tsx';
import { may } from '../may.ts';

export const metadata: Metadata = { title: 'Policies' };

export default async function PoliciesPage({ params }: { params: Promise<{ cluster: string }> }) {
  return <InventoryView mayEdit={await may('policy.edit', params)} />;
}
