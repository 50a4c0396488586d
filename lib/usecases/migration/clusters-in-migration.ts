import 'server-only';
import { readMigrations } from '#lib/db/migration/migrations.ts';

/** Ids of all clusters that belong to a migration. It says nothing of them: whoever may not see a cluster must not be told its id. */
export async function clustersInMigration(): Promise<readonly string[]> {
  return (await readMigrations()).flatMap(({ clusters }) => clusters.map(({ id }) => id));
}
