import 'server-only';
import { randomBytes } from 'node:crypto';
import { linkSync, lstatSync, mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

/** Bytes of a socket's path: Linux allows 107, macOS 103. */
export const LONGEST_SOCKET_PATH = 100;

/** Whether the path of the folder leaves room for the sockets that `ownSocket` makes in it. */
export const hasRoomForSockets = (folder: string): boolean =>
  Buffer.byteLength(join(folder, 'owner-00000000.sock')) <= LONGEST_SOCKET_PATH;

/** A socket that this process owns: `waiting` are those who connected so far, paused. */
export interface OwnedSocket {
  readonly server: Server;
  readonly path: string;
  readonly waiting: Socket[];
}

/**
 * Becomes the one owner of the socket `name` in a folder, and with it of the folder, by listening on a socket of our own and linking it to that name:
 * linking is atomic and fails while the name exists. A name left by a killed owner is removed by one starter at a time (`takeover`, a folder, is the
 * mutex), after another look at it. Throws `inUse` when another process owns it.
 */
export async function ownSocket(folder: string, name: string, inUse: Error): Promise<OwnedSocket> {
  const known = join(folder, name);
  const mine = join(folder, `owner-${randomBytes(4).toString('hex')}.sock`);
  // Until whoever owns it is ready, a client waits instead of being refused.
  const waiting: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    waiting.push(socket);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(mine, resolve));
  try {
    for (const deadline = Date.now() + TAKEOVER_MS * 3; Date.now() < deadline;) {
      if (succeeds(() => linkSync(mine, known), 'EEXIST')) return { server, path: known, waiting };
      if (await answers(known)) throw inUse;
      await removeStale(known, join(folder, 'takeover'));
    }
    throw inUse;
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

/** Whether somebody listens there. */
export function answers(path: string): Promise<boolean> {
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
