'use client';
import Link from 'next/link';
import type { DropsReport } from '#lib/api/drops.ts';
import { dropCauseOf } from '#lib/flow/drop-catalogue.ts';
import { Sparkline } from '#components/charts/Sparkline.tsx';
import { Loaded } from '#components/live/Loaded.tsx';
import type { ApiState } from '#components/live/use-api.ts';
import { Card } from '#components/ui/Card.tsx';
import { PairName } from '#components/ui/EndpointName.tsx';
import { exact } from '#components/ui/format.ts';
import { Empty } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { Time } from '#components/ui/Time.tsx';
import { type NewDrop, newDrops } from './new-drops.ts';

const MOST = 4;

/** Pairs whose drops are new: what changed, before anybody asks. */
export function NewDrops({ state, window, hrefOf, allHref }: NewDropsProps) {
  const fresh = state.data ? newDrops(state.data) : [];
  return (
    <Card
      title="Newly seen drops"
      hint="not in the 30 days before"
      aside={
        <Link href={allHref} className="text-accent-text hover:underline">
          {fresh.length > MOST ? `All ${fresh.length}` : 'All drops'}
        </Link>
      }
      flush
    >
      <Loaded state={state}>
        {(report) =>
          !report.remembers ? (
            <Empty title="Too early to call a drop new">
              Less is kept than this window and the one before it, so what is new cannot be told from what was always there.
            </Empty>
          ) : fresh.length === 0 ? (
            <Empty title="Nothing new is dropped">
              {report.pairs.length === 0
                ? `No pair was dropped, ${window}.`
                : `All ${exact(report.pairs.length)} pairs that were dropped (${window}) were dropped before, too.`}
            </Empty>
          ) : (
            <ul>
              {fresh.slice(0, MOST).map((drop) => (
                <li key={drop.pair.key} className="border-t border-line first:border-t-0">
                  <NewPair drop={drop} window={window} href={hrefOf(drop.pair.key)} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  );
}
interface NewDropsProps {
  state: ApiState<DropsReport>;
  window: string;
  hrefOf: (pairKey: string) => string;
  allHref: string;
}

function NewPair({ drop, window, href }: { drop: NewDrop; window: string; href: string }) {
  const { pair, morePorts } = drop;
  return (
    <Link href={href} className="ring-focus flex gap-2.5 rounded-md px-4 py-2.5 hover:bg-hover">
      <Mark name="dropped" className="mt-1" />
      <span className="flex min-w-0 flex-1 flex-col gap-0.5">
        <PairName source={pair.source} destination={pair.destination} />
        <span className="flex items-end justify-between gap-3">
          <span className="min-w-0">
            <span className="block text-12 wrap-anywhere text-ink-3" title={dropCauseOf(pair.reason).meaning}>
              {pair.protocol}
              {pair.port > 0 && `/${pair.port}`}
              {morePorts > 0 && ` and ${exact(morePorts)} more ${morePorts === 1 ? 'port' : 'ports'}`} ·{' '}
              <span className="font-mono">{pair.reason}</span>
            </span>
            <span className="block text-12 text-ink-2">
              {exact(drop.drops)} of {exact(drop.flows)} flows, {window} · first <Time at={drop.firstSeen} />
            </span>
          </span>
          <Sparkline tone="drop" label="Drops" values={drop.series} width={64} height={24} />
        </span>
      </span>
    </Link>
  );
}
