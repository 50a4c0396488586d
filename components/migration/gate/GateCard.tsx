'use client';
import type { BrokenGlass, Elevation, PhaseDetail } from '#lib/api/migration.ts';
import { useNow } from '#components/live/use-now.ts';
import { Card } from '#components/ui/Card.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import type { MigrationRights } from '../rights.ts';
import { BrokenGlassChip, StateChip } from '../StateMark.tsx';
import { stateSince } from '../state-words.ts';
import type { Change } from '../use-migration.ts';
import { Approvals } from './Approvals.tsx';
import { BreakGlass, BrokenHere } from './BreakGlass.tsx';
import { Conditions } from './Conditions.tsx';
import { Elevations } from './Elevations.tsx';
import { GateActions } from './GateActions.tsx';
import { RequestFacts } from './RequestFacts.tsx';

/** The gate that lets the cluster out of the phase: its request, approvals, conditions, and what can be done now. */
export function GateCard({ phase, clusterName, planGone, brokenGlass, elevations, me, rights, page, change }: GateCardProps) {
  const now = useNow();
  const { request } = phase.gate;
  const { cell } = phase;
  const broken = brokenGlass.filter((glass) => glass.phase === cell.phase && glass.environment === phase.environment);
  const words =
    request?.state === 'approving'
      ? `${request.approved} of ${request.needed} approved`
      : stateSince(cell.state, cell.since, now);
  return (
    <div className="flex flex-col gap-3">
      <Card
        flush
        title="Gate"
        aside={request?.brokenGlass ? <BrokenGlassChip /> : <StateChip state={cell.state} words={words} />}
      >
        <RequestFacts phase={phase} />
        {broken.map((glass) => (
          <BrokenHere key={glass.request} broken={glass} phase={phase} change={change} />
        ))}
        <Approvals gate={phase.gate} me={me} />
        <Conditions conditions={phase.gate.conditions} />
        {planGone ? (
          <p className="flex items-baseline gap-2 border-t border-line px-4 py-3 text-13 text-ink-2">
            <Mark name="advice" className="translate-y-0.5" />
            This console does not have the migration&apos;s plan version any more, so it takes no decisions. An admin can move the
            migration on to the newest one.
          </p>
        ) : (
          <div className="print:hidden">
            <Elevations phase={phase} clusterName={clusterName} elevations={elevations} me={me} rights={rights} change={change} />
            <GateActions phase={phase} clusterName={clusterName} change={change} />
          </div>
        )}
      </Card>
      {!planGone && <BreakGlass phase={phase} clusterName={clusterName} page={page} mayBreak={rights.breakGlass} />}
    </div>
  );
}
interface GateCardProps {
  phase: PhaseDetail;
  clusterName: string;
  planGone: boolean;
  brokenGlass: readonly BrokenGlass[];
  elevations: readonly Elevation[];
  /** Subject of whoever looks. */
  me: string;
  rights: MigrationRights;
  /** Id of the cluster the page belongs to. */
  page: string;
  change: Change;
}
