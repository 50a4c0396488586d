'use client';
import { useState, useSyncExternalStore } from 'react';
import { CaptureBanner } from '#components/flows/CaptureBanner.tsx';
import { useConsole } from '#components/live/use-console.ts';
import { Button, ButtonLink } from '#components/ui/Button.tsx';
import { Failed, Stale } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { clock, exact, utc } from '#components/ui/format.ts';
import type { Level, Topology } from '#lib/topology/topology.ts';
import { knownSince } from './history.ts';
import { MapSkeleton } from './MapSkeleton.tsx';
import { MapView } from './MapView.tsx';
import type { Overlay } from './overlays.ts';
import { TimeStrip } from './TimeStrip.tsx';
import { comparable } from './time-window.ts';
import { useCompare } from './use-compare.ts';
import { useHistory } from './use-history.ts';
import { useMapState } from './use-map-state.ts';
import { useTopology } from './use-topology.ts';
import { useWhatIf } from './use-what-if.ts';

const PHONE = '(max-width: 767px)';
const onChange = (listener: () => void) => {
  const query = window.matchMedia(PHONE);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
};

/** The page: its data, the window of time, and the four faces around the map. */
export function MapPage() {
  const view = useConsole();
  const state = useMapState();
  const phone = useSyncExternalStore(
    onChange,
    () => window.matchMedia(PHONE).matches,
    () => false,
  );
  const level: Level = state.level ?? (phone ? 'namespace' : 'workload');
  const feed = useTopology(view, level);
  const [last, setLast] = useState<Topology>();
  // A change of window keeps the picture until the next one is there; a change of level does not: its parts are others.
  if (feed.topology !== undefined && feed.topology !== last) setLast(feed.topology);
  const topology = feed.topology ?? (last?.level === level ? last : undefined);
  const history = useHistory(view);
  const compared = useCompare(view, level, state.compare, topology);
  const whatIf = useWhatIf(view, level, state.overlay === 'what-if' ? state.candidate : null, topology);

  const onOverlay = (overlay: Overlay) => {
    if (overlay === 'change' && state.compare === undefined && topology)
      state.setCompare(comparable(topology, { from: (history && knownSince(history)) ?? 0, to: topology.to }));
    else void state.set({ overlay });
  };
  if (topology === undefined) {
    if (feed.problem) return <Failed problem={feed.problem} onRetry={feed.reload} className="p-6" />;
    return <MapSkeleton />;
  }
  const changing = feed.topology === undefined;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className={`min-h-0 flex-1 ${feed.staleSince !== undefined ? 'grayscale' : ''}`}>
        <MapView
          topology={compared.topology ?? topology}
          view={view}
          state={state}
          compact={phone}
          onOverlay={onOverlay}
          changeOf={state.overlay === 'what-if' ? whatIf.told : compared.changeOf}
          note={
            <>
              {feed.staleSince !== undefined && <Stale asOf={feed.staleSince} problem={feed.problem} />}
              {view.capture !== null && (
                <div className="shrink-0 border-b border-line px-3 py-1.5">
                  <CaptureBanner view={view} />
                </div>
              )}
              <WindowNote
                topology={topology}
                past={view.past && view.capture === null}
                changing={changing}
                onLive={() => void view.backToLive()}
              />
              {whatIf.words !== undefined && (
                <p className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line bg-sunken px-4 py-1.5 text-12 text-ink-2">
                  {whatIf.words}
                  <ButtonLink look="quiet" size="sm" href={view.hrefOf('policies/what-if', whatIf.params)}>
                    Open in What-if
                  </ButtonLink>
                </p>
              )}
              {compared.words !== undefined && (
                <p className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line bg-sunken px-4 py-1.5 text-12 text-ink-2">
                  {compared.words}
                  <Button look="quiet" size="sm" onClick={() => state.setCompare(null)}>
                    Stop comparing
                  </Button>
                </p>
              )}
            </>
          }
        />
      </div>
      <TimeStrip view={view} state={state} shown={topology} />
    </div>
  );
}

/** Says when it is not now, and what the window cannot know. */
function WindowNote({
  topology,
  past,
  changing,
  onLive,
}: {
  topology: Topology;
  /** A window of the past is shown. */
  past: boolean;
  changing: boolean;
  onLive: () => void;
}) {
  const { coverage, from, to } = topology;
  const missing = coverage.nodesExpected - coverage.nodesReporting;
  const seconds =
    coverage.gaps.reduce((sum, gap) => sum + Math.max(0, Math.min(gap.to, to) - Math.max(gap.from, from)), 0) / 1000;
  const unknown = [
    coverage.lostTotal > 0 && `${exact(coverage.lostTotal)} events lost in this window`,
    missing > 0 && `${missing} of ${coverage.nodesExpected} nodes do not report`,
    seconds >= 1 && `${Math.round(seconds)} s without data`,
  ].filter(Boolean);
  if (!past && unknown.length === 0) return null;
  return (
    <p className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-sunken px-4 py-1.5 text-12 text-ink-2">
      {past && (
        <span title={`${utc(from)} to ${utc(to)}`}>
          <Mark name="stale" className="mr-1.5 inline" />
          The past: {clock(from)} to {clock(to)} UTC{changing && ', loading'}.
        </span>
      )}
      {unknown.length > 0 && (
        <span>
          <Mark name="gap" className="mr-1.5 inline" />
          Not all seen: {unknown.join(', ')}. Edges may be missing.
        </span>
      )}
      {past && (
        <Button look="quiet" size="sm" onClick={onLive}>
          Back to live
        </Button>
      )}
    </p>
  );
}
