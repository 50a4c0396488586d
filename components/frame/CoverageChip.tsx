'use client';
import { useStatus } from '#components/live/use-status.ts';
import { useNow } from '#components/live/use-now.ts';
import { buttonClass } from '#components/ui/Button.tsx';
import { cx } from '#components/ui/cx.ts';
import { duration, exact, humanised } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Popover } from '#components/ui/Popover.tsx';
import { coverageView } from './coverage.ts';

/** What this view can and cannot know: nodes reporting, events lost, age of the newest flow. A click explains. */
export function CoverageChip({ cluster }: { cluster: string }) {
  const { status, at, error } = useStatus(cluster);
  const view = coverageView(status, at, useNow(), error);
  const separator = <span aria-hidden="true" className="h-3.5 w-px bg-line-strong" />;
  return (
    <Popover
      align="end"
      label="Coverage"
      className="w-92 p-4"
      trigger={
        <button type="button" className={cx(buttonClass('plain'), 'max-md:min-w-0 max-md:shrink max-md:gap-1.5 max-md:px-2')}>
          <span className="sr-only">Coverage: </span>
          <Mark name={view.seen === 'all' ? 'pass' : view.seen === 'part' ? 'gap' : 'unknown'} label={SEEN[view.seen]} />
          <span className={cx(view.nodesShort && 'text-audit-text')}>
            {view.nodes}
            <span className="hidden md:inline"> nodes</span>
          </span>
          {separator}
          <span className={cx((view.lost ?? 0) > 0 && 'text-audit-text')}>
            {view.lost === undefined ? '–' : humanised(view.lost)} lost
          </span>
          {separator}
          <span className={cx(view.old && view.seen !== 'unknown' && 'text-audit-text', 'tabular-nums')}>
            <span className="hidden md:inline">newest </span>
            {view.ageMs === undefined ? '–' : duration(view.ageMs)}
          </span>
        </button>
      }
    >
      <h2 className="text-14 font-title">{TITLE[view.seen]}</h2>
      <ul className="mt-2 flex flex-col gap-1.5 text-13 text-ink-2">
        {view.sentences.map((sentence) => (
          <li key={sentence} className="wrap-anywhere">
            {sentence}
          </li>
        ))}
      </ul>
      {status && (
        <dl className="mt-3 grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 border-t border-line pt-3 text-12">
          <Fact name="Flows received, last 10 s" value={`${humanised(status.flowsPerSecond)}/s`} />
          <Fact name="Received since the console started" value={exact(status.received)} />
          <Fact name="Received twice, counted once" value={exact(status.duplicates)} />
          <Fact name="Not readable, left out" value={exact(status.malformed)} />
          <Fact name="Relay" value={status.relayVersion || 'version not said'} />
        </dl>
      )}
    </Popover>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="num text-right">{value}</dd>
    </>
  );
}

const SEEN = { all: 'all seen', part: 'not all seen', unknown: 'not known yet' } as const;
const TITLE = { all: 'All is seen', part: 'Not all is seen', unknown: 'Not known yet' } as const;
