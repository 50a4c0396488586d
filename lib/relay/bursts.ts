import 'server-only';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

const PAUSE_MS = 20;

/**
 * `socket`, read in bursts: all there is, then nothing for 20 ms. A relay sends each flow as a packet of its own; to wake up for each costs several times
 * what the flow does (`npm run bench -- --only receive`). In between, the kernel gathers; the socket must read nothing ahead (`highWaterMark: 0`).
 */
export function inBursts(socket: Socket): Duplex {
  let burst: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;
  const endBurst = () => {
    burst = undefined;
    socket.pause();
    timer = setTimeout(() => socket.resume(), PAUSE_MS);
  };
  const duplex = new Duplex({
    read() {},
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(done),
    destroy(error, done) {
      clearImmediate(burst);
      clearTimeout(timer);
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk) => {
    duplex.push(chunk);
    burst ??= setImmediate(endBurst); // after all that this turn of the event loop reads
  });
  socket.once('end', () => duplex.push(null));
  socket.once('error', (error) => duplex.destroy(error));
  socket.once('close', () => duplex.destroy());
  return duplex;
}
