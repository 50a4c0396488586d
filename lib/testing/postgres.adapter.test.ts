import { Client } from 'pg';
import { expect, test } from 'vitest';
import { postgresPrograms, startPostgres } from './postgres.ts';

test.skipIf(!postgresPrograms())('a throwaway PostgreSQL keeps its rows over a restart', async () => {
  const server = await startPostgres();
  try {
    const before = new Client({ connectionString: server.url });
    await before.connect();
    await before.query('CREATE TABLE kept AS SELECT 1 AS n');
    await before.end();
    await server.restart();
    const after = new Client({ connectionString: server.url });
    await after.connect();
    expect((await after.query('SELECT n FROM kept')).rows).toEqual([{ n: 1 }]);
    await after.end();
  } finally {
    await server.close();
  }
});
