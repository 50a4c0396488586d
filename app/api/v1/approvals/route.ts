import { rightsOf } from '#lib/auth/cluster-rights.ts';
import { gateCaller } from '#lib/http/gate-call.ts';
import { handle } from '#lib/http/handle.ts';
import { readInbox } from '#lib/usecases/gates/inbox.ts';

export const GET = handle('GET /api/v1/approvals', ({ actor }) =>
  readInbox({
    subject: actor.subject,
    sessionId: actor.sessionId,
    // Rights go by the environment that a cluster has, not by the one it stands for in a migration.
    on({ id, ownEnvironment: environment }) {
      const cluster = { id, environment };
      return rightsOf(actor).read(cluster) ? gateCaller(actor, cluster) : undefined;
    },
  }),
);
