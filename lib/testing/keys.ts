import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { openSigningKeys, type SigningKeys, type SigningKeysOptions } from '#lib/keys/signing-keys.ts';
import type { DatabaseKind } from './databases.ts';

/** Noon of a day. */
export const NOON = Date.UTC(2026, 2, 2, 12);
export const HOUR_MS = 3_600_000;

/** A database with the console's tables, and folders for keys, in which each test begins anew. */
export interface KeyBench {
  readonly db: TrafficDb;
  readonly url: string;
  /** A new empty folder. */
  folder(): string;
  /** Opens keys at a time of the test's own; they change only when they are refreshed. */
  open(options: Partial<SigningKeysOptions>): Promise<SigningKeys>;
  /** Lines that were logged. */
  readonly logged: string[];
  /** Takes away all keys and what became of them. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export async function openKeyBench(kind: DatabaseKind): Promise<KeyBench> {
  const database = await kind.open();
  await migrate(database.url, readMigrations('prisma/migrations'));
  const db = openTrafficDb(database.url, 1);
  const root = mkdtempSync(join(tmpdir(), 'cw-keys-'));
  const logged: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
  const opened: SigningKeys[] = [];
  return {
    db,
    url: database.url,
    logged,
    folder: () => mkdtempSync(join(root, 'k')),
    async open(options) {
      const keys = await openSigningKeys({ db, log, overlapMs: 24 * HOUR_MS, everyMs: 3_600_000, now: () => NOON, ...options });
      opened.push(keys);
      return keys;
    },
    reset: () =>
      db.transaction(async (tx) => {
        await tx.rows(`SET LOCAL session_replication_role = 'replica'`); // evidence is kept by triggers
        for (const table of ['key_event_entry', 'key_event', 'signing_key', 'trust_signature', 'trust_setting'])
          await tx.rows(`DELETE FROM ${table}`);
      }),
    async close() {
      for (const keys of opened) keys.close();
      await db.close();
      await database.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Writes a private key to a file, as openssl would. */
export function writeKey(path: string, mode = 0o400, type: 'ed25519' | 'ed448' | 'x25519' = 'ed25519'): string {
  const { privateKey } =
    type === 'ed25519' ? generateKeyPairSync(type) : type === 'ed448' ? generateKeyPairSync(type) : generateKeyPairSync(type);
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  chmodSync(path, mode);
  return path;
}
