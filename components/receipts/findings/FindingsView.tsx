'use client';
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { FindingList } from '#lib/api/receipts.ts';
import { RULES, SEVERITIES } from '#lib/receipts/rules/rule.ts';
import { Loaded } from '#components/live/Loaded.tsx';
import { windowQuery } from '#components/live/range.ts';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { cx } from '#components/ui/cx.ts';
import { Empty } from '#components/ui/Faces.tsx';
import { exact } from '#components/ui/format.ts';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { ReceiptsFrame } from '../ReceiptsFrame.tsx';
import { FindingDrawer } from './FindingDrawer.tsx';
import { FindingTable } from './FindingTable.tsx';
import { type FindingState, ruleName, STATE_LOOK, standingOf } from './finding-words.ts';
import { RuleStrip } from './RuleStrip.tsx';

const SHOWN_STATES = ['open', 'acknowledged', 'expected', 'fixed', 'all'] as const;
const SHOWN_SEVERITIES = ['any', ...SEVERITIES] as const;
const OWN = {
  rule: parseAsStringLiteral(RULES),
  state: parseAsStringLiteral(SHOWN_STATES).withDefault('open'),
  severity: parseAsStringLiteral(SHOWN_SEVERITIES).withDefault('any'),
  finding: parseAsString,
};
const REFRESH_MS = 10_000;

/** What the rules found in a cluster, how far each of them can speak, and what becomes of it. */
export function FindingsView({ mayTriage }: { mayTriage: boolean }) {
  const view = useConsole();
  const [own, setOwn] = useQueryStates(OWN, { history: 'push' });
  const query = new URLSearchParams({ cluster: view.cluster });
  if (view.past) for (const [name, value] of new URLSearchParams(windowQuery(view.window))) query.set(name, value);
  if (own.rule) query.set('rule', own.rule);
  if (own.state !== 'all') query.set('state', own.state);
  if (own.severity !== 'any') query.set('severity', own.severity);
  const state = useApi(`/api/v1/findings?${query}`, FindingList, { refreshMs: view.live ? REFRESH_MS : 0 });
  // A link to a finding opens it whatever it has become since.
  const all = useApi(
    own.finding === null ? null : `/api/v1/findings?cluster=${encodeURIComponent(view.cluster)}&limit=500`,
    FindingList,
  );
  const chosen = [...(state.data?.findings ?? []), ...(all.data?.findings ?? [])].find(({ id }) => id === own.finding);
  const changed = () => {
    state.reload();
    all.reload();
  };
  return (
    <ReceiptsFrame title="Findings">
      {state.data && <RuleStrip list={state.data} chosen={own.rule} onChoose={(rule) => void setOwn({ rule, finding: null })} />}
      <Card
        flush
        title="Findings"
        hint={view.past ? 'seen in the time shown' : 'of all time'}
        aside={state.data && <Total list={state.data} />}
      >
        <div className="flex flex-wrap items-center gap-2 px-4 py-2.5">
          <Segmented
            label="State"
            value={own.state}
            onChange={(next) => void setOwn({ state: next })}
            className="max-w-full overflow-x-auto"
            options={SHOWN_STATES.map((value) => ({ value, label: value === 'all' ? 'All' : STATE_LOOK[value].name }))}
          />
          <select
            aria-label="Rule"
            value={own.rule ?? ''}
            onChange={({ target }) => void setOwn({ rule: RULES.find((rule) => rule === target.value) ?? null })}
            className={cx(inputClass, 'pr-8')}
          >
            <option value="">all rules</option>
            {RULES.map((rule) => (
              <option key={rule} value={rule}>
                {rule} {ruleName(rule)}
              </option>
            ))}
          </select>
          <select
            aria-label="Severity"
            value={own.severity}
            onChange={({ target }) =>
              void setOwn({ severity: SHOWN_SEVERITIES.find((value) => value === target.value) ?? 'any' })
            }
            className={cx(inputClass, 'pr-8')}
          >
            {SHOWN_SEVERITIES.map((value) => (
              <option key={value} value={value}>
                {value === 'any' ? 'any severity' : value}
              </option>
            ))}
          </select>
        </div>
        <div className="border-t border-line">
          <Loaded state={state} skeleton={<SkeletonRows rows={8} dense={false} label="Loading findings" />}>
            {(list) =>
              list.findings.length === 0 ? (
                <Nothing
                  list={list}
                  shown={own.state}
                  narrowed={own.rule !== null || own.severity !== 'any' || view.past}
                  onAll={() => void setOwn({ rule: null, severity: null, state: 'all' })}
                />
              ) : (
                <FindingTable
                  findings={list.findings}
                  chosen={own.finding}
                  onChoose={(finding) => void setOwn({ finding: finding === own.finding ? null : finding })}
                />
              )
            }
          </Loaded>
        </div>
      </Card>
      {chosen && (
        <FindingDrawer
          key={chosen.id}
          finding={chosen}
          mayTriage={mayTriage}
          onClose={() => void setOwn({ finding: null })}
          onChanged={changed}
        />
      )}
    </ReceiptsFrame>
  );
}

function Total({ list: { findings, more } }: { list: FindingList }) {
  return (
    <output>
      {more && 'more than '}
      {exact(findings.length)} {findings.length === 1 ? 'finding' : 'findings'}
    </output>
  );
}

/** Why there is nothing: a filter, rules that have not looked, or a cluster in order as far as the rules could see. */
function Nothing({ list, shown, narrowed, onAll }: NothingProps) {
  const total = list.counts.reduce((sum, one) => sum + one.total, 0);
  const showAll = total > 0 ? <Button onClick={onAll}>Show all findings</Button> : undefined;
  if (narrowed && total > 0) return <Empty title="No finding matches" action={showAll} />;
  if (list.windows.length === 0)
    return (
      <Empty title="The rules have not looked yet">
        They look every ten seconds, once flows and the objects of the cluster come in.
      </Empty>
    );
  const mute = RULES.filter((rule) => standingOf(rule, list).kind === 'cannot-say');
  const what = shown === 'open' || shown === 'all' ? 'No open finding' : `Nothing is ${STATE_LOOK[shown].name.toLowerCase()}`;
  return (
    <Empty title={what} action={showAll}>
      {mute.length === 0
        ? 'Every rule saw all of its last window. That is what was seen, not proof that nothing else happened.'
        : `${mute.join(', ')} cannot say that all is well: something was missing, as told above.`}
    </Empty>
  );
}
interface NothingProps {
  list: FindingList;
  shown: FindingState | 'all';
  narrowed: boolean;
  onAll: () => void;
}
