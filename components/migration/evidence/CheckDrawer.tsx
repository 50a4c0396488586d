'use client';
import Link from 'next/link';
import type { CheckEdit, CheckSeries, PhaseCheck, PhaseDetail } from '#lib/api/migration.ts';
import { useNow } from '#components/live/use-now.ts';
import { Chip, EnvironmentTag, type Tone } from '#components/ui/Chip.tsx';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { duration, exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Unknown } from '#components/ui/Num.tsx';
import { Time } from '#components/ui/Time.tsx';
import type { MigrationRights } from '../rights.ts';
import { UploadEvidence } from '../uploads/UploadEvidence.tsx';
import type { Change } from '../use-migration.ts';
import { visibleLine, visibleLines } from '../visible-lines.ts';
import { ageWords, figureName, measuredAt, windowShare } from './check-view.ts';
import { AcknowledgeSection, AttestSection, ThresholdSection } from './CheckEdits.tsx';
import { SeriesChart } from './SeriesChart.tsx';

const TONES: Readonly<Record<PhaseCheck['status'], Tone>> = { pass: 'fwd', fail: 'drop', unknown: 'neutral' };
const KINDS: Readonly<Record<PhaseCheck['kind'], string>> = {
  cluster: 'objects of the cluster',
  configuration: 'configuration',
  traffic: 'traffic seen',
  upload: 'an uploaded file',
  attestation: "a person's word",
};

/** One check: what it says and why, what it saw, and what a person can do about it. */
export function CheckDrawer({ check, phase, series, rights, change, onEdit, onUploaded, onClose }: CheckDrawerProps) {
  const now = useNow();
  return (
    <Drawer
      kind={
        <span className="flex items-center gap-1.5">
          Check of phase {phase.cell.phase} in <EnvironmentTag environment={phase.environment} />
        </span>
      }
      title={visibleLine(check.title)}
      onClose={onClose}
      chips={
        <>
          <Chip tone={TONES[check.status]}>
            <Mark name={check.status} />
            {check.status}
          </Chip>
          <Chip>{KINDS[check.kind]}</Chip>
          <span>{check.demand === 'must' ? 'must pass' : 'may be acknowledged'}</span>
        </>
      }
      footer={
        check.preflight !== undefined && (
          <Link
            href={`/c/${encodeURIComponent(phase.cluster)}/migration/preflight?check=${check.preflight}`}
            className="ring-focus rounded-sm text-13 text-accent-text hover:underline"
          >
            Preflight check {check.preflight}
          </Link>
        )
      }
    >
      <DrawerSection title="What it says">
        <div className="flex flex-col gap-3">
          {check.reason !== '' && <p className="text-13 wrap-anywhere whitespace-pre-line">{visibleLines(check.reason)}</p>}
          <Facts check={check} at={measuredAt(check, phase.evaluatedAt)} now={now} />
        </div>
      </DrawerSection>
      {check.missing.length > 0 && (
        <DrawerSection title="What is missing">
          <ul className="flex flex-col gap-1 text-13">
            {check.missing.map((name) => (
              <li key={name} className="flex items-baseline gap-2 wrap-anywhere">
                <Mark name="unknown" className="translate-y-0.5" />
                {visibleLine(name)}
              </li>
            ))}
          </ul>
        </DrawerSection>
      )}
      {check.uploads.length > 0 && rights.edit && (
        <DrawerSection title={check.status === 'unknown' ? 'Upload it' : 'Upload a newer one'}>
          <UploadEvidence cluster={phase.cluster} kinds={check.uploads} onUploaded={onUploaded} />
        </DrawerSection>
      )}
      {series && series.points.length > 1 && (
        <DrawerSection title="Over time" aside="one point for each evaluation">
          <SeriesChart series={series} needs={visibleLine(check.needs)} now={now} />
        </DrawerSection>
      )}
      {check.objects.length > 0 && (
        <DrawerSection
          title="Objects it found"
          aside={check.objects.length === 100 ? 'the first 100' : exact(check.objects.length)}
        >
          <ul className="flex flex-col gap-1 font-mono text-12">
            {check.objects.map((name, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- the same object may be named twice
              <li key={`${name} ${index}`} className="wrap-anywhere">
                {visibleLine(name)}
              </li>
            ))}
          </ul>
        </DrawerSection>
      )}
      <DrawerSection title="Why it stands before the gate">
        <p className="text-13 text-ink-2">{visibleLine(check.why)}</p>
      </DrawerSection>
      {check.kind === 'attestation' && <AttestSection check={check} mayEdit={rights.edit} busy={change.busy} onEdit={onEdit} />}
      {check.demand === 'acknowledge' && (
        <AcknowledgeSection check={check} mayEdit={rights.edit} busy={change.busy} onEdit={onEdit} />
      )}
      {check.threshold && (
        <ThresholdSection
          key={check.threshold.value}
          threshold={check.threshold}
          mayManage={rights.manage}
          busy={change.busy}
          onEdit={onEdit}
        />
      )}
      {change.problem && <Failed problem={change.problem} />}
    </Drawer>
  );
}
interface CheckDrawerProps {
  check: PhaseCheck;
  phase: PhaseDetail;
  series: CheckSeries | undefined;
  rights: MigrationRights;
  change: Change;
  onEdit: (edit: CheckEdit) => void;
  onUploaded: () => void;
  onClose: () => void;
}

function Facts({ check, at, now }: { check: PhaseCheck; at: number | undefined; now: number }) {
  // The deciding figure stands above, as people read it.
  const figures = Object.entries(check.figures).filter(([name]) => name !== 'value');
  return (
    <dl className="grid grid-cols-[112px_minmax(0,1fr)] gap-x-3 gap-y-1.5 text-13">
      <dt className="text-ink-3">Value</dt>
      <dd className="num wrap-anywhere">{check.value === '' ? <Unknown why="it has no figure" /> : visibleLine(check.value)}</dd>
      <dt className="text-ink-3">Needs</dt>
      <dd className="num wrap-anywhere">{visibleLine(check.needs)}</dd>
      <dt className="text-ink-3">Source</dt>
      <dd>{visibleLine(check.source)}</dd>
      <dt className="text-ink-3">Measured</dt>
      <dd>{at === undefined ? ageWords(check) : <Time at={at} />}</dd>
      {check.window && (
        <>
          <dt className="text-ink-3">Window</dt>
          <dd>
            {check.window.passingSince === undefined ? (
              `must hold for ${duration(check.window.ms)}; it does not hold now`
            ) : windowShare(check.window, now) >= 1 ? (
              <>
                holds since <Time at={check.window.passingSince} />, needs {duration(check.window.ms)}
              </>
            ) : (
              <>
                holds for {duration(Math.max(0, now - check.window.passingSince))} of {duration(check.window.ms)}
                <progress
                  aria-label="Part of the window that has passed"
                  value={windowShare(check.window, now)}
                  max={1}
                  className="mt-1 block h-1.5 w-full accent-(--accent)"
                />
              </>
            )}
          </dd>
        </>
      )}
      {figures.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-3 wrap-anywhere first-letter:uppercase">{visibleLine(figureName(name))}</dt>
          <dd className="num">{exact(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
