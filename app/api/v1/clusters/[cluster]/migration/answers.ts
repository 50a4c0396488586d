import type { PhaseDetail } from '#lib/api/migration.ts';
import { type Actor, authorize } from '#lib/auth/authorize.ts';
import { auditContext } from '#lib/http/audit-context.ts';
import { gateCaller } from '#lib/http/gate-call.ts';
import type { Call } from '#lib/http/handle.ts';
import { ingest } from '#lib/http/ingest.ts';
import type { Phase } from '#lib/migration/model.ts';
import { type PhaseGate, readGatePanel } from '#lib/usecases/gates/read-gate.ts';
import type { MayManage } from '#lib/usecases/migration/begin-migration.ts';
import type { EditContext } from '#lib/usecases/migration/edit.ts';
import { readPhase } from '#lib/usecases/migration/read-phase.ts';

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
  return readPhase(call.cluster.id, phase, () => readPhaseGate(call, call.cluster, phase));
}

/** What gates say of a phase of any cluster of the migration, to whoever asks. */
export const readPhaseGate = (
  { actor }: PhaseCall,
  cluster: Pick<PhaseCall['cluster'], 'id' | 'environment'>,
  phase: Phase,
): Promise<PhaseGate> =>
  readGatePanel({ cluster: cluster.id, caller: gateCaller(actor, cluster), sessionId: actor.sessionId }, phase);
