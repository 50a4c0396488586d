import { hubbleMissing } from '#lib/testing/hubble.ts';
import { listen } from './fanout.ts';
import { askIngest, metric, viewerToken } from './support/api.ts';
import { partsOf, residentMb, sleep } from './support/measure.ts';
import { onRelay } from './support/relay-console.ts';
import type { Report } from './support/report.ts';

interface Status {
  readonly received: number;
  readonly coverage: { readonly lostTotal: number };
}

/** 10,000 flows/s for ten minutes with 50 browsers, then on to 10 million flows: nothing lost, memory flat, the request thread undisturbed. */
export async function soak(report: Report, { quick }: { readonly quick: boolean }): Promise<void> {
  report.section('soak');
  if (hubbleMissing()) return;
  const minutes = quick ? 1 : 10;
  await onRelay(10_000, async ({ console }) => {
    const { ingest = 0, web = 0, db = 0 } = partsOf(console.pid);
    const readers = listen(console, await viewerToken(console), web, 50, minutes * 60 - 10);
    let lag = 0;
    const half: number[] = [];
    for (let minute = 1; minute <= minutes; minute += 1) {
      for (let second = 0; second < 60; second += 10) {
        await sleep(10_000);
        lag = Math.max(lag, await metric(console, 'causeway_web_nodejs_eventloop_lag_p99_seconds'));
      }
      half.push(residentMb(ingest));
    }
    const { heard } = await readers;
    const { received, coverage } = await askIngest<Status>(console, '/clusters/bench/status');
    report.add({ name: `received in ${minutes} min at 10,000 flows/s`, value: received, unit: 'flows' });
    report.add({ name: 'lost', value: coverage.lostTotal, unit: 'flows', bound: { op: '<=', value: 0 } });
    report.add({ name: '50 browsers: delay p99', value: heard.delayP99, unit: 'ms', bound: { op: '<=', value: 500 } });
    report.add({
      name: '50 browsers: left out unsaid',
      value: (1 - heard.told / heard.grown) * 100,
      unit: '% of flows',
      bound: { op: '<=', value: 0 },
    });
    report.add({
      name: "web's event-loop delay p99, worst scrape",
      value: lag * 1000,
      unit: 'ms',
      bound: { op: '<=', value: 50 },
    });
    report.add({ name: 'ingest memory, first minute', value: half[0] ?? Number.NaN, unit: 'MB' });
    report.add({
      name: 'ingest memory, last minute',
      value: half.at(-1) ?? Number.NaN,
      unit: 'MB',
      ratio: `${((half.at(-1) ?? 0) / (half[Math.floor(half.length / 2)] ?? 1)).toFixed(2)} of the middle`,
    });
    report.add({ name: 'web memory', value: residentMb(web), unit: 'MB' });
    report.add({ name: 'database memory', value: residentMb(db), unit: 'MB' });
    if (quick) return;
    for (let total = received; total < 10_000_000;) {
      await sleep(10_000);
      total = (await askIngest<Status>(console, '/clusters/bench/status')).received;
    }
    report.add({ name: 'ingest memory after 10 million flows', value: residentMb(ingest), unit: 'MB' });
  });
}
