import 'server-only';
import type { AuditContext } from '#lib/audit-log/event.ts';
import type { IngestClient } from '#lib/bus/ingest-client.ts';
import type { Asker } from '#lib/db/gates/facts.ts';
import type { WaitingCommand } from '#lib/db/platform/step-ups.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Refusal } from '#lib/migration/gate/command.ts';
import type { GateCaller, GatePerson, GateRecord } from '#lib/migration/gate/record.ts';

/** Who asks something of the gates of a cluster, and how. */
export interface GateCall {
  /** Of the path. */
  readonly cluster: string;
  /** With the roles they have for this cluster; a program has none. */
  readonly caller: GateCaller;
  readonly sessionId: string | undefined;
  readonly audit: AuditContext;
  readonly ingest: IngestClient;
  /** The request as it came, for a step-up to repeat it. */
  readonly command: WaitingCommand;
}

export const personOf = ({ caller: { subject, name } }: Pick<GateCall, 'caller'>): GatePerson => ({ subject, name });
export const askerOf = ({ caller: { subject }, sessionId }: Pick<GateCall, 'caller' | 'sessionId'>): Asker => ({
  subject,
  sessionId,
});

/** What a transaction ends with where it changed nothing of what was asked: what it settled on the way is kept. */
export interface Refused {
  readonly refusal: Refusal;
  /** As it is now. */
  readonly record: Pick<GateRecord, 'id' | 'state' | 'version'> | undefined;
}

/** The error of a refusal; `place` says how the request stands now. */
export function refusedError({ refusal, record }: Refused): CausewayError {
  const { code, reason } = refusal;
  return new CausewayError(
    code,
    reason,
    record ? { place: { request: record.id, state: record.state, version: record.version } } : {},
  );
}

/** Path of the page of a phase. */
export const pageOf = (cluster: string, phase: number, environment: string): string =>
  `/c/${cluster}/migration?phase=${phase}&env=${environment}`;

export const noRequest = () => new CausewayError('not-found', 'there is no such gate request in this cluster');
