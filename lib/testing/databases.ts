import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbedded } from '#lib/db/embedded.ts';
import { postgresPrograms, startPostgres } from './postgres.ts';

export interface OpenedDatabase {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** A kind of database that the console runs on; opened without any table. */
export interface DatabaseKind {
  readonly name: string;
  readonly open: () => Promise<OpenedDatabase>;
}

const EMBEDDED: DatabaseKind = {
  name: 'the embedded database',
  async open() {
    const dir = mkdtempSync(join(tmpdir(), 'cw-'));
    const database = await openEmbedded(dir);
    return {
      url: database.url,
      close: async () => {
        await database.close();
        rmSync(dir, { recursive: true, force: true });
      },
    };
  },
};
const POSTGRES: DatabaseKind = { name: 'a real PostgreSQL', open: () => startPostgres() };

/** A real PostgreSQL, where there is one. */
export const realPostgres = (): DatabaseKind[] => (postgresPrograms() ? [POSTGRES] : []);

/** Every kind of database that there is here: for `describe.each`. */
export const databaseKinds = (): DatabaseKind[] => [EMBEDDED, ...realPostgres()];
