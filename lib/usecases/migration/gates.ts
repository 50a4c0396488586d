import 'server-only';
import type { BrokenGlass, Elevation } from '#lib/api/migration.ts';
import { readOpenElevations } from '#lib/db/gates/elevations.ts';
import { gateNow } from '#lib/db/gates/facts.ts';
import { type GateFile, readGateFiles } from '#lib/db/gates/records.ts';
import { inGateTransaction } from '#lib/db/gates/transaction.ts';
import type { MigrationRow } from '#lib/db/migration/migrations.ts';
import type { Completion } from '#lib/migration/gate/record.ts';
import { completionOf } from '#lib/migration/gate/standing.ts';
import { tally } from '#lib/migration/gate/tally.ts';
import type { Phase } from '#lib/migration/model.ts';
import type { RequestFacts } from '#lib/migration/phase-state.ts';
import { elevationView, glassView } from '#lib/usecases/gates/view.ts';

/** What gates say of the phases of a migration. */
export interface GateOverview {
  /** Of the database, Unix milliseconds. */
  readonly now: number;
  readonly of: (cluster: string, phase: Phase) => PhaseGates;
  readonly brokenGlass: readonly BrokenGlass[];
  readonly elevations: readonly Elevation[];
}

export interface PhaseGates {
  /** The newest. */
  readonly request: RequestFacts | undefined;
  readonly completion: Completion | undefined;
}

/** The gates of all clusters of a migration. */
export const readGates = ({ id, clusters }: MigrationRow): Promise<GateOverview> =>
  inGateTransaction(async (tx) => {
    const now = await gateNow(tx);
    const files = await readGateFiles(tx, { migrationId: id });
    const elevations = await readOpenElevations(
      tx,
      clusters.map((member) => member.id),
    );
    return {
      now,
      of: (cluster, phase) => {
        const own = files.filter((file) => file.cluster === cluster && file.phase === phase);
        const newest = own.at(-1);
        return { request: newest && requestFacts(newest), completion: completionOf(own) };
      },
      brokenGlass: files.flatMap((file) => glassView(file) ?? []),
      elevations: elevations.map(elevationView),
    };
  });

function requestFacts(file: GateFile): RequestFacts {
  const { decisions, needed } = tally(file);
  return {
    id: file.id,
    state: file.state,
    stateSince: file.stateSince,
    requestedBy: file.requestedBy.name,
    approvers: decisions.filter(({ counts, decision }) => counts && decision === 'approve').map(({ by }) => by.name),
    needed,
    brokenGlass: file.brokenGlass,
  };
}
