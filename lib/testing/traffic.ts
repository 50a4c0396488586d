import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { ObjectsTarget, RelayTarget } from '#lib/api/clusters.ts';
import type { Redaction } from '#lib/flow/redact.ts';
import { bundledWorker } from './judge-worker.ts';
import { type Platform, startPlatform } from './platform.ts';

export interface Traffic extends Platform {
  /** Lines that ingest has logged. */
  readonly log: readonly string[];
}

interface TrafficOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly redaction?: Redaction;
}

/** The web process without Next as `startPlatform` makes it, before the real ingest, which follows `clusters`: from a relay to an answer of the API. */
export async function startTraffic(
  clusters: readonly { readonly id: string; readonly relay: RelayTarget; readonly objects?: ObjectsTarget }[],
  { environment = {}, redaction }: TrafficOptions = {},
): Promise<Traffic> {
  const dir = mkdtempSync(join(tmpdir(), 'cw-'));
  const platform = await startPlatform({ INGEST_URL: `unix:${join(dir, 'ingest.sock')}`, ...environment });
  const { putCluster } = await import('#lib/db/platform/clusters.ts');
  const { startIngest } = await import('#lib/ingest/main.ts');
  for (const { id, relay, objects } of clusters)
    await putCluster({ id, name: id, environment: 'PRD', relay, ...(objects && { objects }), demo: false });
  const log: string[] = [];
  const lines = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.push(...chunk.toString('utf8').split('\n').slice(0, -1));
      done();
    },
  });
  const ingest = await startIngest({
    databaseUrl: process.env['DATABASE_URL'] ?? '',
    listen: process.env['INGEST_URL'] ?? '',
    token: process.env['INGEST_TOKEN'] ?? '',
    ringSize: 10_000,
    ...(redaction && { redaction }),
    judgeFile: await bundledWorker(),
    log: pino({ level: 'debug' }, lines),
  });
  return {
    ...platform,
    log,
    async close() {
      await ingest.close();
      await platform.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
