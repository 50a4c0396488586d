import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RunningConsole } from '../../e2e/support/console.ts';

/** A bearer for the console's API, made by its own command. */
export async function viewerToken(console: RunningConsole): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    'bin/causeway.mjs',
    'token',
    'create',
    '--name',
    'bench',
    '--role',
    'viewer',
    '--expires',
    '1',
    '--data',
    console.data,
  ]);
  return stdout.trim();
}

/** Asks ingest itself, by its socket: what it received is counted there. */
export function askIngest<T>(console: RunningConsole, path: string): Promise<T> {
  const token = readFileSync(join(console.data, 'ingest-token'), 'utf8').trim();
  return new Promise((resolve, reject) => {
    request(
      { socketPath: join(console.data, 'run/ingest.sock'), path, headers: { authorization: `Bearer ${token}` } },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve(JSON.parse(body) as T));
      },
    )
      .on('error', reject)
      .end();
  });
}

/** Sum of a gauge or counter in Prometheus text. Throws when there is none of that name. */
export async function metric(console: RunningConsole, name: string): Promise<number> {
  const text = await (await fetch(`${console.url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  if (lines.length === 0) throw new Error(`no metric ${name}`);
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
