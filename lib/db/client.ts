import 'server-only';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { config } from '#lib/config/config.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { PrismaClient } from './generated/client.ts';
import type { Statements } from './traffic/connection.ts';

/** A client of its own for `url`; whoever makes one disconnects it. `pool` is the most connections it opens. */
export function openDatabase(url: string, pool: number): PrismaClient {
  const connections = new Pool({
    connectionString: url,
    max: pool,
    application_name: 'causeway-web',
    connectionTimeoutMillis: 5000,
  });
  connections.on('error', () => {}); // an idle connection that breaks is replaced at the next query
  // No statement names: the embedded database is one backend, where the names of two connections would meet.
  return new PrismaClient({
    adapter: new PrismaPg(connections, { disposeExternalPool: true }),
    // Just after a start the embedded database takes in minutes of flows: whoever signs in then waits in line, and is not refused after two seconds.
    transactionOptions: { maxWait: 10_000, timeout: 15_000 },
  });
}

// One client for all copies of this module that a development server makes.
const holder = globalThis as { causewayDatabase?: PrismaClient };

/** Runs `work` with the client of this process. What Prisma throws becomes `database-unreachable` or `conflict`; the rest is passed on. */
export async function withDatabase<T>(work: (db: PrismaClient) => Promise<T>): Promise<T> {
  holder.causewayDatabase ??= openDatabase(config().databaseUrl, config().databasePool);
  try {
    return await work(holder.causewayDatabase);
  } catch (error) {
    throw translated(error);
  }
}

/** As `withDatabase`, for what reads with plain SQL: the same statements serve ingest's connections. */
export const withStatements = <T>(work: (db: Statements) => Promise<T>): Promise<T> =>
  withDatabase((db) => work({ rows: (text, values = []) => db.$queryRawUnsafe(text, ...values) }));

/** Resolves when the database answers. */
export const pingDatabase = (): Promise<unknown> => withDatabase((db) => db.$queryRaw`SELECT 1`);

/** Ends the client of this process, so that a command can end; the next use makes a new one. */
export async function closeDatabase(): Promise<void> {
  const db = holder.causewayDatabase;
  delete holder.causewayDatabase;
  await db?.$disconnect();
}

/** Prisma: P1xxx cannot be reached, P2024 and P2028 no connection in time, P2002 unique constraint. pg: ECONNREFUSED and the like, class 57 shutting down. */
function translated(error: unknown): unknown {
  if (error instanceof CausewayError) return error;
  const text = `${codeOf(error)} ${codeOf(causeOf(error))} ${messageOf(error)}`;
  if (/\bP2002\b/.test(text)) return new CausewayError('conflict', 'there is one with this name already', { cause: error });
  if (
    /\b(P1\d{3}|P2024|P2028|ECONNREFUSED|ECONNRESET|ENOENT|ENOTFOUND|ETIMEDOUT|57P0\d)\b|onnection (terminated|timeout|closed)|not reachable|an't reach database|timeout exceeded/i.test(
      text,
    )
  ) {
    return new CausewayError('database-unreachable', 'the database cannot be reached', { cause: error });
  }
  return error;
}

const codeOf = (error: unknown): string => (error instanceof Object && 'code' in error ? String(error.code) : '');
const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined);
