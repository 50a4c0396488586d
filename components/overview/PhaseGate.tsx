'use client';
import { ChevronRight } from 'lucide-react';
import Link from 'next/link';
import { Migration, PhaseDetail, type PhaseCheck } from '#lib/api/migration.ts';
import { BACKGROUND } from '#components/charts/tones.ts';
import { useApi } from '#components/live/use-api.ts';
import { useNow } from '#components/live/use-now.ts';
import { countChecks, sortedChecks } from '#components/migration/evidence/check-view.ts';
import { cellAt, currentPhase, environmentOf } from '#components/migration/matrix/matrix-view.ts';
import { stateSince } from '#components/migration/state-words.ts';
import { StateChip } from '#components/migration/StateMark.tsx';
import { migrationApi, phaseApi } from '#components/migration/use-migration.ts';
import { visibleLine } from '#components/migration/visible-lines.ts';
import { ButtonLink } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Failed, Stale } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';

const SHOWN = 3;

/** The phase the cluster is in, and what its gate still waits for. */
export function PhaseGate({ cluster }: { cluster: string }) {
  const now = useNow();
  const migration = useApi(migrationApi(cluster), Migration, { refreshMs: 30_000 });
  const env = migration.data && environmentOf(migration.data, cluster);
  const number = migration.data && env && currentPhase(migration.data, env);
  const state = useApi(number === undefined ? null : phaseApi(cluster, number), PhaseDetail, { refreshMs: 30_000 });
  const error = migration.error ?? state.error;
  const phase = state.data;
  const cell = migration.data && env !== undefined && number !== undefined && cellAt(migration.data, { phase: number, env });
  const title = number === undefined ? 'Migration' : `Phase ${number} gate waits for`;
  if (!phase || !cell) {
    return (
      <Card title={title} flush>
        {error ? (
          <Failed problem={error} onRetry={migration.error ? migration.reload : state.reload} />
        ) : (
          <SkeletonRows rows={8} />
        )}
      </Card>
    );
  }
  const href = (check?: string) =>
    `/c/${encodeURIComponent(cluster)}/migration?${new URLSearchParams({ phase: String(number), ...(check !== undefined && { check }) })}`;
  const waiting = sortedChecks(phase.checks).filter(({ met }) => !met);
  const conditions = phase.gate.conditions.filter(({ met }) => !met);
  return (
    <Card title={title} flush aside={<StateChip state={cell.state} words={stateSince(cell.state, cell.since, now)} />}>
      {state.staleSince !== undefined && <Stale asOf={state.staleSince} problem={state.error} />}
      <Balance checks={phase.checks} />
      <ul aria-label="What the gate waits for">
        {waiting.slice(0, SHOWN).map((check) => (
          <li key={check.id} className="border-t border-line">
            <Link
              href={href(check.id)}
              className="grid grid-cols-[12px_minmax(0,1fr)_16px] items-baseline gap-x-2.5 px-4 py-2 text-13 outline-none hover:bg-hover focus-visible:shadow-[inset_0_0_0_2px_var(--accent)]"
            >
              <Mark name={check.status} label={check.status} className="translate-y-0.5" />
              <span className="min-w-0">
                <span className="block truncate font-label">{visibleLine(check.title)}</span>
                <span className="block truncate text-12 text-ink-3">{waitsWords(check)}</span>
              </span>
              <ChevronRight size={14} aria-hidden="true" className="self-center text-ink-3 md:invisible" />
            </Link>
          </li>
        ))}
        {waiting.length > SHOWN && (
          <li className="border-t border-line px-4 py-1.5 text-12 text-ink-3">and {waiting.length - SHOWN} more checks</li>
        )}
        {waiting.length < SHOWN &&
          conditions.slice(0, SHOWN - waiting.length).map(({ id, title: name, value }) => (
            <li
              key={id}
              className="grid grid-cols-[12px_minmax(0,1fr)] items-baseline gap-x-2.5 border-t border-line px-4 py-2 text-13"
            >
              <Mark name="trace" label="not met" className="translate-y-0.5" />
              <span className="min-w-0">
                <span className="block truncate font-label">{visibleLine(name)}</span>
                <span className="block truncate text-12 text-ink-3">{visibleLine(value)}</span>
              </span>
            </li>
          ))}
      </ul>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-4 py-3">
        <ButtonLink look="primary" href={href()}>
          Open gate
        </ButtonLink>
        <span className="min-w-0 flex-1 basis-32 text-12 wrap-anywhere text-ink-3">
          {phase.gate.request
            ? `${phase.gate.request.approved} of ${phase.gate.request.needed} approvals`
            : visibleLine(cell.waitsFor)}
        </span>
      </div>
    </Card>
  );
}

/** `99.84 %, needs ≥ 99.90 %`, or why nothing is known. */
function waitsWords({ value, needs, reason }: PhaseCheck): string {
  return visibleLine(value === '' ? reason : [value, needs === '' ? '' : `needs ${needs}`].filter(Boolean).join(', '));
}

/** All checks as one bar, with their counts in words. */
function Balance({ checks }: { checks: readonly PhaseCheck[] }) {
  const { pass, fail, unknown, total } = countChecks(checks);
  if (total === 0) return null;
  return (
    <div className="flex flex-col gap-1.5 px-4 py-3">
      <div aria-hidden="true" className="flex h-1.5 gap-px overflow-hidden rounded-full">
        {pass > 0 && <span className={BACKGROUND.fwd} style={{ flexGrow: pass }} />}
        {fail > 0 && <span className={BACKGROUND.drop} style={{ flexGrow: fail }} />}
        {unknown > 0 && <span className={BACKGROUND.trace} style={{ flexGrow: unknown }} />}
      </div>
      <p className="flex flex-wrap items-center gap-x-4 text-12">
        <span className="flex items-center gap-1.5 text-fwd-text">
          <Mark name="pass" />
          {pass} pass
        </span>
        <span className="flex items-center gap-1.5 text-drop-text">
          <Mark name="fail" />
          {fail} fail
        </span>
        <span className="flex items-center gap-1.5 text-ink-3">
          <Mark name="unknown" />
          {unknown} unknown
        </span>
        <span className="ml-auto text-ink-3">of {total} checks</span>
      </p>
    </div>
  );
}
