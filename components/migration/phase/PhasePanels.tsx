'use client';
import { type CheckEdit, type Migration, PhaseDetail, type PhaseStep } from '#lib/api/migration.ts';
import { useApi } from '#components/live/use-api.ts';
import { Card } from '#components/ui/Card.tsx';
import { cx } from '#components/ui/cx.ts';
import { Failed, Stale } from '#components/ui/Faces.tsx';
import { CheckDrawer } from '../evidence/CheckDrawer.tsx';
import { EvidenceCard } from '../evidence/EvidenceCard.tsx';
import { GateCard } from '../gate/GateCard.tsx';
import type { CellPlace } from '../matrix/matrix-view.ts';
import { PrintPhase } from '../print/PrintPhase.tsx';
import { usePrinting } from '../print/use-printing.ts';
import { type Looker, rightsIn } from '../rights.ts';
import { StepsCard } from '../steps/StepsCard.tsx';
import { phaseApi, useChange } from '../use-migration.ts';
import type { usePlace } from '../use-place.ts';
import { PhaseSkeleton } from './PhaseSkeleton.tsx';

/** One phase in one environment: steps, evidence and gate beside each other; below each other where there is no room. */
export function PhasePanels({ migration, place, cluster, page, looker, own, setOwn }: PhasePanelsProps) {
  const url = phaseApi(cluster.id, place.phase);
  const state = useApi(url, PhaseDetail, { refreshMs: 60_000 });
  // Each panel says what went wrong with what was asked of it.
  const steps = useChange(page);
  const evidence = useChange(page);
  const gate = useChange(page);
  const edits = useChange(page);
  const printing = usePrinting();
  const rights = rightsIn(looker, cluster.id);
  const { data: phase, error, staleSince, reload } = state;

  if (!phase) {
    return error ? (
      <Card title={`Phase ${place.phase} in ${place.env}`} flush>
        <Failed problem={error} onRetry={reload} />
      </Card>
    ) : (
      <PhaseSkeleton place={place} />
    );
  }
  const tick = (step: PhaseStep, done: boolean, note: string) =>
    void steps.runOnPhase(cluster.id, place.phase, `/steps/${encodeURIComponent(step.id)}`, {
      method: 'PUT',
      json: { done, note, version: step.version },
    });
  const edit = (check: string) => (change: CheckEdit) =>
    void edits.runOnPhase(cluster.id, place.phase, `/checks/${encodeURIComponent(check)}`, { method: 'PUT', json: change });
  const openCheck = (check: string | null) => {
    edits.clear();
    void setOwn({ check });
  };
  const shown = phase.checks.find(({ id }) => id === own.check);
  return (
    <>
      {staleSince !== undefined && (
        <Stale asOf={staleSince} problem={error} className="rounded-md border border-line bg-surface print:hidden" />
      )}
      {/* By the room there is: beside a drawer it is less than the window's. Where there is none for three, the gate stands over the steps. */}
      <div
        className={cx(
          'grid grid-cols-1 items-start gap-3 print:hidden',
          '@min-[720px]:grid-cols-[minmax(0,1fr)_300px]',
          '@min-[1060px]:grid-cols-[minmax(0,300fr)_minmax(0,552fr)_minmax(0,316fr)]',
          staleSince !== undefined && 'stale',
        )}
      >
        <div className="min-w-0 @max-[1060px]:order-3 @min-[720px]:@max-[1060px]:col-start-2">
          <StepsCard
            phase={phase}
            open={own.step}
            mayEdit={rights.edit && !migration.planGone}
            change={steps}
            onOpen={(step) => {
              steps.clear();
              void setOwn({ step }, { history: 'replace' });
            }}
            onTick={tick}
            onCheck={openCheck}
          />
        </div>
        <div className="min-w-0 @max-[720px]:order-2 @min-[720px]:@max-[1060px]:col-start-1 @min-[720px]:@max-[1060px]:row-span-2 @min-[720px]:@max-[1060px]:row-start-1">
          <EvidenceCard
            phase={phase}
            tab={own.tab}
            onTab={(tab) => void setOwn({ tab }, { history: 'replace' })}
            check={own.check}
            onCheck={openCheck}
            figure={own.figure}
            onFigure={(figure) => void setOwn({ figure }, { history: 'replace' })}
            mayEdit={rights.edit && !migration.planGone}
            change={evidence}
            onRead={() => void evidence.runOnPhase(cluster.id, place.phase, '/evaluation', { method: 'POST' })}
          />
        </div>
        <div className="min-w-0 @max-[1060px]:order-1">
          <GateCard
            key={`${place.phase} ${place.env}`}
            phase={phase}
            clusterName={cluster.name}
            planGone={migration.planGone}
            brokenGlass={migration.brokenGlass}
            elevations={migration.elevations}
            me={looker.subject}
            rights={rights}
            page={page}
            change={gate}
          />
        </div>
      </div>
      {printing && <PrintPhase phase={phase} clusterName={cluster.name} />}
      {shown && (
        <CheckDrawer
          key={shown.id}
          check={shown}
          phase={phase}
          series={phase.series.find(({ check }) => check === shown.id)}
          rights={migration.planGone ? { ...rights, edit: false, manage: false } : rights}
          change={edits}
          onEdit={edit(shown.id)}
          onUploaded={reload}
          onClose={() => openCheck(null)}
        />
      )}
    </>
  );
}
interface PhasePanelsProps {
  migration: Migration;
  place: CellPlace;
  /** The cluster of the environment shown. */
  cluster: { readonly id: string; readonly name: string };
  /** Id of the cluster the page belongs to. */
  page: string;
  looker: Looker;
  own: ReturnType<typeof usePlace>[0];
  setOwn: ReturnType<typeof usePlace>[1];
}
