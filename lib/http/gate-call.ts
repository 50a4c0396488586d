import 'server-only';
import { type Actor, authorize, type Resource, teamsOf } from '#lib/auth/authorize.ts';
import type { GateCaller, RollbackRole } from '#lib/migration/gate/record.ts';
import { auditContext } from './audit-context.ts';
import type { Call } from './handle.ts';
import { ingest } from './ingest.ts';

/** An action that only this role has, by which `authorize` tells who has it. */
const ACTION_OF = {
  operator: 'gate.request',
  approver: 'gate.decide',
  admin: 'migration.manage',
  breakglass: 'gate.break-glass',
} as const;

/** What someone may do with the gates of a cluster. A program has no role there, whatever its token grants. */
export function gateCaller(actor: Actor, cluster: Exclude<Resource, string>): GateCaller {
  const roles = (Object.keys(ACTION_OF) as RollbackRole[]).filter(
    (role) => actor.kind === 'person' && authorize(actor, ACTION_OF[role], cluster).allowed,
  );
  return { subject: actor.subject, name: actor.name, roles: new Set(roles), teams: teamsOf(actor, cluster) };
}

/** What the use cases of gates are told of a call. */
export const gateCall = ({ actor, cluster, request, requestId, body }: GateRouteCall) => ({
  cluster: cluster.id,
  caller: gateCaller(actor, cluster),
  sessionId: actor.sessionId,
  audit: auditContext({ actor, request, requestId }),
  ingest: ingest(),
  command: { method: request.method, path: new URL(request.url).pathname, body },
});

/** A call of any route that is about one cluster. */
interface GateRouteCall extends Pick<Call<'GET /api/v1/clusters/{cluster}'>, 'actor' | 'cluster' | 'request' | 'requestId'> {
  readonly body?: unknown;
}
