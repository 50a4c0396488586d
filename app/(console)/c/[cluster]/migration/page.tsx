import type { Metadata } from 'next';
import { MigrationView } from '#components/migration/MigrationView.tsx';
import { looker } from './looker.ts';

export const metadata: Metadata = { title: 'Migration' };

export default async function MigrationPage() {
  return <MigrationView looker={await looker()} />;
}
