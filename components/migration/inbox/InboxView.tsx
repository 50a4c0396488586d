'use client';
import { ChevronRight } from 'lucide-react';
import Link from 'next/link';
import { ApprovalInbox } from '#lib/api/migration.ts';
import { Page } from '#components/frame/Page.tsx';
import { Loaded } from '#components/live/Loaded.tsx';
import { useApi } from '#components/live/use-api.ts';
import { useNow } from '#components/live/use-now.ts';
import { Card } from '#components/ui/Card.tsx';
import { EnvironmentTag } from '#components/ui/Chip.tsx';
import { Empty } from '#components/ui/Faces.tsx';
import { duration, utcAndLocal } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Time } from '#components/ui/Time.tsx';
import { APPROVALS_API } from '../use-migration.ts';
import { visibleLine } from '../visible-lines.ts';
import { type InboxItem, KIND_WORDS, itemHref, sortedInbox } from './inbox-view.ts';

/** Everything that waits for a decision, over all clusters: first what whoever looks may decide now. */
export function InboxView() {
  const state = useApi(APPROVALS_API, ApprovalInbox, { refreshMs: 10_000 });
  return (
    <Page title="Approvals" hint="over all clusters that you may see" narrow>
      <Loaded
        state={state}
        skeleton={
          <Card title="Waits for you" flush>
            <output aria-label="Loading approvals" className="block h-40" />
          </Card>
        }
      >
        {(inbox) => {
          const { mine, asked, others } = sortedInbox(inbox.items);
          return (
            <div className="flex flex-col gap-4">
              <Items title="Waits for you" items={mine}>
                <Empty title="Nothing waits for you">
                  A gate that you may approve, an elevation that you may grant, and the review of broken glass appear here.
                </Empty>
              </Items>
              {asked.length > 0 && <Items title="You asked for" items={asked} />}
              {others.length > 0 && <Items title="Waits for others" items={others} />}
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Items({ title, items, children }: { title: string; items: readonly InboxItem[]; children?: React.ReactNode }) {
  return (
    <Card title={title} flush aside={items.length > 0 ? items.length : undefined}>
      {items.length === 0 ? (
        children
      ) : (
        <ul>
          {items.map((item) => (
            <li
              key={`${item.kind} ${item.cluster.id} ${item.phase} ${item.request ?? ''} ${item.at}`}
              className="border-line not-first:border-t"
            >
              <Item item={item} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Item({ item }: { item: InboxItem }) {
  return (
    <Link
      href={itemHref(item)}
      className="grid grid-cols-[auto_minmax(0,1fr)_16px] items-center gap-x-3 gap-y-1 px-4 py-2.5 text-13 outline-none hover:bg-hover focus-visible:shadow-[inset_0_0_0_2px_var(--accent)] md:grid-cols-[auto_minmax(0,1fr)_minmax(0,220px)_16px]"
    >
      <span className="max-md:self-start max-md:pt-0.5">
        <EnvironmentTag environment={item.environment} />
      </span>
      <span className="min-w-0">
        <span className="block wrap-anywhere">
          <span className="font-label">
            {KIND_WORDS[item.kind]}: phase {item.phase} {visibleLine(item.phaseName)}
          </span>{' '}
          <span className="text-ink-3">{visibleLine(item.cluster.name)}</span>
        </span>
        <span className="block text-12 wrap-anywhere text-ink-2">
          {visibleLine(item.text)}
          {!item.mine && item.reason !== '' && <span className="text-ink-3"> · {visibleLine(item.reason)}</span>}
        </span>
      </span>
      <span className="col-start-2 text-12 text-ink-3 md:col-start-3 md:text-right">
        <span className="block">
          {item.kind === 'own' ? 'asked' : `by ${visibleLine(item.by.name)}`}, <Time at={item.at} />
        </span>
        {item.until !== undefined && <Lapses at={item.until} />}
      </span>
      <ChevronRight size={16} aria-hidden="true" className="col-start-3 row-start-1 text-ink-3 max-md:row-end-3 md:col-start-4" />
    </Link>
  );
}

/** When it lapses; within the hour it is marked. */
function Lapses({ at }: { at: number }) {
  const now = useNow();
  if (now === 0) return null;
  const left = at - now;
  return (
    <span className="flex items-center gap-1.5 md:justify-end" title={utcAndLocal(at)}>
      {left < 3_600_000 && <Mark name="stale" />}
      {left <= 0 ? 'has lapsed' : `lapses in ${duration(left)}`}
    </span>
  );
}
