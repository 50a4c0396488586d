'use client';
import { Download } from 'lucide-react';
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { AuditLogPage } from '#lib/api/audit-log.ts';
import { visibleText } from '#lib/flow/text.ts';
import { useApi } from '#components/live/use-api.ts';
import { useSettled } from '#components/live/use-settled.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Chip } from '#components/ui/Chip.tsx';
import { cx } from '#components/ui/cx.ts';
import { Drawer } from '#components/ui/Drawer.tsx';
import { Empty, Failed } from '#components/ui/Faces.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Menu, MenuItem, MenuLabel } from '#components/ui/Menu.tsx';
import { SearchBox, inputClass } from '#components/ui/SearchBox.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { AuditLogChain } from './AuditLogChain.tsx';
import { AuditLogDrawer } from './AuditLogDrawer.tsx';
import { AuditLogTable } from './AuditLogTable.tsx';
import {
  type AuditFilter,
  NO_FILTER,
  OUTCOMES,
  OUTCOME_MARKS,
  SINCE,
  SINCE_VALUES,
  auditQuery,
  isFiltered,
} from './audit-log-view.ts';
import { useAuditLog } from './use-audit-log.ts';

const FILTER = {
  q: parseAsString.withDefault(''),
  actor: parseAsString.withDefault(''),
  action: parseAsString.withDefault(''),
  object: parseAsString.withDefault(''),
  cluster: parseAsString.withDefault(''),
  outcome: parseAsStringLiteral(['all', ...OUTCOMES]).withDefault('all'),
  since: parseAsStringLiteral(SINCE_VALUES).withDefault('all'),
};
const OWN = { ...FILTER, event: parseAsInteger };

/** A question waits so long for the next key. */
const SETTLES_MS = 250;

/** The audit log: who did what to what, in a chain that shows when a byte of it was changed. */
export function AuditLog() {
  const [{ event, ...filter }, setOwn] = useQueryStates(OWN, { history: 'replace' });
  const query = useSettled(auditQuery(filter).toString(), SETTLES_MS);
  const { pages, problem, changing, loadingOlder, hasOlder, loadOlder, reload } = useAuditLog(query);
  const events = pages?.flatMap((page) => page.events);
  const first = pages?.[0];
  const chosen = events?.find(({ seq }) => seq === event);
  const choose = (seq: number | null) => void setOwn({ event: seq });
  const narrow = (change: Partial<AuditFilter>) => void setOwn(change);
  const showAll = () => void setOwn({ ...NO_FILTER });
  return (
    <>
      {first && <AuditLogChain head={first.head} onShow={choose} />}
      <Card
        flush
        title="Audit log"
        hint="who did what, newest first"
        aside={<ExportMenu query={auditQuery(filter)} disabled={events === undefined || events.length === 0} />}
      >
        <Filters filter={filter} actions={first?.actions ?? []} onChange={narrow} />
        {problem && pages === undefined && <Failed problem={problem} onRetry={reload} className="border-t border-line" />}
        {pages === undefined && !problem && <SkeletonRows rows={14} label="Loading events" />}
        {events && events.length === 0 && (
          <div className="border-t border-line">
            {isFiltered(filter) ? (
              <Empty title="No event matches" action={<Button onClick={showAll}>Show all events</Button>} />
            ) : (
              <Empty title="Nothing has been logged yet">
                Sign-ins, decisions, changes and refusals are written here, each with who did it.
              </Empty>
            )}
          </div>
        )}
        {events && events.length > 0 && (
          <div className={cx('border-t border-line', (problem !== undefined || changing) && 'stale')}>
            <AuditLogTable events={events} chosen={event} onChoose={choose} />
            <div className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-2 text-12 text-ink-3">
              <output>
                {exact(events.length)} {events.length === 1 ? 'event' : 'events'} shown
                {first?.head && !isFiltered(filter) && ` of ${exact(first.head.seq)}`}
              </output>
              {hasOlder && (
                <Button size="sm" disabled={loadingOlder} onClick={loadOlder}>
                  {loadingOlder ? 'Reading older events' : 'Show older events'}
                </Button>
              )}
            </div>
            {problem && <Failed problem={problem} onRetry={reload} className="border-t border-line" />}
          </div>
        )}
      </Card>
      {chosen && (
        <AuditLogDrawer
          key={chosen.seq}
          event={chosen}
          onOnly={(change) => narrow({ ...NO_FILTER, ...change })}
          onClose={() => choose(null)}
        />
      )}
      {event !== null && events && !chosen && (
        <OneEvent
          key={event}
          seq={event}
          head={first?.head}
          onOnly={(change) => narrow({ ...NO_FILTER, ...change })}
          onClose={() => choose(null)}
        />
      )}
    </>
  );
}

function Filters({ filter, actions, onChange }: FiltersProps) {
  const chips = (['actor', 'object', 'cluster'] as const).filter((name) => filter[name] !== '');
  return (
    <div className="flex flex-wrap items-center gap-2 px-4 py-2.5">
      <SearchBox
        label="Find an event"
        value={filter.q}
        onChange={(q) => onChange({ q })}
        placeholder="who, what, reason"
        className="w-56 max-md:w-full"
        maxLength={200}
      />
      <select
        aria-label="Action"
        value={filter.action}
        onChange={({ target }) => onChange({ action: target.value })}
        className={cx(inputClass, 'max-w-full pr-8')}
      >
        <option value="">all actions</option>
        {[...new Set([...actions, ...(filter.action === '' ? [] : [filter.action])])].map((action) => (
          <option key={action} value={action}>
            {visibleText(action)}
          </option>
        ))}
      </select>
      <select
        aria-label="Time"
        value={filter.since}
        onChange={({ target }) => onChange({ since: SINCE_VALUES.find((value) => value === target.value) ?? 'all' })}
        className={cx(inputClass, 'pr-8')}
      >
        {SINCE.map(({ value, words }) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
      <Segmented
        label="Outcome"
        value={filter.outcome}
        onChange={(outcome) => onChange({ outcome })}
        className="max-w-full overflow-x-auto"
        options={[
          { value: 'all', label: 'All' },
          ...OUTCOMES.map((value) => ({
            value,
            label: (
              <>
                <Mark name={OUTCOME_MARKS[value]} />
                {value}
              </>
            ),
          })),
        ]}
      />
      {chips.map((name) => (
        <Chip key={name} tone="accent">
          <span className="max-w-60 truncate">
            {name} {visibleText(filter[name])}
          </span>
          <button
            type="button"
            aria-label={`Do not narrow by ${name}`}
            onClick={() => onChange({ [name]: '' })}
            className="ring-focus inline-flex size-6 items-center justify-center rounded-sm"
          >
            <span aria-hidden="true">×</span>
          </button>
        </Chip>
      ))}
    </div>
  );
}
interface FiltersProps {
  filter: AuditFilter;
  /** Actions that occur. */
  actions: readonly string[];
  onChange: (change: Partial<AuditFilter>) => void;
}

/** All events that the filter lets through, as files. */
function ExportMenu({ query, disabled }: { query: URLSearchParams; disabled: boolean }) {
  const hrefOf = (format: 'jsonl' | 'csv') => `/api/v1/audit-log/export?${new URLSearchParams([...query, ['format', format]])}`;
  return (
    <Menu
      align="end"
      trigger={
        <Button disabled={disabled}>
          <Download size={14} aria-hidden="true" />
          Export
        </Button>
      }
    >
      <MenuLabel>All events of the filter</MenuLabel>
      <MenuItem asChild>
        <a href={hrefOf('jsonl')} download>
          JSON, one event a line; can be verified
        </a>
      </MenuItem>
      <MenuItem asChild>
        <a href={hrefOf('csv')} download>
          CSV, for a spreadsheet
        </a>
      </MenuItem>
    </Menu>
  );
}

/** The event that is linked to is not among those shown: it is read alone. */
function OneEvent({ seq, head, onOnly, onClose }: OneEventProps) {
  // The events before number + 1 begin with it.
  const { data, error, reload } = useApi(`/api/v1/audit-log?cursor=${seq + 1}&limit=1`, AuditLogPage);
  const event = data?.events.find((each) => each.seq === seq);
  if (event) return <AuditLogDrawer event={event} onOnly={onOnly} onClose={onClose} />;
  return (
    <Drawer kind="Event" title={exact(seq)} onClose={onClose}>
      {data ? (
        <Empty title="There is no event with this number">
          {head ? `Numbers go up to ${exact(head.seq)}. ` : ''}
          {seq < (head?.seq ?? 0) && 'Events are never taken away: verify the chain.'}
        </Empty>
      ) : error ? (
        <Failed problem={error} onRetry={reload} />
      ) : (
        <SkeletonRows rows={8} label="Loading the event" />
      )}
    </Drawer>
  );
}
interface OneEventProps {
  seq: number;
  head: AuditLogPage['head'];
  onOnly: (filter: Partial<AuditFilter>) => void;
  onClose: () => void;
}
