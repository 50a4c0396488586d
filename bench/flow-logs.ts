import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, readMigrations } from '#lib/db/migrate.ts';
import { recordWorld } from '#lib/db/policies/worlds.ts';
import { openTrafficDb } from '#lib/db/traffic/connection.ts';
import { postgresPrograms, startPostgres } from '#lib/testing/postgres.ts';
import { factsOf } from '#lib/world/world-builder.ts';
import { cpuSeconds, sleep } from './support/measure.ts';
import { benchPods, writeFlowLogs } from './support/flow-log-file.ts';
import type { Report } from './support/report.ts';

interface Cost {
  readonly seconds: number;
  readonly cpu: number;
  /** Most resident memory, in MB. */
  readonly peakMb: number;
}

/**
 * `causeway import flow-logs` as shipped, on a real PostgreSQL, in a process of its own: time, CPU and the most memory by lines. It wants ten million lines
 * in a minute, and no more memory for them than for one million.
 */
export async function flowLogs(report: Report, { quick }: { readonly quick: boolean }): Promise<void> {
  report.section('flow logs');
  if (!postgresPrograms()) return;
  const dir = mkdtempSync(join(tmpdir(), 'cw-bench-'));
  const database = await startPostgres();
  try {
    const start = Math.floor(Date.now() / 86_400_000 - 1) * 86_400;
    await prepare(database.url, start * 1000);
    execFileSync(process.execPath, ['bin/causeway.mjs', '--version']); // in a checkout the first start bundles
    const costs: Cost[] = [];
    for (const millions of quick ? [1, 2] : [1, 2, 5, 10]) {
      const file = join(dir, `${millions}.log`);
      await writeFlowLogs(file, millions * 1e6, start);
      const counting = timed('wc', ['-l', file]);
      const cost = await importCost([file], database.url);
      costs.push(cost);
      add(
        report,
        `${millions} M lines, ${Math.round(statSync(file).size / 1e6)} MB`,
        millions,
        cost,
        `${times(cost, counting)} wc -l`,
      );
      if (millions === 2) await zipped(report, file, database.url);
      rmSync(file);
    }
    const [first, last] = [costs[0], costs.at(-1)];
    if (first && last)
      report.add({
        name: 'memory of the largest beside that of 1 M lines',
        value: last.peakMb - first.peakMb,
        unit: 'MB more',
        bound: { op: '<=', value: 100 },
      });
  } finally {
    await database.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function zipped(report: Report, file: string, url: string): Promise<void> {
  execFileSync('gzip', ['-k', '-1', file]);
  const counting = timed('sh', ['-c', 'zcat "$0" | wc -l', `${file}.gz`]);
  const cost = await importCost([`${file}.gz`], url);
  add(
    report,
    `2 M lines, gzip, ${Math.round(statSync(`${file}.gz`).size / 1e6)} MB`,
    2,
    cost,
    `${times(cost, counting)} zcat | wc -l`,
  );
  rmSync(`${file}.gz`);
}

function add(report: Report, name: string, millions: number, { seconds, cpu, peakMb }: Cost, ratio: string): void {
  const bound = millions === 10 ? { bound: { op: '<=', value: 60 } as const } : {};
  report.add({ name, value: seconds, unit: 's', ratio, ...bound });
  report.add({
    name: `${name}: rate`,
    value: (millions * 1e6) / seconds,
    unit: 'lines/s',
    ratio: `${(cpu / millions).toFixed(1)} CPU s/M lines`,
  });
  report.add({ name: `${name}: most memory`, value: peakMb, unit: 'MB' });
}

/** Tables, a cluster, and its pods as the console stored them. */
async function prepare(url: string, since: number): Promise<void> {
  await migrate(url, readMigrations('prisma/migrations'));
  const db = openTrafficDb(url, 1);
  const { world } = factsOf(
    benchPods().map(({ namespace, workload, name, ip }) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels: {}, ownerReferences: [{ kind: 'StatefulSet', name: workload, controller: true }] },
      spec: { nodeName: 'n', containers: [{ name: 'c' }] },
      status: { phase: 'Running', podIP: ip },
    })),
  );
  await db.rows(`INSERT INTO cluster (id, name, environment) VALUES ('bench', 'bench', 'DEV')`);
  await recordWorld(db, 'bench', since, 'bench', world);
  await db.close();
}

async function importCost(files: readonly string[], url: string): Promise<Cost> {
  const data = mkdtempSync(join(tmpdir(), 'cw-bench-data-'));
  const args = ['bin/causeway.mjs', 'import', 'flow-logs', ...files, '--cluster', 'bench', '--data', data, '--database-url', url];
  const began = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const seen = { cpu: 0, peakMb: 0 };
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  while (child.exitCode === null && child.signalCode === null) {
    try {
      seen.cpu = Math.max(seen.cpu, cpuSeconds(child.pid ?? 0));
      seen.peakMb = Math.max(seen.peakMb, peakMb(child.pid ?? 0));
    } catch {
      // it has just ended
    }
    await Promise.race([ended, sleep(50)]);
  }
  const seconds = (performance.now() - began) / 1000;
  rmSync(data, { recursive: true, force: true });
  if ((await ended) !== 0) throw new Error(`causeway import flow-logs ended with ${await ended}`);
  return { seconds, ...seen };
}

const peakMb = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

/** Seconds a command takes, the file being in the page cache. */
function timed(command: string, args: readonly string[]): number {
  const began = performance.now();
  execFileSync(command, [...args]);
  return (performance.now() - began) / 1000;
}

const times = ({ seconds }: Cost, other: number): string => `${(seconds / other).toFixed(1)} times`;
