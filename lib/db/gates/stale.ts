import 'server-only';
import type { Phase } from '#lib/migration/model.ts';
import { DECIDING_STATES } from '#lib/migration/gate/edges.ts';
import type { Prisma } from '../generated/client.ts';
import { readGateFiles } from './records.ts';
import { CONSOLE, CONSOLE_AUDIT, tellMove } from './tell.ts';
import { moveRequest } from './write.ts';

/**
 * Voids the open requests of a phase that rest on other evidence than `hash`, in the transaction that writes the evidence: they become `stale`,
 * their approvals are void. Call it after the row of `phase_evidence` is written or locked: whoever decides holds that row first.
 */
export async function voidRequests(
  tx: Prisma.TransactionClient,
  {
    cluster,
    phase,
    hash,
    reason,
  }: { readonly cluster: string; readonly phase: Phase; readonly hash: string; readonly reason: string },
): Promise<void> {
  const open = [...DECIDING_STATES];
  await tx.$queryRaw`SELECT 1 FROM "gate_request" WHERE "cluster_id" = ${cluster} AND "phase" = ${phase} AND "state" = ANY (${open}) FOR UPDATE`;
  const files = await readGateFiles(tx, {
    clusterId: cluster,
    phase,
    state: { in: open },
    evidenceHash: { not: hash },
  });
  for (const file of files) {
    const move = { to: 'stale', by: 'go-stale', reason } as const;
    await moveRequest(tx, file, move, CONSOLE);
    await tellMove(tx, file, file.state, move, { person: CONSOLE, audit: CONSOLE_AUDIT });
  }
}
