import 'server-only';
import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { CausewayError } from '#lib/errors/errors.ts';

/** Longest path of a socket on Linux; macOS takes 104. */
const MOST_PATH = 103;

/**
 * Holds a folder for this process: a second one that opens it is refused. A socket does it, which the kernel lets go of however the process ends.
 * Gives what lets go of it.
 */
export async function holdFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'witness.sock');
  if (Buffer.byteLength(path) > MOST_PATH)
    throw new CausewayError('not-configured', `the path of ${folder} is too long: a socket in it has at most ${MOST_PATH} bytes`);
  let server = await listenOn(path);
  if (!server && !(await answers(path))) {
    rmSync(path, { force: true }); // of a process that was killed
    server = await listenOn(path);
  }
  if (!server) throw new CausewayError('not-configured', `another witness runs in ${folder}`);
  const held = server;
  held.unref();
  return () => new Promise((resolve) => held.close(() => resolve()));
}

/** Undefined when something is there already. */
function listenOn(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(path, () => resolve(server));
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
