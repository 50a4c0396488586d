import 'server-only';
import { cache } from 'react';
import { clustersInMigration } from '#lib/usecases/migration/clusters-in-migration.ts';

/** Ids of the clusters that belong to a migration; read once for all parts of a page. Pages ask only these for their migration. */
export const migratingClusters = cache((): Promise<readonly string[]> => clustersInMigration());
