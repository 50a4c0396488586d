import { createServer } from 'node:net';
import { CausewayError } from '#lib/errors/errors.ts';

/** Throws one clear line when the address cannot be listened on. */
export async function checkPort(host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new CausewayError('not-configured', portProblem(error, host, port), { cause: error })),
    );
    server.listen(port, host, () => server.close(() => resolve()));
  });
}

function portProblem(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === 'EADDRINUSE') return `port ${port} on ${host} is in use; stop what listens there or pass --port`;
  if (error.code === 'EACCES') return `port ${port} needs more rights than this user has; pass --port with a number above 1023`;
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') return `${host} is no address of this machine; pass --host`;
  return `cannot listen on ${host}:${port}: ${error.message}`;
}
