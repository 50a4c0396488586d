import type { Metadata } from 'next';
import { About } from '#components/settings/About.tsx';
import { VERSION } from '#lib/config/version.ts';

export const metadata: Metadata = { title: 'About' };

export default function AboutPage() {
  return <About version={VERSION} node={process.version} />;
}
