'use client';
import { Archive } from 'lucide-react';
import { Capture } from '#lib/api/captures.ts';
import { useApi } from '#components/live/use-api.ts';
import type { Console } from '#components/live/use-console.ts';
import { Button } from '#components/ui/Button.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { exact, utc } from '#components/ui/format.ts';
import { captureUrl } from './capture-api.ts';

/** Says that a page shows a capture and not the cluster now, and leads back. Nothing when no capture is open. */
export function CaptureBanner({ view }: { view: Console }) {
  const { data, error } = useApi(view.capture === null ? null : captureUrl(view.cluster, view.capture), Capture);
  if (view.capture === null) return null;
  return (
    <output className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md border border-line-strong bg-hover px-3 py-1.5 text-13">
      {error && !data ? <Mark name="error" /> : <Archive size={14} aria-hidden="true" className="text-ink-3" />}
      <span className="min-w-0 flex-1 wrap-anywhere">
        {data ? (
          <>
            Capture <span className="font-label">{data.name}</span>, not live: <span className="num">{exact(data.flows)}</span>{' '}
            flows
            {data.from !== undefined && data.to !== undefined && (
              <>
                , {utc(data.from)} to {utc(data.to)}
              </>
            )}
            {data.badLines > 0 && `, ${exact(data.badLines)} lines left out`}
          </>
        ) : error ? (
          error.status === 404 ? (
            'This capture was deleted.'
          ) : (
            (error.detail ?? error.title)
          )
        ) : (
          'Opening the capture'
        )}
      </span>
      <Button size="sm" onClick={() => void view.backToLive()}>
        Back to live
      </Button>
    </output>
  );
}
