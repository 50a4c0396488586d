import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { embeddedUrl, runDirectory } from '#lib/db/embedded.ts';

/** The folder that holds what a console on one machine keeps: embedded database, secrets, logs, sockets. */
export interface DataDir {
  readonly path: string;
  readonly logs: string;
  /** Signs session cookies. */
  readonly sessionSecret: string;
  /** What `web` shows to `ingest`. */
  readonly ingestToken: string;
  /** `unix:PATH` of the ingest's internal interface. */
  readonly ingestUrl: string;
  readonly embeddedUrl: string;
}

/** Opens (and on first use makes) a data directory: mode 0700, secrets made afresh with mode 0600. */
export function openDataDir(path: string): DataDir {
  const dir = resolve(path);
  const logs = join(dir, 'logs');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  return {
    path: dir,
    logs,
    sessionSecret: secret(dir, 'session-secret'),
    ingestToken: secret(dir, 'ingest-token'),
    ingestUrl: `unix:${join(runDirectory(dir), 'ingest.sock')}`,
    embeddedUrl: embeddedUrl(dir),
  };
}

function secret(dir: string, name: string): string {
  const file = join(dir, name);
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
  return readFileSync(file, 'utf8').trim();
}
