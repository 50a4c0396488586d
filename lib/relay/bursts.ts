import 'server-only';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

const BURST_MS = 20;
/** What one read brings at most: a smaller one has emptied the socket. */
const FULL_READ = 65_536;
const MOST_BYTES = 1024 * 1024;

/**
 * `socket`, handing on what it receives every 20 ms. A relay sends each flow as a packet of its own; to wake up for each costs several times
 * what the flow does (`npm run bench -- --only receive`). In between, the kernel gathers.
 */
export function inBursts(socket: Socket): Duplex {
  let received: Buffer[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const handOn = () => {
    clearTimeout(timer);
    timer = undefined;
    const burst = Buffer.concat(received);
    received = [];
    bytes = 0;
    if (burst.length > 0) duplex.push(burst);
    socket.resume();
  };
  const duplex = new Duplex({
    read() {},
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(done),
    destroy(error, done) {
      clearTimeout(timer);
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk) => {
    received.push(chunk);
    bytes += chunk.length;
    if (bytes >= MOST_BYTES) return handOn();
    timer ??= setTimeout(handOn, BURST_MS);
    if (chunk.length < FULL_READ) socket.pause();
  });
  socket.once('end', () => {
    handOn();
    duplex.push(null);
  });
  socket.once('error', (error) => duplex.destroy(error));
  socket.once('close', () => duplex.destroy());
  return duplex;
}
