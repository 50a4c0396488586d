/**
 * A process that plays many browsers reading one stream: `sse-clients URL TOKEN N SECONDS WARMUP_SECONDS`. Prints one line of JSON. Batches are counted for all; the first
 * readers also parse them, for the delay from a flow's time to its arrival (flows and console share this machine's clock).
 */
import { Agent, get } from 'node:http';
import { percentile } from './measure.ts';

const [url = '', token = '', count = '1', seconds = '10', warmup = '3'] = process.argv.slice(2);
const PARSING = 5;
const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });
let measuring = false;
let batches = 0;
let bytes = 0;
let matched = 0;
let skipped = 0;
let firstFlowMs = 0;
const delays: number[] = [];

function reader(index: number): void {
  const began = Date.now();
  get(url, { agent, headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' } }, (response) => {
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
    let rest = '';
    response.on('data', (chunk: Buffer) => {
      if (index >= PARSING) {
        if (!measuring) return;
        bytes += chunk.length;
        for (let at = chunk.indexOf('event: flows'); at >= 0; at = chunk.indexOf('event: flows', at + 1)) batches += 1;
        return;
      }
      const events = (rest + chunk.toString()).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        if (!event.includes('event: flows')) continue;
        if (index === 0 && firstFlowMs === 0) firstFlowMs = Date.now() - began;
        if (!measuring) continue;
        batches += 1;
        bytes += event.length;
        const data = /^data: ?(.*)$/m.exec(event)?.[1] ?? '{}';
        const batch = JSON.parse(data) as { flows: { time: number }[]; matched: number; skipped: number };
        if (index === 0) {
          matched += batch.matched;
          skipped += batch.skipped;
        }
        const now = Date.now();
        for (const { time } of batch.flows) delays.push(now - time);
      }
    });
    response.on('end', () => process.exit(2));
  }).on('error', () => process.exit(2));
}

for (let index = 0; index < Number(count); index += 1) reader(index);
setTimeout(
  () => {
    measuring = true;
    setTimeout(
      () => {
        const heard = { batches, bytes, matched, skipped, firstFlowMs, seconds: Number(seconds) };
        const line = JSON.stringify({ ...heard, delayP50: percentile(delays, 50), delayP99: percentile(delays, 99) });
        process.stdout.write(`${line}\n`, () => process.exit(0));
      },
      Number(seconds) * 1000,
    );
  },
  Number(warmup) * 1000,
);
