'use client';
import Link from 'next/link';
import type { PolicySource } from '#lib/api/policies.ts';
import { useConsole } from '#components/live/use-console.ts';
import { visibleText } from '#lib/flow/text.ts';

/** The console has no policies of this cluster to judge by: why, and the ways to get them. */
export function SourceMissing({ source }: { source?: PolicySource | undefined }) {
  const view = useConsole();
  return (
    <div className="flex flex-col gap-1.5 text-13 text-ink-2">
      <p className="font-label text-ink">The policies of this cluster are not known, so nothing can be judged.</p>
      {source !== undefined && source.detail !== '' && <p>{visibleText(source.detail)}</p>}
      <p>
        Start the console with <code className="font-mono text-12">--kubeconfig FILE</code> or{' '}
        <code className="font-mono text-12">--objects DIR</code>, or{' '}
        <Link className="ring-focus rounded-sm text-accent-text hover:underline" href={view.hrefOf('policies')}>
          upload the objects
        </Link>
        .
      </p>
    </div>
  );
}
