import 'server-only';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { answers, hasRoomForSockets, ownSocket } from '#lib/bus/own-socket.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { wireServer } from './wire.ts';

/**
 * The embedded database: PGlite in a process of its own, reached like any Postgres by a Unix socket. One process owns a data directory:
 * a second owner of a PGlite directory would silently lose what the first had acknowledged (docs/adr/0003).
 */
export interface EmbeddedDatabase {
  /** `postgresql://...?host=DIR`, for `pg` and Prisma. */
  readonly url: string;
  close(): Promise<void>;
}

/** The folder of the sockets that belong to a data directory: inside it, or a private folder of the system's temporary one where the path is too long. */
export function runDirectory(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const inside = join(realpathSync(dataDir), 'run');
  const dir = hasRoomForSockets(inside)
    ? inside
    : join(tmpdir(), `causeway-${createHash('sha256').update(inside).digest('hex').slice(0, 16)}`);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const { uid } = userInfo();
  if (lstatSync(dir).isSymbolicLink() || (uid >= 0 && lstatSync(dir).uid !== uid)) {
    throw new CausewayError('database-locked', `${dir} belongs to someone else; pass another --data directory`);
  }
  chmodSync(dir, 0o700);
  return dir;
}

/** Address of the embedded database of a data directory, whether it runs or not. */
export function embeddedUrl(dataDir: string): string {
  return `postgresql://causeway@localhost/causeway?host=${encodeURIComponent(runDirectory(dataDir))}`;
}

/** Whether a console owns the data directory's database now. */
export function embeddedIsRunning(dataDir: string): Promise<boolean> {
  return answers(join(runDirectory(dataDir), SOCKET));
}

/** Opens (and on first start creates) the database in `dataDir` and serves it. Throws `database-locked` when another process has it. */
export async function openEmbedded(dataDir: string): Promise<EmbeddedDatabase> {
  const run = runDirectory(dataDir);
  const { server, path, waiting } = await ownSocket(run, SOCKET, inUse(run));
  try {
    const db = await openDirectory(join(dataDir, 'postgres'));
    const wire = wireServer(db);
    const serve = (socket: Socket) => wire.accept(socket.resume());
    server.removeAllListeners('connection').on('connection', serve);
    for (const socket of waiting.splice(0)) serve(socket);
    return {
      url: embeddedUrl(dataDir),
      async close() {
        server.close();
        await wire.close();
        await db.close();
        rmSync(path, { force: true });
      },
    };
  } catch (error) {
    server.close();
    rmSync(path, { force: true });
    throw error;
  }
}

/** `pg` looks for this name below the `host` directory. */
const SOCKET = '.s.PGSQL.5432';

/** A first start makes the cluster beside its place and moves it there when whole, so that a kill in between leaves nothing half-made. */
async function openDirectory(dir: string): Promise<PGlite> {
  if (existsSync(dir)) return PGlite.create({ dataDir: dir });
  const making = `${dir}.making`;
  rmSync(making, { recursive: true, force: true });
  const made = await PGlite.create({ dataDir: making });
  await made.close();
  renameSync(making, dir);
  return PGlite.create({ dataDir: dir });
}

const inUse = (run: string) =>
  new CausewayError(
    'database-locked',
    `another Causeway uses this data directory (${run}); stop it, or pass another --data directory`,
  );
