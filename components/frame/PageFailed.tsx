'use client';
import { Button, ButtonLink } from '#components/ui/Button.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { Mark } from '#components/ui/Mark.tsx';

/** A page that could not be made. What went wrong stands in the log under the reference; nothing of it is shown here. */
export function PageFailed({ reference, onRetry }: { reference: string | undefined; onRetry: () => void }) {
  return (
    <div className="mx-auto flex max-w-prose flex-col items-start gap-3 px-4 py-16" role="alert">
      <h1 className="flex items-center gap-2 text-20 font-title">
        <Mark name="error" size={16} />
        This page could not be shown
      </h1>
      <p className="text-14 text-ink-2">
        The console did not get what it needs for it, most often its database. Flows go on being received. “causeway doctor” on
        its host tells what is missing.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button look="primary" onClick={onRetry}>
          Try again
        </Button>
        <ButtonLink href="/">Start page</ButtonLink>
        {reference !== undefined && (
          <CopyButton text={reference} label="Copy reference">
            <span className="font-mono text-12">{reference}</span>
          </CopyButton>
        )}
      </div>
    </div>
  );
}
