'use client';
import Link from 'next/link';
import type { TopologyJson } from '#lib/api/topology.ts';
import { MixBar } from '#components/charts/MixBar.tsx';
import { Loaded } from '#components/live/Loaded.tsx';
import type { ApiState } from '#components/live/use-api.ts';
import { Card } from '#components/ui/Card.tsx';
import { PairName } from '#components/ui/EndpointName.tsx';
import { exact, humanised } from '#components/ui/format.ts';
import { Empty } from '#components/ui/Faces.tsx';
import { talkers } from './overview-view.ts';

/** The edges with the most flows, each with its mix of verdicts; a click shows it on the map. */
export function TopTalkers({
  state,
  window,
  hrefOf,
  mapHref,
}: {
  state: ApiState<TopologyJson>;
  /** The time of the map in words. */
  window: string;
  hrefOf: (edge: string) => string;
  mapHref: string;
}) {
  return (
    <Card
      title="Top talkers"
      hint={window}
      aside={
        <Link href={mapHref} className="text-accent-text hover:underline">
          Map
        </Link>
      }
      flush
    >
      <Loaded state={state}>
        {(map) => {
          const { top, flows } = talkers(map);
          if (top.length === 0) return <Empty title="Nobody talks">No flow was received {window}.</Empty>;
          return (
            <ul aria-label={`Edges with the most of ${exact(flows)} flows`}>
              {top.map(({ edge, perSecond }) => (
                <li key={edge.key} className="border-t border-line first:border-t-0">
                  <Link href={hrefOf(edge.key)} className="ring-focus flex flex-col gap-1 rounded-md px-4 py-2 hover:bg-hover">
                    <span className="flex items-baseline justify-between gap-3">
                      <PairName source={edge.source} destination={edge.destination} />
                      <span className="num shrink-0" title={`${exact(edge.flows)} of ${exact(flows)} flows, ${window}`}>
                        {humanised(perSecond)}/s
                      </span>
                    </span>
                    <span className="flex items-center gap-3">
                      <MixBar verdicts={edge.verdicts} height={4} />
                      <span className="shrink-0 font-mono text-12 text-ink-3">
                        {edge.protocol}
                        {edge.port > 0 && `/${edge.port}`}
                      </span>
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Card>
  );
}
