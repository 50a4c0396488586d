'use client';
import type { Problem } from '#lib/api/common.ts';
import type { DropsReport } from '#lib/api/drops.ts';
import type { Timeline } from '#lib/api/timeline.ts';
import type { TopologyJson } from '#lib/api/topology.ts';
import { Sparkline } from '#components/charts/Sparkline.tsx';
import type { ApiState } from '#components/live/use-api.ts';
import { Figure, FigureRow } from '#components/ui/Figure.tsx';
import { exact, humanised } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Num, Percent, Unknown } from '#components/ui/Num.tsx';
import { Skeleton } from '#components/ui/Skeleton.tsx';
import { dropSpark, encryptionFigure, flowRates, talkers } from './overview-view.ts';

/** The four figures of a cluster, each with its window and what it is measured against. */
export function Figures({ perSecond, drops, timeline, map, talking, window, before }: FiguresProps) {
  return (
    <FigureRow label="Figures">
      <FlowsFigure perSecond={perSecond} drops={drops.data} timeline={timeline.data} before={before} />
      <DropsFigure state={drops} timeline={timeline.data} window={window} />
      <EncryptionFigure state={timeline} window={window} />
      <TalkersFigure state={map} window={talking} />
    </FigureRow>
  );
}
interface FiguresProps {
  /** Flows per second over the last minute, or over a window of the past; undefined while unknown. */
  perSecond: number | undefined;
  drops: ApiState<DropsReport>;
  timeline: ApiState<Timeline>;
  map: ApiState<TopologyJson>;
  /** The time of the map in words. */
  talking: string;
  /** The window in words: `last 1 h`, and what it is compared with: `hour before`. */
  window: string;
  before: string;
}

/** What stands for a figure that has no answer yet, or none at all. */
const absent = (error: Problem | undefined) =>
  error ? <Unknown why={error.detail ?? error.title} /> : <Skeleton className="inline-block h-5 w-16 align-middle" />;

function FlowsFigure({ perSecond, drops, timeline, before }: FlowsFigureProps) {
  const seconds = drops ? (drops.to - drops.from) / 1000 : 0;
  return (
    <Figure
      name="Flows"
      value={perSecond === undefined ? <Unknown why="the relay has not been heard for a minute" /> : <Num value={perSecond} />}
      unit="flows/s"
      note={
        !drops
          ? '\u00a0'
          : drops.comparable && seconds > 0
            ? `${before} ${humanised(drops.flowsBefore / seconds)} flows/s`
            : `${before} not known`
      }
      chart={timeline && <Sparkline label="Flows per second" values={flowRates(timeline)} />}
    />
  );
}

interface FlowsFigureProps {
  perSecond: number | undefined;
  drops: DropsReport | undefined;
  timeline: Timeline | undefined;
  before: string;
}

function DropsFigure({ state: { data, error }, timeline, window }: DropsFigureProps) {
  const spark = data && dropSpark(data, timeline);
  return (
    <Figure
      name={
        <>
          <Mark name="dropped" />
          <span className="text-drop-text">Drops</span>
        </>
      }
      value={data ? <Percent part={data.total} of={data.flows} why={`no flows in the ${window}`} /> : absent(error)}
      unit="of flows"
      note={data ? `${exact(data.total)} of ${exact(data.flows)}, ${window}` : '\u00a0'}
      chart={
        spark && (
          <Sparkline
            tone="drop"
            label={`Drops per ${(data?.stepMs ?? 0) / 60_000} min`}
            values={spark.values}
            before={spark.before}
          />
        )
      }
    />
  );
}
interface DropsFigureProps {
  state: ApiState<DropsReport>;
  timeline: Timeline | undefined;
  window: string;
}

function EncryptionFigure({ state: { data, error }, window }: { state: ApiState<Timeline>; window: string }) {
  const figure = data && encryptionFigure(data);
  return (
    <Figure
      name="Encrypted across nodes"
      value={
        figure ? (
          <Percent part={figure.encrypted} of={figure.judged} threshold={99.9} why="no flow between nodes could be judged" />
        ) : (
          absent(error)
        )
      }
      unit="of flows"
      note={figure ? `${exact(figure.encrypted)} of ${exact(figure.judged)}, ${window}` : '\u00a0'}
      chart={figure && <Sparkline tone="fwd" from="least" label="Encrypted, per cent" values={figure.shares} />}
    />
  );
}

function TalkersFigure({ state: { data, error }, window }: { state: ApiState<TopologyJson>; window: string }) {
  const seen = data && talkers(data);
  return (
    <Figure
      name="Talking"
      value={seen ? <Num value={seen.workloads} /> : absent(error)}
      unit={seen?.workloads === 1 ? 'workload' : 'workloads'}
      note={
        seen
          ? `in ${seen.namespaces} ${seen.namespaces === 1 ? 'namespace' : 'namespaces'}, ${exact(seen.edges)} edges, ${window}`
          : '\u00a0'
      }
    />
  );
}
