'use client';
import { Download, Terminal } from 'lucide-react';
import { parseAsBoolean, parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { PreflightReport } from '#lib/api/preflight.ts';
import { PHASES, type Phase } from '#lib/migration/model.ts';
import { SUBSYSTEMS } from '#lib/preflight/check.ts';
import { downloadText, fileName } from '#components/flows/download.ts';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { cx } from '#components/ui/cx.ts';
import { Empty, Failed, Stale } from '#components/ui/Faces.tsx';
import { duration, exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { SearchBox } from '#components/ui/SearchBox.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { Time } from '#components/ui/Time.tsx';
import { MigrationHead } from '../MigrationTabs.tsx';
import { PhaseFilter } from '../PhaseFilter.tsx';
import { CheckCounts } from './CheckWord.tsx';
import { CheckItem, type UploadTarget } from './CheckItem.tsx';
import { InputsCard } from './InputsCard.tsx';
import {
  SHOWN_STATUSES,
  type ShownStatus,
  countStatuses,
  filterChecks,
  firstPart,
  partsOf,
  preflightCommand,
  reportJson,
} from './preflight-view.ts';
import { type Part, SubsystemList, titleOf } from './SubsystemList.tsx';
import { TargetVersion } from './TargetVersion.tsx';

const OWN = {
  part: parseAsStringLiteral(['all', ...SUBSYSTEMS]),
  check: parseAsInteger,
  phase: parseAsInteger,
  status: parseAsStringLiteral(SHOWN_STATUSES).withDefault('all'),
  find: parseAsString.withDefault(''),
  target: parseAsString.withDefault(''),
  inputs: parseAsBoolean.withDefault(false),
};

const STATUS_WORDS: Record<ShownStatus, string> = { all: 'All', fail: 'Fail', unknown: 'Unknown', pass: 'Pass' };

/** Preflight: what stands in the way of a phase, subsystem by subsystem, each check with its findings, its inputs and who says so. */
export function PreflightView({ mayEdit }: { mayEdit: boolean }) {
  const view = useConsole();
  const [own, setOwn] = useQueryStates(OWN, { history: 'replace' });
  const target = own.target === '' ? '' : `?target=${encodeURIComponent(own.target)}`;
  const { data, error, loading, changing, staleSince, reload } = useApi(`${view.api}/preflight${target}`, PreflightReport, {
    refreshMs: view.refreshMs === 0 ? 0 : 60_000,
  });
  const phase: Phase | null = PHASES.find((each) => each === own.phase) ?? null;
  return (
    <div className="mx-auto flex max-w-[1760px] flex-col gap-3 px-3 py-3 md:px-6 md:py-5">
      <MigrationHead title="Preflight" actions={data && <Actions report={data} phase={phase} target={own.target} />} />
      {staleSince !== undefined && (
        <Stale asOf={staleSince} problem={error} className="rounded-md border border-line bg-surface" />
      )}
      {loading && (
        <Card flush title="Checks">
          <SkeletonRows rows={16} label="Loading checks" />
        </Card>
      )}
      {!data && error && (
        <Card flush title="Checks">
          <Failed problem={error} onRetry={reload} />
        </Card>
      )}
      {data && (
        <div className={cx('flex flex-col gap-3', (staleSince !== undefined || changing) && 'stale')}>
          <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
            <p className="text-13 text-ink-3">
              {versionWords(data)}, read <Time at={data.evaluatedAt} /> in {duration(data.tookMs)}
            </p>
            <TargetVersion
              key={own.target}
              target={own.target}
              shown={data.target}
              action="Check against it"
              onChange={(next) => void setOwn({ target: next || null })}
            />
          </div>
          <InputsCard
            inputs={data.inputs}
            open={own.inputs}
            onToggle={() => void setOwn({ inputs: !own.inputs || null })}
            upload={mayEdit ? { cluster: view.cluster, onUploaded: reload } : undefined}
          />
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <PhaseFilter phase={phase} onChange={(next) => void setOwn({ phase: next })} />
            <StatusFilter
              report={data}
              phase={phase}
              find={own.find}
              status={own.status}
              onChange={(status) => void setOwn({ status })}
            />
            <SearchBox
              label="Find a check"
              value={own.find}
              onChange={(find) => void setOwn({ find: find || null })}
              placeholder="title, object, number"
              className="w-56 max-md:w-full"
            />
          </div>
          <Checks
            report={data}
            filter={{ phase, status: own.status, find: own.find }}
            part={own.part}
            check={own.check}
            onPart={(part) => void setOwn({ part, check: null })}
            onCheck={(check) => void setOwn({ check })}
            onShowAll={() => void setOwn({ phase: null, status: null, find: null })}
            upload={mayEdit ? { cluster: view.cluster, onUploaded: reload } : undefined}
          />
        </div>
      )}
    </div>
  );
}

const versionWords = ({ version, target, checks }: PreflightReport): string =>
  `${exact(checks.length)} checks on Cilium ${version === '' ? '(version unknown)' : version}${target === '' ? '' : `, going to ${target}`}`;

/** The same as a command and as a file. */
function Actions({ report, phase, target }: { report: PreflightReport; phase: Phase | null; target: string }) {
  const { cluster } = useConsole();
  return (
    <>
      <CopyButton
        text={preflightCommand(report, phase, target)}
        label="Copy the command that asks the same"
        icon={<Terminal size={14} aria-hidden="true" />}
      >
        Copy command
      </CopyButton>
      <Button
        onClick={() =>
          downloadText(
            fileName(cluster, 'preflight', 'json', report.evaluatedAt),
            'application/json',
            reportJson(filterChecks(report.checks, { phase, status: 'all', find: '' })),
          )
        }
      >
        <Download size={14} aria-hidden="true" />
        Export JSON
      </Button>
    </>
  );
}

function StatusFilter({ report, phase, find, status, onChange }: StatusFilterProps) {
  const counts = countStatuses(filterChecks(report.checks, { phase, find, status: 'all' }));
  const total = counts.fail + counts.unknown + counts.pass;
  return (
    <Segmented
      label="Status"
      value={status}
      onChange={onChange}
      className="max-w-full overflow-x-auto"
      options={SHOWN_STATUSES.map((value) => ({
        value,
        label: (
          <>
            {value !== 'all' && <Mark name={value} />}
            {STATUS_WORDS[value]} {exact(value === 'all' ? total : counts[value])}
          </>
        ),
      }))}
    />
  );
}
interface StatusFilterProps {
  report: PreflightReport;
  phase: Phase | null;
  find: string;
  status: ShownStatus;
  onChange: (status: ShownStatus) => void;
}

/** Left the subsystems, right the checks of the one that is chosen: by hand, by the check that is linked to, or the worst. */
function Checks({ report, filter, part, check, onPart, onCheck, onShowAll, upload }: ChecksProps) {
  const parts = partsOf(filterChecks(report.checks, filter));
  const linked =
    part === null && check !== null ? parts.find(({ checks }) => checks.some((each) => each.check === check)) : undefined;
  const wanted: Part = part ?? (filter.find === '' ? (linked ?? firstPart(parts))?.subsystem : undefined) ?? 'all';
  const shown = parts.filter(({ subsystem }) => wanted === 'all' || subsystem === wanted);
  if (parts.length === 0)
    return (
      <Card flush title="Checks">
        <Empty title="No check matches" action={<Button onClick={onShowAll}>Show all checks</Button>}>
          {exact(report.checks.length)} checks were read; the filter leaves none of them.
        </Empty>
      </Card>
    );
  return (
    <div className="flex flex-col gap-3 lg:flex-row lg:items-start">
      <SubsystemList parts={parts} chosen={wanted} onChoose={onPart} />
      <div className="flex min-w-0 flex-1 flex-col gap-3">
        {shown.length === 0 && (
          <Card flush title={wanted === 'all' ? 'Checks' : titleOf(wanted)}>
            <Empty title="No check of this subsystem matches" action={<Button onClick={onShowAll}>Show all checks</Button>} />
          </Card>
        )}
        {shown.map(({ subsystem, checks, counts }) => (
          <Card key={subsystem} flush title={titleOf(subsystem)} aside={<CheckCounts counts={counts} />}>
            <ul>
              {checks.map((entry) => (
                <CheckItem
                  key={entry.check}
                  entry={entry}
                  inputs={report.inputs}
                  open={entry.check === check}
                  onToggle={() => onCheck(entry.check === check ? null : entry.check)}
                  upload={upload}
                />
              ))}
            </ul>
          </Card>
        ))}
      </div>
    </div>
  );
}
interface ChecksProps {
  report: PreflightReport;
  filter: Parameters<typeof filterChecks>[1];
  part: Part | null;
  check: number | null;
  onPart: (part: Part) => void;
  onCheck: (check: number | null) => void;
  onShowAll: () => void;
  upload: UploadTarget | undefined;
}
