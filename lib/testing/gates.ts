import { createHash, randomUUID } from 'node:crypto';
import type { Environment } from '#lib/api/common.ts';
import type { GateRules } from '#lib/api/migration.ts';
import type { IngestClient } from '#lib/bus/ingest-client.ts';
import { closeDatabase, openDatabase, withDatabase } from '#lib/db/client.ts';
import { voidRequests } from '#lib/db/gates/stale.ts';
import { insertMigration, joinCluster } from '#lib/db/migration/migrations.ts';
import { inTransaction } from '#lib/db/migration/transaction.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { DEFAULT_RULES } from '#lib/migration/gate/rules.ts';
import type { RollbackRole } from '#lib/migration/gate/record.ts';
import type { CheckResult } from '#lib/migration/check.ts';
import type { Phase } from '#lib/migration/model.ts';
import { LATEST_PLAN } from '#lib/migration/plan/plan.ts';
import type { GateCall } from '#lib/usecases/gates/call.ts';
import type { DatabaseKind, OpenedDatabase } from './databases.ts';

/** Opens it for this process: set before the first use, so that the configuration is not asked. */
export async function openGateBackend(kind: DatabaseKind): Promise<OpenedDatabase> {
  const database = await kind.open();
  await migrate(database.url, readMigrations('prisma/migrations'));
  (globalThis as { causewayDatabase?: ReturnType<typeof openDatabase> }).causewayDatabase = openDatabase(database.url, 8);
  return {
    url: database.url,
    close: async () => {
      await closeDatabase();
      await database.close();
    },
  };
}

/** Runs plain SQL as somebody would by hand. */
export const sql = <T = Record<string, unknown>>(text: string, ...values: unknown[]): Promise<T[]> =>
  withDatabase((db) => db.$queryRawUnsafe<T[]>(text, ...values));

/** A migration of its own with a cluster for each environment named: their ids are `NAME-dev` and so on. */
export async function seedMigration(
  name: string,
  {
    environments = ['DEV', 'TST', 'PRD'],
    rules = {},
  }: { environments?: readonly Environment[]; rules?: Partial<Record<Environment, Partial<GateRules>>> } = {},
): Promise<{ readonly id: string; readonly cluster: (environment: Environment) => string }> {
  const id = `m-${name}`;
  const cluster = (environment: Environment) => `${name}-${environment.toLowerCase()}`;
  for (const environment of environments)
    await sql(
      'INSERT INTO cluster (id, name, environment) VALUES ($1, $2, $3)',
      cluster(environment),
      cluster(environment),
      environment,
    );
  await inTransaction(async (tx) => {
    const by = { subject: 'demo|ada', name: 'Ada' };
    await insertMigration(tx, {
      id,
      name,
      planVersion: LATEST_PLAN.version,
      choices: { method: 'mutual-auth', route: 'node-groups' },
      by,
    });
    for (const environment of environments) await joinCluster(tx, id, cluster(environment), environment);
  });
  const whole = Object.fromEntries(
    Object.entries(rules).map(([key, rule]) => [key, { ...DEFAULT_RULES[key as Environment], ...rule }]),
  );
  await sql('UPDATE migration SET rules = $2::jsonb WHERE id = $1', id, JSON.stringify(whole));
  return { id, cluster };
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Makes the table of `logEvidence`. */
export const createEvidenceLog = () => sql('CREATE TABLE evidence_log (cluster text, phase int, hash text, at timestamptz)');

/** As `writeEvidence`, and notes when, while nobody can decide on it. */
export const logEvidence = (cluster: string, phase: Phase, text: string): Promise<string> =>
  writeEvidence(cluster, phase, text, { log: true });

/** Writes the evidence of a phase as an evaluation does: locked, written, and requests on other evidence voided, in one transaction. */
export const writeEvidence = (
  cluster: string,
  phase: Phase,
  text: string,
  {
    met = true,
    contributors = [],
    current = true,
    log = false,
  }: { met?: boolean; contributors?: readonly string[]; current?: boolean; log?: boolean } = {},
): Promise<string> =>
  inTransaction(async (tx) => {
    const hash = hashOf(text);
    const check: CheckResult = {
      check: `${phase}.rollback`,
      status: met ? 'pass' : 'fail',
      value: met ? 'yes' : 'no',
      needs: 'yes',
      reason: 'It was written for a test.',
      missing: [],
      figures: {},
      objects: [],
    };
    const results = JSON.stringify([check]);
    await tx.$executeRaw`UPDATE phase_evidence SET hash = ${hash}, met = ${met}, results = ${results}::jsonb, contributors = ${[...contributors]},
      evaluated_at = now(), evaluated_version = inputs_version - ${current ? 0 : 1} WHERE cluster_id = ${cluster} AND phase = ${phase}`;
    if (log) await tx.$executeRaw`INSERT INTO evidence_log VALUES (${cluster}, ${phase}, ${hash}, gate_now())`;
    await voidRequests(tx, { cluster, phase, hash, reason: 'the evidence changed' });
    return hash;
  });

/** Stands in for ingest: what it does when it is asked to read evidence. */
export function anIngest(read: (path: string, search: string) => Promise<void> = () => Promise.resolve()): IngestClient {
  return {
    async ask(path, search = '') {
      await read(path, search);
      return { status: 204, headers: {}, body: Buffer.from('') };
    },
    open: () => Promise.reject(new Error('not used')),
    close() {},
  };
}

/** Someone with roles in a cluster, signed in. */
export function aCall(
  cluster: string,
  name: string,
  roles: readonly RollbackRole[],
  {
    teams = [],
    sessionId = `session of ${name}`,
    ingest = anIngest(),
  }: { teams?: readonly string[]; sessionId?: string; ingest?: IngestClient } = {},
): GateCall {
  const subject = `demo|${name}`;
  return {
    cluster,
    caller: { subject, name, roles: new Set(roles), teams },
    sessionId,
    audit: { actor: { kind: 'person', subject, name, sessionId } },
    ingest,
    command: { method: 'POST', path: `/${cluster}/${name}`, body: {} },
  };
}

/** What an attempt ends with: the answer, or the code and sentence of the problem. */
export async function outcomeOf<T>(
  work: Promise<T>,
): Promise<T | { readonly code: string; readonly message: string; readonly place: object }> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof CausewayError) return { code: error.code, message: error.message, place: error.place ?? {} };
    throw error;
  }
}

/** Gives a command that needs a fresh sign-in: is asked for it, signs in (as the database sees it), and gives it again. */
export async function withStepUp<T>(attempt: (stepUp?: string) => Promise<T>): Promise<T> {
  const asked = await outcomeOf(attempt());
  if (!(asked instanceof Object && 'code' in asked && asked.code === 'step-up-required'))
    throw new Error('no step-up was asked for');
  const { stepUp } = asked.place as { stepUp: string };
  await sql(
    `UPDATE step_up SET verified_at = clock_timestamp(), auth = '{"amr": ["otp"], "acr": "gold", "weakness": ""}'::jsonb WHERE id = $1 RETURNING id`,
    stepUp,
  );
  return attempt(stepUp);
}

export const fresh = (prefix: string): string => `${prefix}${randomUUID().slice(0, 8)}`;
