import { visibleText } from '#lib/flow/text.ts';
import { Button } from '#components/ui/Button.tsx';
import { bytes, percent } from '#components/ui/format.ts';
import type { SendProgress } from './send-file.ts';

/** A file on its way; `reading` says what the console does once all of it is sent. */
export function Sending({ name, progress, reading, stop }: SendingProps) {
  const { sentBytes, totalBytes } = progress;
  const sent = sentBytes >= totalBytes;
  return (
    <div className="flex flex-wrap items-center gap-3 text-12">
      <span className="font-mono wrap-anywhere">{visibleText(name)}</span>
      <progress
        aria-label={`Sending ${name}`}
        value={sent ? undefined : sentBytes}
        max={totalBytes}
        className="h-2 min-w-24 flex-1 accent-(--accent)"
      />
      <span className="num">
        {sent ? reading : `${bytes(sentBytes)} of ${bytes(totalBytes)}, ${percent(sentBytes, totalBytes) ?? '0 %'}`}
      </span>
      <Button size="sm" onClick={stop}>
        Stop
      </Button>
    </div>
  );
}
interface SendingProps {
  name: string;
  progress: SendProgress;
  reading: string;
  stop: () => void;
}
