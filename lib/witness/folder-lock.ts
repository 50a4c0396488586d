import 'server-only';
import { rmSync } from 'node:fs';
import { hasRoomForSockets, LONGEST_SOCKET_PATH, ownSocket } from '#lib/bus/own-socket.ts';
import { CausewayError } from '#lib/errors/errors.ts';

/**
 * Holds a folder for this process: a second one that opens it is refused, since two witnesses of one memory could sign two histories. A socket does it,
 * which the kernel lets go of however the process ends. Gives what lets go of it.
 */
export async function holdFolder(folder: string): Promise<() => Promise<void>> {
  if (!hasRoomForSockets(folder))
    throw new CausewayError(
      'not-configured',
      `the path of ${folder} is too long: with a socket in it, it may have ${LONGEST_SOCKET_PATH} bytes`,
    );
  const inUse = new CausewayError('not-configured', `another witness runs in ${folder}`);
  const { server, path, waiting } = await ownSocket(folder, 'witness.sock', inUse);
  // Nobody has anything to say here: whoever connects only looks whether somebody is there.
  server.removeAllListeners('connection').on('connection', (socket) => socket.destroy());
  for (const socket of waiting) socket.destroy();
  server.unref();
  return () =>
    new Promise((resolve) =>
      server.close(() => {
        rmSync(path, { force: true });
        resolve();
      }),
    );
}
