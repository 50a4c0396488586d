'use client';
import { PageFailed } from '#components/frame/PageFailed.tsx';

export default function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main>
      <PageFailed reference={error.digest} onRetry={reset} />
    </main>
  );
}
