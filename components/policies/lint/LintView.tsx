'use client';
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { LintReport } from '#lib/api/policies.ts';
import { visibleText } from '#lib/flow/text.ts';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { Button, ButtonLink } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Empty, Stale } from '#components/ui/Faces.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { SearchBox } from '#components/ui/SearchBox.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { cx } from '#components/ui/cx.ts';
import { JudgeFailed } from '../JudgeFailed.tsx';
import { PoliciesHead } from '../PoliciesTabs.tsx';
import { PolicyLink } from '../PolicyName.tsx';
import { SEVERITY_MARKS } from '../policy/policy-lines.ts';
import { FindingItem } from './FindingItem.tsx';
import {
  type FindingGroup,
  SHOWN_SEVERITIES,
  type ShownSeverity,
  countSeverities,
  findFindings,
  groupFindings,
} from './lint-view.ts';

const BY = ['rule', 'policy'] as const;
const OWN = {
  find: parseAsString.withDefault(''),
  severity: parseAsStringLiteral(SHOWN_SEVERITIES).withDefault('all'),
  by: parseAsStringLiteral(BY).withDefault('rule'),
};

const SEVERITY_WORDS: Record<ShownSeverity, string> = { all: 'All', error: 'Errors', warning: 'Warnings', note: 'Notes' };

/** Lint: what is wrong with the policies in force, or not meant, each with its place, its reason and who says so. */
export function LintView() {
  const view = useConsole();
  const [own, setOwn] = useQueryStates(OWN, { history: 'replace' });
  const { data, error, loading, staleSince, reload } = useApi(`${view.api}/policies/lint`, LintReport, {
    refreshMs: view.refreshMs === 0 ? 0 : 30_000,
  });
  const counts = data && countSeverities(data.findings);
  return (
    <div className="mx-auto flex max-w-[1760px] flex-col gap-3 px-3 py-3 md:px-6 md:py-5">
      <PoliciesHead title="Lint" />
      {staleSince !== undefined && (
        <Stale asOf={staleSince} problem={error} className="rounded-md border border-line bg-surface" />
      )}
      {loading && (
        <Card flush title="Findings">
          <SkeletonRows rows={16} label="Loading findings" />
        </Card>
      )}
      {!data && error && (
        <Card flush title="Findings">
          <JudgeFailed problem={error} onRetry={reload} />
        </Card>
      )}
      {data && counts && data.findings.length === 0 && <NothingFound policies={data.policies} />}
      {data && counts && data.findings.length > 0 && (
        <>
          <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
            <Segmented
              label="Severity"
              value={own.severity}
              onChange={(severity) => void setOwn({ severity: severity === 'all' ? null : severity })}
              className="max-w-full overflow-x-auto"
              options={SHOWN_SEVERITIES.map((value) => ({
                value,
                label: (
                  <>
                    {value !== 'all' && <Mark name={SEVERITY_MARKS[value]} />}
                    {SEVERITY_WORDS[value]} {exact(counts[value])}
                  </>
                ),
              }))}
            />
            <SearchBox
              label="Find a finding"
              value={own.find}
              onChange={(find) => void setOwn({ find: find || null })}
              placeholder="rule, policy, text"
              className="w-64 max-md:w-full"
            />
            <Segmented
              label="Arranged by"
              value={own.by}
              onChange={(by) => void setOwn({ by: by === 'rule' ? null : by })}
              options={[
                { value: 'rule', label: 'Rules' },
                { value: 'policy', label: 'Policies' },
              ]}
            />
            <p className="text-12 text-ink-3">of {exact(data.policies)} policies in force</p>
          </div>
          <Groups
            groups={groupFindings(findFindings(data.findings, own.find, own.severity), own.by)}
            by={own.by}
            old={staleSince !== undefined}
            onShowAll={() => void setOwn({ find: null, severity: null })}
          />
        </>
      )}
    </div>
  );
}

function Groups({ groups, by, old, onShowAll }: GroupsProps) {
  if (groups.length === 0)
    return (
      <Card flush title="Findings">
        <Empty title="No finding matches" action={<Button onClick={onShowAll}>Show all findings</Button>} />
      </Card>
    );
  return (
    <div className={cx('flex flex-col gap-3', old && 'stale')}>
      {groups.map(({ key, findings }) => (
        <Card
          key={key}
          flush
          title={
            by === 'policy' ? (
              <PolicyLink policy={key} />
            ) : (
              <span className="font-mono text-13 wrap-anywhere">{visibleText(key)}</span>
            )
          }
          hint={`${exact(findings.length)} ${findings.length === 1 ? 'finding' : 'findings'}`}
        >
          <ul>
            {findings.map((finding) => (
              <FindingItem key={finding.id} finding={finding} named={by === 'rule'} rule={by === 'policy'} />
            ))}
          </ul>
        </Card>
      ))}
    </div>
  );
}
interface GroupsProps {
  groups: readonly FindingGroup[];
  by: (typeof BY)[number];
  old: boolean;
  onShowAll: () => void;
}

/** No findings: because the policies are fine, or because there are none to look at. */
function NothingFound({ policies }: { policies: number }) {
  const view = useConsole();
  return (
    <Card flush title="Findings">
      {policies === 0 ? (
        <Empty
          title="No policies to look at"
          action={<ButtonLink href={view.hrefOf('policies')}>Look at the inventory</ButtonLink>}
        >
          None is in force, or the console cannot read them. Files are looked at by{' '}
          <code className="font-mono text-12">causeway policy lint DIR</code>.
        </Empty>
      ) : (
        <Empty title="Nothing to say">All {exact(policies)} policies in force were looked at.</Empty>
      )}
    </Card>
  );
}
