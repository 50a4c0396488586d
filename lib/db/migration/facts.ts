import 'server-only';
import type { CommandValues } from '#lib/migration/plan/commands.ts';
import { withDatabase } from '../client.ts';
import type { Prisma } from '../generated/client.ts';

/** Values of a cluster for the commands of the plan, by the name of their placeholder. */
export const readFacts = (cluster: string): Promise<CommandValues> =>
  withDatabase(async (db) => {
    const row = await db.migrationCluster.findUnique({ where: { clusterId: cluster }, select: { facts: true } });
    const entries = Object.entries(row?.facts ?? {});
    return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  });

export async function writeFacts(tx: Prisma.TransactionClient, cluster: string, facts: CommandValues): Promise<void> {
  const json = JSON.stringify(Object.fromEntries(facts));
  await tx.$executeRaw`UPDATE "migration_cluster" SET "facts" = ${json}::jsonb WHERE "cluster_id" = ${cluster} AND "facts" <> ${json}::jsonb`;
}
