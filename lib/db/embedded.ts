import 'server-only';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, lstatSync, mkdirSync, realpathSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
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

/** Linux allows 107 characters in a socket's path. */
const LONGEST_SOCKET_PATH = 100;

/** The folder of the sockets that belong to a data directory: inside it, or a private folder of the system's temporary one where the path is too long. */
export function runDirectory(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const inside = join(realpathSync(dataDir), 'run');
  const dir =
    join(inside, 'owner-00000000.sock').length <= LONGEST_SOCKET_PATH
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
  const { server, path, waiting } = await own(run);
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

/**
 * Becomes the owner by listening on a socket of our own and linking it to the well-known name: linking is atomic and fails while the name exists, so
 * there is one owner. A name left by a killed owner is removed by one starter at a time (`takeover`, a folder, is the mutex), after another look at it.
 */
async function own(run: string): Promise<{ server: Server; path: string; waiting: Socket[] }> {
  const known = join(run, SOCKET);
  const mine = join(run, `owner-${randomBytes(4).toString('hex')}.sock`);
  // Until the database is open, a client waits instead of being refused.
  const waiting: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    waiting.push(socket);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(mine, resolve));
  try {
    for (const deadline = Date.now() + TAKEOVER_MS * 3; Date.now() < deadline;) {
      if (succeeds(() => linkSync(mine, known), 'EEXIST')) return { server, path: known, waiting };
      if (await answers(known)) throw inUse(run);
      await removeStale(known, join(run, 'takeover'));
    }
    throw inUse(run);
  } catch (error) {
    server.close();
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** How long a takeover may take before its mutex counts as left behind. Milliseconds. */
const TAKEOVER_MS = 5000;

async function removeStale(known: string, mutex: string): Promise<void> {
  if (!succeeds(() => mkdirSync(mutex), 'EEXIST')) {
    if (ageOf(mutex) > TAKEOVER_MS) succeeds(() => rmdirSync(mutex), 'ENOENT');
    await new Promise((resolve) => setTimeout(resolve, 20));
    return;
  }
  try {
    // While the name exists nobody can become the owner by it, so what is found dead here stays dead.
    if (!(await answers(known))) rmSync(known, { force: true });
  } finally {
    succeeds(() => rmdirSync(mutex), 'ENOENT');
  }
}

/** Whether `work` did it; false where it failed with `code`, which is expected. */
function succeeds(work: () => void, code: string): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return false;
    throw error;
  }
}

function ageOf(path: string): number {
  try {
    return Date.now() - lstatSync(path).mtimeMs;
  } catch {
    return 0; // gone in the meantime
  }
}

const inUse = (run: string) =>
  new CausewayError(
    'database-locked',
    `another Causeway uses this data directory (${run}); stop it, or pass another --data directory`,
  );

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Only these say that nobody listens; a busy owner's full queue is another error.
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}
