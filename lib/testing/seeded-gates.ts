import type { Phase } from '#lib/migration/model.ts';
import { hashOf, sql } from './gates.ts';

/** What `seedGates` makes has these ids. */
export const SEEDED = { request: 'seeded-request', review: 'seeded-glass', elevation: 'seeded-elevation' } as const;

/**
 * A migration with one cluster, PRD in it, whose gates ask for nothing but roles: a request that waits in phase 0, broken glass in phase 1 that waits
 * for its review, and an elevation that waits to be granted. What is there already stays: call it again after the cluster was deleted.
 */
export async function seedGates(cluster: string): Promise<void> {
  const rules = {
    PRD: { approvals: 1, teams: [], ttlMinutes: 600, soakMinutes: 0, windows: [], stepUp: false, elevation: false },
  };
  await sql(
    `INSERT INTO migration (id, name, plan_version, method, route, revised_by, created_by, created_by_name, rules)
     VALUES ('seeded', 'Seeded', '2026.2', 'mutual-auth', 'node-groups', 'demo|ada', 'demo|ada', 'Ada', $1::jsonb) ON CONFLICT DO NOTHING`,
    JSON.stringify(rules),
  );
  await sql(
    `INSERT INTO migration_cluster (cluster_id, migration_id, environment) VALUES ($1, 'seeded', 'PRD') ON CONFLICT DO NOTHING`,
    cluster,
  );
  await sql(
    `INSERT INTO phase_evidence (cluster_id, phase, hash, met, evaluated_version, evaluated_at)
     SELECT $1, phase, $2, true, 1, now() FROM generate_series(0, 4) phase ON CONFLICT DO NOTHING`,
    cluster,
    hashOf('seeded'),
  );
  if ((await sql('SELECT 1 FROM gate_request WHERE id = $1', SEEDED.request)).length > 0) return;
  await sql(REQUEST, SEEDED.request, 'seeded', cluster, 0, 'requested', 'request', hashOf('seeded'), false);
  await seedBrokenGlass({ id: SEEDED.review, migration: 'seeded', cluster, phase: 1 });
  await sql(
    `INSERT INTO gate_elevation (id, cluster_id, environment, phase, subject, name, session_id, reason, minutes, asked_at)
     VALUES ($1, $2, 'PRD', 0, 'demo|rita', 'Rita', 's', 'tonight', 60, now())`,
    SEEDED.elevation,
    cluster,
  );
}

/** Broken glass of a cluster that stands for PRD in its migration. */
async function seedBrokenGlass({
  id,
  migration,
  cluster,
  phase,
}: {
  readonly id: string;
  readonly migration: string;
  readonly cluster: string;
  readonly phase: Phase;
}): Promise<void> {
  // One statement: broken glass and its record are there together or not at all.
  await sql(
    `WITH made AS (${REQUEST} RETURNING id)
     INSERT INTO gate_glass (request_id, by_subject, by_name, reason, ticket, auth, at)
     SELECT id, 'demo|rita', 'Rita', 'nodes lose their network', 'INC-1', '{}', now() FROM made`,
    id,
    migration,
    cluster,
    phase,
    'executing',
    'break-glass',
    hashOf('seeded'),
    true,
  );
}

const REQUEST = `INSERT INTO gate_request (id, migration_id, number, cluster_id, environment, phase, state, state_since, moved_by, moved_subject, moved_name,
    evidence_hash, plan_version, plan_revision, needed, ttl_minutes, requested_by, requested_name, requested_at, expires_at, broken_glass)
  VALUES ($1, $2, 0, $3, 'PRD', $4::int, $5, now(), $6, 'demo|rita', 'Rita', $7, '2026.2', 1, 1, 600, 'demo|rita', 'Rita', now(), now(), $8::boolean)`;
