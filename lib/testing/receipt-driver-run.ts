import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bundledWorker } from './judge-worker.ts';
import type { DriverOptions } from './receipt-driver-flows.ts';

/** What the programs of one log have acknowledged so far. */
export class Acknowledged {
  readonly receipts = new Set<string>();
  /** Root of each signed head, base64, by its size. */
  readonly heads = new Map<number, string>();
  /** What was said twice and differently. */
  readonly contradictions: string[] = [];
  /** All flows before this one are stored. */
  place = 0;

  take(line: string): void {
    const [kind, ...words] = line.split(' ');
    if (kind === 'C') for (const id of words) this.#receipt(id);
    else if (kind === 'P') this.place = Math.max(this.place, Number(words[0]));
    else if (kind === 'H') this.#head(Number(words[0]), words[1] ?? '');
  }

  #receipt(id: string): void {
    if (this.receipts.has(id)) this.contradictions.push(`receipt ${id} was acknowledged twice`);
    this.receipts.add(id);
  }

  #head(size: number, root: string): void {
    const before = this.heads.get(size);
    if (before !== undefined && before !== root) this.contradictions.push(`two heads of ${size} batches: ${before} and ${root}`);
    this.heads.set(size, root);
  }
}

/** The program that makes receipts, ready to be run many times. */
export interface Driver {
  /** Runs it until it is killed so long after it said that it takes flows, or after it began; or kills itself. Resolves when all it said is taken. */
  run(more: Partial<DriverOptions>, life: DriverLife): Promise<DriverEnd>;
}

export interface DriverLife {
  readonly ms: number;
  readonly from: 'beginning' | 'readiness';
  /** Called with its process id when it takes flows. */
  readonly onReady?: (pid: number) => void;
}

export interface DriverEnd {
  readonly signal: NodeJS.Signals | null;
  readonly complaints: string;
}

export async function buildDriver(options: Omit<DriverOptions, 'signerFile'>, acknowledged: Acknowledged): Promise<Driver> {
  const [program, signer] = [
    await bundledWorker('lib/testing/receipt-driver.ts'),
    await bundledWorker('lib/ingest/receipts/sign-worker.ts'),
  ];
  const signerFile = fileURLToPath(signer);
  return {
    async run(more, life) {
      const child = spawn(process.execPath, [fileURLToPath(program), JSON.stringify({ ...options, signerFile, ...more })], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let complaints = '';
      let timer: NodeJS.Timeout | undefined;
      child.stderr.on('data', (chunk: Buffer) => (complaints = `${complaints}${chunk.toString()}`.slice(-4000)));
      const lines = createInterface({ input: child.stdout });
      // A line that was cut off by the kill is no acknowledgement: nobody could have read it.
      let half = '';
      lines.on('line', (line) => {
        if (half !== '') acknowledged.take(half);
        half = line;
        if (!line.startsWith('R ')) return;
        life.onReady?.(child.pid ?? 0);
        if (life.from === 'readiness') timer = setTimeout(() => child.kill('SIGKILL'), life.ms);
      });
      if (life.from === 'beginning') timer = setTimeout(() => child.kill('SIGKILL'), life.ms);
      const tooLong = setTimeout(() => child.kill('SIGKILL'), 30_000 + life.ms);
      const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
      clearTimeout(timer);
      clearTimeout(tooLong);
      return { signal, complaints };
    },
  };
}
