import 'server-only';
import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';

/** Prisma's own advisory lock, so that its tools and this runner wait for each other. */
const PRISMA_LOCK = 72_707_369;

const CREATE_HISTORY = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL,
  logs TEXT, rolled_back_at TIMESTAMPTZ, started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`;

/** A migration of `prisma/migrations`, with the SHA-256 of its script as Prisma records it. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

export function readMigrations(folder: string): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Applies what is missing, in the form Prisma records it, and returns the names. All in one transaction that holds a lock of its length:
 * replicas that start together wait for each other, a failing script leaves nothing behind, and it works on the one backend of the embedded
 * database. Throws `database-newer` when the database knows migrations that this version does not, or has a script with another content.
 */
export async function migrate(databaseUrl: string, migrations: readonly Migration[]): Promise<string[]> {
  const client = await connected(databaseUrl);
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [PRISMA_LOCK]);
    await client.query(CREATE_HISTORY);
    const missing = missingMigrations(migrations, await readHistory(client));
    for (const { name, sql, checksum } of missing) {
      try {
        await client.query(sql);
      } catch (error) {
        throw new CausewayError('database-unreachable', `migration ${name} failed, nothing was changed: ${messageOf(error)}`, {
          cause: error,
        });
      }
      await client.query(
        'INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), 1)',
        [randomUUID(), checksum, name],
      );
    }
    await client.query('COMMIT');
    return missing.map(({ name }) => name);
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Names of the migrations that the database lacks, without changing it. Throws as `migrate` does. */
export async function lackingMigrations(databaseUrl: string, migrations: readonly Migration[]): Promise<string[]> {
  const client = await connected(databaseUrl);
  try {
    const { rows: tables } = await client.query(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS begun`);
    const history = (tables as { begun: boolean }[])[0]?.begun ? await readHistory(client) : [];
    return missingMigrations(migrations, history).map(({ name }) => name);
  } finally {
    await client.end().catch(() => {});
  }
}

async function connected(databaseUrl: string): Promise<Client> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'causeway-migrate',
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => {}); // a connection that breaks also fails the query that runs
  try {
    await client.connect();
  } catch (error) {
    throw new CausewayError('database-unreachable', `cannot reach the database: ${messageOf(error)}`, { cause: error });
  }
  return client;
}

interface HistoryRow {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

const readHistory = async (client: Client): Promise<HistoryRow[]> =>
  (
    await client.query<HistoryRow>(
      'SELECT migration_name, checksum, finished_at IS NOT NULL AS finished FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name',
    )
  ).rows;

/** What of `migrations` is to be applied, given the rows of the history; refuses a history that does not fit. */
export function missingMigrations(migrations: readonly Migration[], history: readonly HistoryRow[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { migration_name: name, checksum, finished } of history) {
    const migration = known.get(name);
    if (!migration) {
      throw new CausewayError(
        'database-newer',
        `the database is of a newer Causeway (it has migration ${name}); start that version, or restore a backup`,
      );
    }
    if (!finished)
      throw new CausewayError('database-newer', `migration ${name} was begun by another tool and not finished; resolve it first`);
    if (migration.checksum !== checksum) {
      throw new CausewayError(
        'database-newer',
        `migration ${name} was applied with another content; the database belongs to another build of Causeway`,
      );
    }
  }
  const applied = new Set(history.map(({ migration_name: name }) => name));
  return migrations.filter(({ name }) => !applied.has(name));
}
