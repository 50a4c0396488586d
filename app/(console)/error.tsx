'use client';
import { PageFailed } from '#components/frame/PageFailed.tsx';

export default function ConsoleErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return <PageFailed reference={error.digest} onRetry={reset} />;
}
