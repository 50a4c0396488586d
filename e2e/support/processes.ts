import { spawnSync } from 'node:child_process';
import { setTimeout as after } from 'node:timers/promises';
import type { RunningConsole } from './console.ts';

const PARTS = ['db', 'demo', 'ingest', 'web'] as const;
export type Part = (typeof PARTS)[number];

/** The processes of a console: its own and its parts', by the arguments they were started with. */
export function processesOf(console: RunningConsole): Map<Part | 'up', number> {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const found = new Map<Part | 'up', number>([['up', console.pid]]);
  for (const line of stdout.split('\n')) {
    const [, pid, parent, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    if (Number(parent) !== console.pid) continue;
    // Next gives its process a title of its own.
    const name = args.startsWith('next-server') ? 'web' : PARTS.find((part) => args.includes(`causeway.mjs ${part}`));
    if (name) found.set(name, Number(pid));
  }
  return found;
}

/** Ends a part with `kill -9` and gives its process id. */
export function killPart(console: RunningConsole, part: Part): number {
  const pid = processesOf(console).get(part);
  if (pid === undefined) throw new Error(`${part} does not run`);
  process.kill(pid, 'SIGKILL');
  return pid;
}

/** Which of the processes still run; each has ten seconds to go. */
export async function survivors(pids: Iterable<number>): Promise<number[]> {
  const all = [...pids];
  for (let tries = 0; tries < 50 && all.some(runs); tries += 1) await after(200);
  return all.filter(runs);
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
