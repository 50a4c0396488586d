import 'server-only';
import { type Environment, Environment as EnvironmentSchema } from '#lib/api/common.ts';
import { type ClusterInput, ObjectsTarget, RelayTarget } from '#lib/api/clusters.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { appendAudit } from '../audit-log/append.ts';
import { withDatabase } from '../client.ts';
import { type Cluster as Row, Prisma } from '../generated/client.ts';

/** A row of table `cluster`. `version` counts its changes. */
export interface ClusterRow {
  readonly id: string;
  readonly name: string;
  readonly environment: Environment;
  readonly demo: boolean;
  readonly relay: RelayTarget | undefined;
  readonly objects: ObjectsTarget | undefined;
  readonly version: number;
}

/** All clusters, by name. */
export const readClusters = (): Promise<ClusterRow[]> =>
  withDatabase(async (db) => (await db.cluster.findMany({ orderBy: [{ name: 'asc' }, { id: 'asc' }] })).map(clusterOf));

export const readCluster = (id: string): Promise<ClusterRow | undefined> =>
  withDatabase(async (db) => {
    const row = await db.cluster.findUnique({ where: { id } });
    return row ? clusterOf(row) : undefined;
  });

/** Throws `conflict` when the id is taken. */
export const insertCluster = (input: ClusterInput, context: AuditContext): Promise<ClusterRow> =>
  withDatabase((db) =>
    db.$transaction(async (tx) => {
      if (await tx.cluster.findUnique({ where: { id: input.id }, select: { id: true } })) {
        throw new CausewayError('conflict', `there is a cluster ${input.id} already`);
      }
      const row = clusterOf(await tx.cluster.create({ data: stored(input) }));
      await appendAudit(tx, { ...eventOf(row), ...context, action: 'cluster.create' });
      return row;
    }),
  );

/** Changes the cluster if it still has `version`; undefined when it has another one, or is gone. A demo cluster stays one. */
export const updateCluster = (
  id: string,
  version: number,
  input: Omit<ClusterInput, 'id'>,
  context: AuditContext,
): Promise<ClusterRow | undefined> =>
  withDatabase((db) =>
    db.$transaction(async (tx) => {
      const [changed] = await tx.cluster.updateManyAndReturn({
        where: { id, version },
        data: {
          ...stored({ name: input.name, environment: input.environment, relay: input.relay, objects: input.objects }),
          version: { increment: 1 },
          updatedAt: new Date(),
        },
      });
      if (!changed) return undefined;
      const row = clusterOf(changed);
      await appendAudit(tx, { ...eventOf(row), ...context, action: 'cluster.change' });
      return row;
    }),
  );

/** Creates the cluster, or points the existing one elsewhere: what starting the console with a relay means. */
export const putCluster = (input: ClusterInput & { readonly demo: boolean }): Promise<ClusterRow> =>
  withDatabase(async (db) => {
    const { id, ...data } = input;
    return clusterOf(
      await db.cluster.upsert({
        where: { id },
        create: stored(input),
        update: { ...stored(data), version: { increment: 1 }, updatedAt: new Date() },
      }),
    );
  });

/** Whether there was one to delete. */
export const deleteClusterRow = (id: string, context: AuditContext): Promise<boolean> =>
  withDatabase((db) =>
    db.$transaction(async (tx) => {
      const { count } = await tx.cluster.deleteMany({ where: { id } });
      if (count === 0) return false;
      const object = { type: 'cluster', id };
      await appendAudit(tx, { ...context, action: 'cluster.delete', object, cluster: id, outcome: 'ok' });
      return true;
    }),
  );

/** What of a cluster is written down: where its relay is, never what it is reached with. */
const eventOf = ({ id, name, environment, relay }: ClusterRow) => ({
  object: { type: 'cluster', id },
  cluster: id,
  outcome: 'ok' as const,
  details: { name, environment, ...(relay && { relay: relay.address }) },
});

/** Relay, and where objects are read, as Prisma takes them; absent objects leave the column as it is. */
const stored = <T extends Pick<ClusterInput, 'objects' | 'relay'>>({ objects, relay, ...rest }: T) => ({
  ...rest,
  relay: relay ?? Prisma.DbNull,
  ...(objects !== undefined && { objects: objects ?? Prisma.DbNull }),
});

function clusterOf({ id, name, environment, demo, relay, objects, version }: Row): ClusterRow {
  return {
    id,
    name,
    environment: EnvironmentSchema.parse(environment),
    demo,
    relay: RelayTarget.safeParse(relay).data,
    objects: ObjectsTarget.safeParse(objects).data,
    version,
  };
}
