'use client';
import { parseAsString, useQueryStates } from 'nuqs';
import { useEffect } from 'react';
import { AuditReport } from '#lib/api/what-if.ts';
import { CaptureBanner } from '#components/flows/CaptureBanner.tsx';
import { useApi } from '#components/live/use-api.ts';
import { type Console, useConsole } from '#components/live/use-console.ts';
import { Button, ButtonLink } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { Empty, Stale } from '#components/ui/Faces.tsx';
import { FigureRowSkeleton } from '#components/ui/Figure.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { SearchBox } from '#components/ui/SearchBox.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { cx } from '#components/ui/cx.ts';
import { JudgeFailed } from '../JudgeFailed.tsx';
import { PoliciesHead } from '../PoliciesTabs.tsx';
import { windowWords } from '../window-words.ts';
import { AuditDrawer } from './AuditDrawer.tsx';
import { AuditFigures } from './AuditFigures.tsx';
import { AuditGroupCard } from './AuditGroups.tsx';
import { NotJudgeable } from './NotJudgeable.tsx';
import { agreementOf, auditMarkdown, findGroups, findingById } from './audit-view.ts';

const OWN = {
  find: parseAsString.withDefault(''),
  /** Id of the finding whose drawer is open. */
  selected: parseAsString,
};

/** The audit: what was seen against what the policies say, for a window or a capture. */
export function AuditView() {
  const view = useConsole();
  const [{ find, selected }, setOwn] = useQueryStates(OWN, { history: 'replace' });
  const { data, error, loading, changing, staleSince, reload } = useApi(
    `${view.api}/policies/audit?${view.rangeQuery()}`,
    AuditReport,
    {
      refreshMs: view.refreshMs === 0 ? 0 : 30_000,
    },
  );
  const window = windowWords(view, data);
  const open = data && findingById(data, selected);
  return (
    <div className="mx-auto flex max-w-[1760px] flex-col gap-3 px-3 py-3 md:px-6 md:py-5">
      <PoliciesHead
        title="Audit"
        actions={
          data && (
            <CopyButton
              text={() => auditMarkdown(data, view.cluster, globalThis.window.location.href)}
              label="Copy the findings as Markdown"
            >
              Copy as Markdown
            </CopyButton>
          )
        }
      />
      <CaptureBanner view={view} />
      {staleSince !== undefined && (
        <Stale asOf={staleSince} problem={error} className="rounded-md border border-line bg-surface" />
      )}
      {loading && <Loading />}
      {!data && error && (
        <Card flush title="Agreement">
          <JudgeFailed problem={error} onRetry={reload} />
        </Card>
      )}
      {data && (
        <div className={cx('flex flex-col gap-3', (changing || staleSince !== undefined) && 'stale')}>
          <AuditFigures report={data} window={window} />
          <Findings report={data} view={view} find={find} onFind={(next) => void setOwn({ find: next || null })}>
            {findGroups(data.groups, find).map((group) => (
              <AuditGroupCard
                key={group.kind}
                group={group}
                selected={selected}
                window={window}
                onSelect={(id) => void setOwn({ selected: id === selected ? null : id }, { history: 'push' })}
              />
            ))}
          </Findings>
          <NotJudgeable report={data} />
          {data.incompleteMinutes > 0 && (
            <p className="flex items-center gap-2 px-1 text-12 text-ink-2">
              <Mark name="gap" />
              Of {exact(data.incompleteMinutes)} {data.incompleteMinutes === 1 ? 'minute' : 'minutes'} not all flows are known:
              what disagreed only then is not shown.
            </p>
          )}
        </div>
      )}
      {open && <AuditDrawer {...open} view={view} onClose={() => void setOwn({ selected: null })} />}
      {data && selected !== null && !open && !changing && <Gone onForget={() => void setOwn({ selected: null })} />}
    </div>
  );
}

/** A link may name a finding that this window does not have: the page is shown without its drawer. */
function Gone({ onForget }: { onForget: () => void }) {
  useEffect(onForget, [onForget]);
  return null;
}

function Findings({ report, view, find, onFind, children }: FindingsProps) {
  const total = report.groups.reduce((sum, group) => sum + group.total, 0);
  if (total === 0) return <NoFindings report={report} view={view} />;
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h2 className="text-14 font-title">
          {exact(total)} {total === 1 ? 'finding' : 'findings'}
        </h2>
        <SearchBox
          label="Find a finding"
          value={find}
          onChange={onFind}
          placeholder="workload, port, policy, kind"
          className="w-64 max-md:flex-1"
        />
      </div>
      {children.length > 0 ? (
        children
      ) : (
        <Card flush title="Findings">
          <Empty title="No finding matches" action={<Button onClick={() => onFind('')}>Show all findings</Button>} />
        </Card>
      )}
    </>
  );
}
interface FindingsProps {
  report: AuditReport;
  view: Console;
  find: string;
  onFind: (find: string) => void;
  children: React.ReactNode[];
}

/** Nothing disagrees: because all was as the policies say, or because nothing could be judged. */
function NoFindings({ report, view }: { report: AuditReport; view: Console }) {
  const { judged, tuples } = agreementOf(report);
  return (
    <Card flush title="Findings">
      {tuples === 0 ? (
        <Empty
          title="No traffic in this time"
          action={
            view.capture === null &&
            !view.past &&
            view.range !== '24h' && <Button onClick={() => void view.setRange('24h')}>Last 24 h</Button>
          }
        >
          Nothing was seen that could be judged, so this says nothing about the policies.
        </Empty>
      ) : judged === 0 ? (
        <Empty
          title="Nothing could be judged"
          action={<ButtonLink href={view.hrefOf('policies', { source: 'true' })}>Look at the source of policies</ButtonLink>}
        >
          {exact(tuples)} tuples were seen; the reasons are below.
        </Empty>
      ) : (
        <Empty title="Everything that could be judged is as the policies say">
          {exact(judged)} of {exact(tuples)} tuples were judged and none disagrees.
        </Empty>
      )}
    </Card>
  );
}

function Loading() {
  return (
    <>
      <FigureRowSkeleton />
      <Card title="Findings" flush>
        <SkeletonRows rows={10} label="Loading findings" />
      </Card>
    </>
  );
}
