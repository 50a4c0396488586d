import 'server-only';
import type { GatePanel, GateRequest, RollbackRecord } from '#lib/api/migration.ts';
import { withDatabase } from '#lib/db/client.ts';
import { readSight } from '#lib/db/gates/facts.ts';
import { readGateFile, readGateFiles } from '#lib/db/gates/records.ts';
import { gateChoices } from '#lib/migration/gate/choices.ts';
import { gateConditions } from '#lib/migration/gate/conditions.ts';
import type { Phase } from '#lib/migration/model.ts';
import { askerOf, type GateCall, noRequest } from './call.ts';
import { settleElevations } from './elevations.ts';
import { settleGate } from './settle-open.ts';
import { glassView, requestView, rollbackView } from './view.ts';

/** Who looks at gates. */
export type GateReader = Pick<GateCall, 'cluster' | 'caller' | 'sessionId'>;

export interface PhaseGate {
  readonly panel: GatePanel;
  /** Newest first. */
  readonly rollbacks: readonly RollbackRecord[];
}

/** The gate of a phase as its panel shows it to this caller: newest request, conditions, and each command with why not. */
export async function readGatePanel(reader: GateReader, phase: Phase): Promise<PhaseGate> {
  const { cluster, caller } = reader;
  await settleGate(cluster, phase);
  await settleElevations([cluster]);
  return withDatabase(async (db) => {
    const { facts, newest, elevation } = await readSight(db, cluster, phase, askerOf(reader), 'look');
    const files = await readGateFiles(db, { clusterId: cluster, phase });
    const file = files.find(({ id }) => id === newest);
    const open = elevation?.state === 'asked' || elevation?.state === 'running' ? elevation : undefined;
    const own = files.filter(({ migration }) => migration === facts.migration);
    const reviews = own.flatMap((each) => glassView(each) ?? []).filter(({ review }) => !review.closedBy);
    return {
      panel: {
        ...(file && { request: requestView(file) }),
        rules: {
          ...facts.rules,
          teams: [...facts.rules.teams],
          windows: facts.rules.windows.map((each) => ({ ...each, days: [...each.days] })),
        },
        ...(facts.evidence?.hash !== undefined && { evidenceHash: facts.evidence.hash }),
        conditions: gateConditions(facts).map(({ id, title, met, value }) => ({ id, title, met, value })),
        choices: gateChoices(file, caller, facts, { elevation: open, reviews }),
      },
      rollbacks: own.flatMap((each) => rollbackView(each) ?? []).toReversed(),
    };
  });
}

/** One request of a cluster, as it is now. Throws `not-found`. */
export async function readGateRequest(cluster: string, id: string): Promise<GateRequest> {
  const phase = await withDatabase(async (db) => {
    const file = await readGateFile(db, id);
    if (file?.cluster !== cluster) throw noRequest();
    return file.phase;
  });
  await settleGate(cluster, phase);
  return withDatabase(async (db) => {
    const file = await readGateFile(db, id);
    if (!file) throw noRequest();
    return requestView(file);
  });
}
