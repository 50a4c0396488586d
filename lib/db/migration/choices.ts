import 'server-only';
import { METHODS, type PlanChoices, ROUTES } from '#lib/migration/model.ts';
import type { Statements } from '../traffic/connection.ts';

/** What the migration of a cluster chose; the first of each for a cluster without one. */
export async function choicesOf(db: Statements, cluster: string): Promise<PlanChoices> {
  const [row] = await db.rows<{ readonly method: string; readonly route: string }>(
    'SELECT method, route FROM migration m JOIN migration_cluster c ON c.migration_id = m.id WHERE c.cluster_id = $1',
    [cluster],
  );
  return {
    method: METHODS.find((method) => method === row?.method) ?? METHODS[0],
    route: ROUTES.find((route) => route === row?.route) ?? ROUTES[0],
  };
}

/** Whether a cluster is played by the demo. */
export async function isDemo(db: Statements, cluster: string): Promise<boolean> {
  const [row] = await db.rows<{ readonly demo: boolean }>('SELECT demo FROM cluster WHERE id = $1', [cluster]);
  return row?.demo ?? false;
}
