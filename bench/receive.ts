import { spawn } from 'node:child_process';
import { hubbleMissing } from '#lib/testing/hubble.ts';
import { askIngest } from './support/api.ts';
import { cpuSeconds, partsOf, residentMb, sleep } from './support/measure.ts';
import { onRelay } from './support/relay-console.ts';
import type { Report } from './support/report.ts';

interface Status {
  readonly received: number;
  readonly malformed: number;
  readonly coverage: { readonly lostTotal: number };
}

/**
 * CPU per flow of the whole ingest process (decode, ring, topology, ledger, rollups, database writes) against the real client printing the same relay's
 * flows as JSON, one after the other in one run. The relay and its agents are the real ones.
 */
export async function receive(report: Report, { quick }: { readonly quick: boolean }): Promise<void> {
  report.section('receive');
  if (hubbleMissing()) return;
  const seconds = quick ? 8 : 30;
  await onRelay(4_000, async ({ hubble, console }) => {
    const ingest = partsOf(console.pid)['ingest'] ?? 0;
    const client = await observeCost(hubble.client, hubble.relay, seconds);
    report.add({
      name: 'hubble observe -o jsonpb',
      value: client.cpuPerMillion,
      unit: 'CPU s/M flows',
      ratio: `${Math.round(client.perSecond)} flows/s`,
    });
    for (const rate of [4_000, 10_000, 30_000]) {
      await hubble.control(`rate?n=${rate}`);
      await sleep(4_000);
      const before = await askIngest<Status>(console, '/clusters/bench/status');
      const [cpu, began] = [cpuSeconds(ingest), Date.now()];
      await sleep(seconds * 1000);
      const after = await askIngest<Status>(console, '/clusters/bench/status');
      const flows = after.received - before.received;
      const cpuPerMillion = ((cpuSeconds(ingest) - cpu) / flows) * 1e6;
      report.add({
        name: `ingest at ${rate.toLocaleString('en')} flows/s offered`,
        value: cpuPerMillion,
        unit: 'CPU s/M flows',
        ratio: `${(cpuPerMillion / client.cpuPerMillion).toFixed(2)} of the hubble client`,
        ...(rate === 10_000 ? { bound: { op: '<=', value: client.cpuPerMillion * 0.25 } as const } : {}),
      });
      report.add({
        name: `received at ${rate.toLocaleString('en')} flows/s offered`,
        value: flows / ((Date.now() - began) / 1000),
        unit: 'flows/s',
      });
      report.add({
        name: `lost at ${rate.toLocaleString('en')} flows/s offered`,
        value: after.coverage.lostTotal - before.coverage.lostTotal,
        unit: 'flows',
        ...(rate <= 10_000 ? { bound: { op: '<=', value: 0 } as const } : {}),
      });
    }
    report.add({ name: 'resident memory of ingest', value: residentMb(ingest), unit: 'MB' });
  });
}

/** Runs the real client for `seconds` and counts the lines it prints (in this process, so that counting is not on its bill). */
async function observeCost(
  client: string,
  relay: string,
  seconds: number,
): Promise<{ cpuPerMillion: number; perSecond: number }> {
  const child = spawn(client, ['observe', '--server', relay, '--follow', '--output', 'jsonpb'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let lines = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
  });
  await sleep(3_000);
  const [cpu, before, began] = [cpuSeconds(child.pid ?? 0), lines, Date.now()];
  await sleep(seconds * 1000);
  const flows = lines - before;
  const used = cpuSeconds(child.pid ?? 0) - cpu;
  const took = (Date.now() - began) / 1000;
  child.kill('SIGKILL');
  return { cpuPerMillion: (used / flows) * 1e6, perSecond: flows / took };
}
