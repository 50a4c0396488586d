import { pino } from 'pino';
import { startIngest } from '#lib/ingest/main.ts';

/** Ingest as a process of its own, to be killed. Time passes `pace` times as fast from `begin` on (Unix milliseconds). */
export interface IngestChildOptions {
  readonly databaseUrl: string;
  readonly listen: string;
  readonly keys: string;
  readonly judgeFile: string;
  readonly signerFile: string;
  readonly begin: number;
  readonly pace: number;
}

const { begin, pace, keys, judgeFile, signerFile, ...options } = JSON.parse(process.argv[2] ?? '{}') as IngestChildOptions;
const realNow = Date.now.bind(Date);
Date.now = () => begin + (realNow() - begin) * pace;

await startIngest({
  ...options,
  token: 'a-token-for-tests',
  receipts: { organisation: 'local', days: 30, witnesses: [], quorum: 0, keys: { directory: keys } },
  judgeFile: new URL(judgeFile),
  signerFile: new URL(signerFile),
  checkpointEveryMs: 500,
  log: pino({ level: 'warn' }, pino.destination(2)),
});
process.stdout.write('ready\n');
