import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RunningConsole } from '../e2e/support/console.ts';
import { hubbleMissing } from '#lib/testing/hubble.ts';
import { askIngest, viewerToken } from './support/api.ts';
import { cpuSeconds, partsOf, residentMb, sleep } from './support/measure.ts';
import { onRelay } from './support/relay-console.ts';
import type { Report } from './support/report.ts';

export interface Heard {
  readonly batches: number;
  readonly bytes: number;
  /** Flows that the first reader was told of, and flows there were. */
  readonly told: number;
  readonly grown: number;
  readonly firstFlowMs: number;
  readonly seconds: number;
  /** Milliseconds from a flow's time to its arrival. */
  readonly delayP50: number;
  readonly delayP99: number;
}

/** Browsers that read the live stream of all flows, through web and ingest as shipped: delay from a flow's time to its arrival, and CPU of the web process. */
export async function fanout(report: Report, { quick }: { readonly quick: boolean }): Promise<void> {
  report.section('stream to browsers');
  if (hubbleMissing()) return;
  await onRelay(1_000, async ({ hubble, console }) => {
    const token = await viewerToken(console);
    const web = partsOf(console.pid)['web'] ?? 0;
    const cost = new Map<string, number>();
    for (const rate of [1_000, 10_000]) {
      await hubble.control(`rate?n=${rate}`);
      await sleep(3_000);
      for (const browsers of [1, 50, 500]) {
        const { heard, cpu } = await listen(console, token, web, browsers, quick ? 5 : 15);
        cost.set(`${rate}/${browsers}`, cpu);
        add(report, rate, browsers, heard, cpu, cost.get(`${rate}/50`));
      }
    }
    report.add({ name: 'resident memory of web after it all', value: residentMb(web), unit: 'MB' });
    const { coverage } = await askIngest<{ coverage: { lostTotal: number } }>(console, '/clusters/bench/status');
    report.add({ name: 'flows lost', value: coverage.lostTotal, unit: 'flows', bound: { op: '<=', value: 0 } });
  });
}

function add(report: Report, rate: number, browsers: number, heard: Heard, cpu: number, costOf50: number | undefined): void {
  const name = `${rate.toLocaleString('en')} flows/s, ${browsers} browsers`;
  report.add({ name: `${name}: delivered`, value: heard.batches / heard.seconds, unit: 'events/s' });
  report.add({ name: `${name}: delay p50`, value: heard.delayP50, unit: 'ms' });
  report.add({
    name: `${name}: delay p99`,
    value: heard.delayP99,
    unit: 'ms',
    ...(browsers <= 50 ? { bound: { op: '<=', value: 500 } as const } : {}),
  });
  report.add({
    name: `${name}: CPU of web`,
    value: cpu * 100,
    unit: '% of a core',
    ratio: `${((cpu / rate) * 1e6).toFixed(1)} CPU s/M flows`,
    ...(browsers === 500 && costOf50 ? { bound: { op: '<=', value: costOf50 * 200 } as const } : {}),
  });
  report.add({
    name: `${name}: first flow after opening`,
    value: heard.firstFlowMs,
    unit: 'ms',
    ...(browsers <= 50 ? { bound: { op: '<=', value: 1000 } as const } : {}),
  });
  report.add({
    name: `${name}: left out unsaid`,
    value: (1 - heard.told / heard.grown) * 100,
    unit: '% of flows',
    bound: { op: '<=', value: 0 },
  });
}

/** So many readers for so long, after a moment to open: what they heard, and the CPU of web meanwhile as a share of a core. */
export async function listen(
  console: RunningConsole,
  token: string,
  web: number,
  browsers: number,
  seconds: number,
): Promise<{ heard: Heard; cpu: number }> {
  const clients = fileURLToPath(new URL('support/sse-clients.mjs', import.meta.url));
  const url = `${console.url}/api/v1/clusters/bench/flows/stream`;
  const warmup = browsers > 100 ? 6 : 3;
  const child = spawn(process.execPath, [clients, url, token, String(browsers), String(seconds), String(warmup)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await sleep(warmup * 1000);
  const before = cpuSeconds(web);
  await sleep(seconds * 1000);
  const cpu = (cpuSeconds(web) - before) / seconds;
  const code = await ended;
  if (code !== 0) throw new Error(`the readers ended with ${code}`);
  return { heard: JSON.parse(out) as Heard, cpu };
}
