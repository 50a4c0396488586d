import { spawn } from 'node:child_process';
import { join } from 'node:path';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `causeway ...` in a folder, as a person at a terminal does, with nothing of this process’s environment. */
export function causewayIn(folder: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [join(process.cwd(), 'bin/causeway.mjs'), ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, NODE_ENV: 'production', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}
