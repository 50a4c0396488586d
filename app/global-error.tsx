'use client';
import { PageFailed } from '#components/frame/PageFailed.tsx';
import './globals.css';

/** Even the frame failed: no theme, no fonts of ours, but a way back. */
export default function GlobalErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <html lang="en">
      <body>
        <title>Causeway</title>
        <main>
          <PageFailed reference={error.digest} onRetry={reset} />
        </main>
      </body>
    </html>
  );
}
