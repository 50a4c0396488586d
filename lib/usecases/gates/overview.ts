import 'server-only';
import type { BrokenGlass, Elevation } from '#lib/api/migration.ts';
import { withDatabase } from '#lib/db/client.ts';
import { asOf, readOpenElevations } from '#lib/db/gates/elevations.ts';
import { gateNow } from '#lib/db/gates/facts.ts';
import { type GateFile, readGateFiles } from '#lib/db/gates/records.ts';
import type { MigrationRow } from '#lib/db/migration/migrations.ts';
import { isOpen } from '#lib/migration/gate/edges.ts';
import type { Completion } from '#lib/migration/gate/record.ts';
import { completionOf } from '#lib/migration/gate/standing.ts';
import { tally } from '#lib/migration/gate/tally.ts';
import type { Phase } from '#lib/migration/model.ts';
import type { RequestFacts } from '#lib/migration/phase-state.ts';
import { settleElevations } from './elevations.ts';
import { settleGate } from './settle-open.ts';
import { elevationView, glassView } from './view.ts';

/** What gates say of the phases of a migration. */
export interface GateOverview {
  /** Of the database, Unix milliseconds. */
  readonly now: number;
  readonly of: (
    cluster: string,
    phase: Phase,
  ) => { readonly request: RequestFacts | undefined; readonly completion: Completion | undefined };
  /** Oldest first, reviewed or not. */
  readonly brokenGlass: readonly BrokenGlass[];
  /** Asked for or running. */
  readonly elevations: readonly Elevation[];
}

/** The gates of all clusters of a migration, as they are now. */
export async function readGateOverview({ id: migrationId, clusters }: MigrationRow): Promise<GateOverview> {
  const ids = clusters.map(({ id }) => id);
  const found = await withDatabase((db) => readGateFiles(db, { migrationId }));
  const open = found.filter(({ state, cluster }) => isOpen(state) && ids.includes(cluster));
  for (const { cluster, phase } of open) await settleGate(cluster, phase);
  await settleElevations(ids);
  return withDatabase(async (db) => {
    const files = open.length > 0 ? await readGateFiles(db, { migrationId }) : found;
    const now = await gateNow(db);
    const elevations = (await readOpenElevations(db, ids)).map((each) => asOf(each, now));
    return {
      now,
      of(cluster, phase) {
        const environment = clusters.find(({ id }) => id === cluster)?.environment;
        const here = files.filter((file) => file.cluster === cluster && file.phase === phase && file.environment === environment);
        const newest = here.at(-1);
        return { request: newest && requestFacts(newest), completion: completionOf(here) };
      },
      brokenGlass: files.flatMap((file) => glassView(file) ?? []),
      elevations: elevations.filter(({ state }) => state === 'asked' || state === 'running').map(elevationView),
    };
  });
}

function requestFacts(file: GateFile): RequestFacts {
  const { decisions } = tally(file);
  return {
    id: file.id,
    state: file.state,
    stateSince: file.stateSince,
    requestedBy: file.requestedBy.name,
    approvers: decisions.filter(({ counts }) => counts).map(({ by }) => by.name),
    needed: file.needed,
    brokenGlass: file.brokenGlass,
  };
}
