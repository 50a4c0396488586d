import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, readFileSync, renameSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { CausewayError } from '#lib/errors/errors.ts';

/** A part of the console that runs as a process of its own: this program with other arguments. */
export interface Part {
  readonly name: 'db' | 'demo' | 'ingest' | 'web';
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds until it must have said that it is ready. */
  readonly readyWithinMs: number;
}

export interface RunningPart {
  readonly name: Part['name'];
  /** What the part said with `ready`. */
  readonly said: Readonly<Record<string, unknown>>;
  readonly exited: Promise<number | string>;
  stop(): Promise<void>;
}

/** How long a part may take to stop before it is killed. Milliseconds. */
const STOP_WITHIN_MS = 8_000;

/**
 * Starts a part and waits for its `ready` message. Its output goes to `LOGS/NAME.log`. The child leads a process group of its own, so that
 * one Ctrl-C reaches the supervisor alone, which then stops the parts in order; a part whose supervisor is gone ends by itself (the IPC channel closes).
 */
export async function startPart(part: Part, logs: string, entry: string): Promise<RunningPart> {
  const file = join(logs, `${part.name}.log`);
  if (existsSync(file)) renameSync(file, `${file}.1`);
  const log = createWriteStream(file, { mode: 0o600 });
  const child = spawn(process.execPath, ['--enable-source-maps', entry, ...part.args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...part.env },
    detached: true,
  });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const exited = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
    child.once('error', (error) => resolve(error.message));
  });
  const said = await ready(child, part, exited, file);
  return { name: part.name, said, exited, stop: () => stop(child, exited) };
}

function ready(child: ChildProcess, part: Part, exited: Promise<number | string>, log: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new CausewayError('not-configured', `${part.name} was not ready after ${part.readyWithinMs / 1000} s; see ${log}`));
    }, part.readyWithinMs);
    child.on('message', (message: { ready?: Record<string, unknown>; failed?: string }) => {
      if (message.failed) {
        clearTimeout(late);
        reject(new CausewayError('not-configured', message.failed));
      } else if (message.ready) {
        clearTimeout(late);
        resolve(message.ready);
      }
    });
    void exited.then((code) => {
      clearTimeout(late);
      // The reason travels by message; give it the moment it needs.
      setTimeout(
        () => reject(new CausewayError('not-configured', `${part.name} ended with ${code}: ${lastLine(log)} (log: ${log})`)),
        50,
      );
    });
  });
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await exited;
  clearTimeout(kill);
}

function lastLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '';
  } catch {
    return '';
  }
}

/** A part's side: says that it is ready, runs until it is told to stop (or its supervisor is gone), then closes. */
export async function runPart(
  start: () => Promise<{ said: Record<string, unknown>; close: () => Promise<void> }>,
): Promise<void> {
  const { said, close } = await start().catch((error: unknown) => {
    process.send?.({ failed: error instanceof Error ? error.message : String(error) });
    throw error;
  });
  process.send?.({ ready: said });
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
    if (process.channel) process.once('disconnect', resolve);
  });
  await close();
  process.exit(0);
}
