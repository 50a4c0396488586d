'use client';
import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { PolicyList } from '#lib/api/policies.ts';
import { windowQuery } from '#components/live/range.ts';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Empty, Failed, Stale } from '#components/ui/Faces.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { SearchBox } from '#components/ui/SearchBox.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { cx } from '#components/ui/cx.ts';
import { PoliciesHead } from '../PoliciesTabs.tsx';
import { SourceDrawer } from '../source/SourceDrawer.tsx';
import { SourceLine } from '../source/SourceLine.tsx';
import { windowWords } from '../window-words.ts';
import { InventoryFigures } from './InventoryFigures.tsx';
import { InventorySkeleton } from './InventorySkeleton.tsx';
import { NoPolicies } from './NoPolicies.tsx';
import { PolicyTable } from './PolicyTable.tsx';
import { SHOWN, SORTS, type Shown, countShown, findPolicies } from './inventory-view.ts';

const OWN = {
  find: parseAsString.withDefault(''),
  show: parseAsStringLiteral(SHOWN).withDefault('all'),
  sort: parseAsStringLiteral(SORTS).withDefault('name'),
  /** One list of all namespaces. */
  flat: parseAsBoolean.withDefault(false),
  /** The source's drawer is open. */
  source: parseAsBoolean.withDefault(false),
};

/** Often enough to see a change of a policy, seldom enough that nothing moves while one reads. */
const REFRESH_MS = 30_000;

/** Policies: all that are in force with what they select, close and were used for. */
export function InventoryView({ mayEdit }: { mayEdit: boolean }) {
  const view = useConsole();
  const [own, setOwn] = useQueryStates(OWN, { history: 'replace' });
  const state = useApi(`${view.api}/policies?${windowQuery(view.window)}`, PolicyList, {
    refreshMs: view.refreshMs === 0 ? 0 : REFRESH_MS,
  });
  const { data, error, loading, changing, staleSince, reload } = state;
  const window = windowWords({ ...view, capture: null }, data);
  const old = changing || staleSince !== undefined;

  return (
    <div className="mx-auto flex max-w-[1760px] flex-col gap-3 px-3 py-3 md:px-6 md:py-5">
      <PoliciesHead title="Inventory" />
      {staleSince !== undefined && (
        <Stale asOf={staleSince} problem={error} className="rounded-md border border-line bg-surface" />
      )}
      {loading && <InventorySkeleton />}
      {!data && error && (
        <Card flush title="Policies">
          <Failed problem={error} onRetry={reload} />
        </Card>
      )}
      {data && (
        <>
          <SourceLine source={data.source} open={own.source} onOpen={() => void setOwn({ source: !own.source })} />
          {data.policies.length === 0 ? (
            <NoPolicies list={data} mayEdit={mayEdit} view={view} onUpload={() => void setOwn({ source: true })} />
          ) : (
            <div className={cx('flex flex-col gap-3', old && 'stale')}>
              <InventoryFigures list={data} view={view} window={window} podsKnown={podsKnown(data)} />
              <Policies list={data} own={own} setOwn={setOwn} window={window} />
            </div>
          )}
          {own.source && (
            <SourceDrawer
              source={data.source}
              api={view.api}
              mayEdit={mayEdit}
              onChanged={reload}
              onClose={() => void setOwn({ source: null })}
            />
          )}
        </>
      )}
    </div>
  );
}

type Own = ReturnType<typeof useQueryStates<typeof OWN>>;

const SHOW_WORDS: Record<Shown, string> = {
  all: 'All',
  invalid: 'Not in force',
  unused: 'Unused rules',
  findings: 'Findings',
};

function Policies({ list, own, setOwn, window }: { list: PolicyList; own: Own[0]; setOwn: Own[1]; window: string }) {
  const counts = countShown(list.policies);
  const found = findPolicies(list.policies, own.find, own.show);
  const everything = own.find.trim() === '' && own.show === 'all';
  return (
    <Card
      flush
      title="Policies"
      hint={`${everything ? exact(found.length) : `${exact(found.length)} of ${exact(list.policies.length)}`}, hits ${window}`}
      aside={
        <div className="flex min-w-0 flex-wrap items-center gap-2 py-1">
          <SearchBox
            label="Find a policy"
            value={own.find}
            onChange={(find) => void setOwn({ find: find || null })}
            placeholder="name, namespace, workload"
            className="w-64 max-md:w-full"
          />
          <Segmented
            label="Which policies"
            size="sm"
            value={own.show}
            onChange={(show) => void setOwn({ show: show === 'all' ? null : show })}
            className="max-w-full overflow-x-auto"
            options={SHOWN.map((value) => ({ value, label: `${SHOW_WORDS[value]} ${exact(counts[value])}` }))}
          />
          <Segmented
            label="Arranged by"
            size="sm"
            value={own.flat ? 'list' : 'namespace'}
            onChange={(value) => void setOwn({ flat: value === 'list' || null })}
            options={[
              { value: 'namespace', label: 'Namespaces' },
              { value: 'list', label: 'List' },
            ]}
          />
        </div>
      }
    >
      {found.length === 0 ? (
        <Empty
          title="No policy matches"
          action={<Button onClick={() => void setOwn({ find: null, show: null })}>Show all policies</Button>}
        >
          {exact(list.policies.length)} policies are in force. Words are looked for in names, namespaces, kinds and selected
          workloads.
        </Empty>
      ) : (
        <PolicyTable
          policies={found}
          namespaces={list.namespaces}
          grouped={!own.flat}
          everything={everything}
          podsKnown={podsKnown(list)}
          sort={own.sort}
          onSort={(sort) => void setOwn({ sort: sort === 'name' ? null : sort })}
          window={window}
        />
      )}
      {list.incompleteMinutes > 0 && (
        <p className="flex items-center gap-2 border-t border-line px-4 py-2 text-12 text-ink-2">
          <Mark name="gap" />
          Of {exact(list.incompleteMinutes)} {list.incompleteMinutes === 1 ? 'minute' : 'minutes'} not all flows are known: a rule
          may have been used only then.
        </p>
      )}
    </Card>
  );
}

const podsKnown = ({ source }: PolicyList): boolean => !source.missing.includes('endpoints');
