import 'server-only';
import { Pool, type PoolClient } from 'pg';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';

/** One statement: text with `$1`, values. Never a named one: the embedded database is a single backend. */
export interface Statements {
  rows<T extends object>(text: string, values?: readonly unknown[]): Promise<T[]>;
}

/** The traffic tables' connection: plain SQL, a few connections, failures as `database-unreachable`. */
export interface TrafficDb extends Statements {
  /** Everything `work` does commits, or nothing. Keep it short: on the embedded database everybody else waits. */
  transaction<T>(work: (tx: Statements) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function openTrafficDb(databaseUrl: string, connections = 2): TrafficDb {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: connections,
    application_name: 'causeway-ingest',
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 60_000,
  });
  pool.on('error', () => {}); // an idle connection that breaks is replaced at the next query
  // One that breaks while it is in use says so twice: to whoever waits for its answer, and as an event that nobody else hears and that would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    rows: (text, values) => translated(async () => (await pool.query(text, [...(values ?? [])])).rows),
    transaction: (work) => translated(() => inTransaction(pool, work)),
    close: () => pool.end(),
  };
}

async function inTransaction<T>(pool: Pool, work: (tx: Statements) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(statementsOf(client));
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error(messageOf(failure));
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

const statementsOf = (client: PoolClient): Statements => ({
  rows: async (text, values) => (await client.query(text, [...(values ?? [])])).rows,
});

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CausewayError || !isConnectionFailure(error)) throw error;
    throw new CausewayError('database-unreachable', `the database cannot be reached: ${messageOf(error)}`, { cause: error });
  }
}

/** SQLSTATE class 08 (connection), 57 (shutting down, starting), 53 (no connections left), and what the client says of the socket. */
function isConnectionFailure(error: unknown): boolean {
  const code = error instanceof Object && 'code' in error ? String(error.code) : '';
  return (
    /^(08...|57P..|53300|E[A-Z]+)$/.test(code) ||
    /connection (terminated|timeout|refused|closed)|timeout exceeded when trying to connect/i.test(messageOf(error))
  );
}
