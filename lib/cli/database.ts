import { join } from 'node:path';
import { embeddedIsRunning, openEmbedded } from '#lib/db/embedded.ts';
import { lackingMigrations, migrate, readMigrations } from '#lib/db/migrate.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { openDataDir } from './data-dir.ts';
import { runPart } from './supervise.ts';

/** Options that say which database is meant: a real one by its URL, else the embedded one of a data directory. */
export interface DatabaseOptions {
  readonly data: string;
  readonly databaseUrl?: string;
}

/** The embedded database as a part of `up`: owns the directory, brings the schema up to date, serves until told to stop. */
export function serveDatabase({ data }: { readonly data: string }, root: string): Promise<void> {
  return runPart(async () => {
    const database = await openEmbedded(openDataDir(data).path);
    try {
      await migrate(database.url, migrationsOf(root));
    } catch (error) {
      await database.close();
      throw error;
    }
    return { said: { url: database.url }, close: () => database.close() };
  });
}

/** `causeway db migrate`. */
export async function migrateDatabase(options: DatabaseOptions, root: string, say: (line: string) => void): Promise<void> {
  const applied = await withDatabase(options, (url) => migrate(url, migrationsOf(root)));
  say(applied.length > 0 ? `applied ${applied.join(', ')}` : 'the database is up to date');
  process.send?.({ ready: {} });
  process.disconnect?.();
}

const migrationsOf = (root: string) => readMigrations(join(root, 'prisma/migrations'));

/** As `withDatabase`, with the tables there: an embedded database is brought up to date, a real one must be. */
export function withTables<T>(options: DatabaseOptions, root: string, work: (url: string) => Promise<T>): Promise<T> {
  return withDatabase(options, async (url) => {
    if (options.databaseUrl) await checkTables(url, root);
    else await migrate(url, migrationsOf(root));
    return work(url);
  });
}

/** Throws `not-configured` when the database lacks a migration, `database-newer` when it has more than this version knows. */
export async function checkTables(url: string, root: string): Promise<void> {
  const lacking = await lackingMigrations(url, migrationsOf(root));
  if (lacking.length > 0)
    throw new CausewayError('not-configured', `the database lacks ${lacking.join(', ')}; run causeway db migrate`);
}

/** Runs `work` with the database's address: the given one, the running console's, or the embedded one opened for this long. */
async function withDatabase<T>({ data, databaseUrl }: DatabaseOptions, work: (url: string) => Promise<T>): Promise<T> {
  if (databaseUrl) return work(databaseUrl);
  const dir = openDataDir(data);
  if (await embeddedIsRunning(dir.path)) return work(dir.embeddedUrl);
  const database = await openEmbedded(dir.path);
  try {
    return await work(database.url);
  } finally {
    await database.close();
  }
}
