import type { PhaseDetail } from '#lib/api/migration.ts';
import { type Actor, authorize } from '#lib/auth/authorize.ts';
import { auditContext } from '#lib/http/audit-context.ts';
import type { Call } from '#lib/http/handle.ts';
import { ingest } from '#lib/http/ingest.ts';
import type { Phase } from '#lib/migration/model.ts';
import type { MayManage } from '#lib/usecases/migration/begin-migration.ts';
import type { EditContext } from '#lib/usecases/migration/edit.ts';
import { readStoredGate } from '#lib/usecases/migration/phase-gate.ts';
import { type PhaseGate, readPhase } from '#lib/usecases/migration/read-phase.ts';

type PhaseCall = Pick<
  Call<'GET /api/v1/clusters/{cluster}/migration/phases/{phase}'>,
  'actor' | 'request' | 'requestId' | 'cluster'
>;

/** Who edits the migration of the cluster of the path. */
export const editOf = (
  call: Pick<Call, 'actor' | 'request' | 'requestId'> & { readonly cluster: { readonly id: string } },
): EditContext => ({
  cluster: call.cluster.id,
  audit: auditContext(call),
  ingest: ingest(),
});

export const managesAs =
  (actor: Actor): MayManage =>
  (cluster) =>
    authorize(actor, 'migration.manage', cluster).allowed;

/** The phase of the cluster of the path as it is now, for whoever asks. */
export function phaseAnswer(call: PhaseCall, phase: Phase): Promise<PhaseDetail> {
  return readPhase(call.cluster.id, phase, () => readPhaseGate(call, call.cluster.id, phase));
}

/** What gates say of a phase, to whoever asks. */
export const readPhaseGate = (_call: PhaseCall, cluster: string, phase: Phase): Promise<PhaseGate> =>
  readStoredGate(cluster, phase);
