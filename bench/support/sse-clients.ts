/**
 * A process that plays many browsers reading one stream, as gzip like browsers do: `sse-clients URL TOKEN N SECONDS WARMUP_SECONDS`. Prints one line of JSON. The first readers
 * unpack and parse their batches, for the delay from a flow's time to its arrival (flows and console share this machine's clock); of the others the bytes are counted, and
 * their batches are those bytes by the mean size of a batch as parsed.
 */
import { Agent, get, type IncomingMessage } from 'node:http';
import { constants, createGunzip } from 'node:zlib';
import { percentile } from './measure.ts';

const [url = '', token = '', count = '1', seconds = '10', warmup = '3'] = process.argv.slice(2);
const PARSING = 5;
const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });
let measuring = false;
let parsedBatches = 0;
let parsedBytes = 0;
let bytes = 0;
/** Of the first reader: flows its batches told of (sent, counted or skipped), and how far their numbers grew meanwhile. */
let told = 0;
let first = -1;
let last = -1;
let firstFlowMs = 0;
const delays: number[] = [];

function reader(index: number): void {
  const began = Date.now();
  const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream', 'accept-encoding': 'gzip' };
  get(url, { agent, headers }, (response) => {
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
    response.on('data', (chunk: Buffer) => {
      if (!measuring) return;
      bytes += chunk.length;
      if (index < PARSING) parsedBytes += chunk.length;
    });
    response.on('end', () => process.exit(2));
    if (index < PARSING) parse(response, index, began);
  }).on('error', () => process.exit(2));
}

function parse(response: IncomingMessage, index: number, began: number): void {
  const gzip = response.headers['content-encoding'] === 'gzip';
  const text = gzip ? response.pipe(createGunzip({ finishFlush: constants.Z_SYNC_FLUSH })) : response;
  let rest = '';
  text.on('data', (chunk: Buffer) => {
    const events = (rest + chunk.toString()).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      if (!event.includes('event: flows')) continue;
      if (index === 0 && firstFlowMs === 0) firstFlowMs = Date.now() - began;
      if (!measuring) continue;
      parsedBatches += 1;
      const data = /^data: ?(.*)$/m.exec(event)?.[1] ?? '{}';
      const batch = JSON.parse(data) as { flows: { time: number }[]; matched: number; skipped: number };
      if (index === 0) {
        const seq = Number(/^id: \w+-(\d+)$/m.exec(event)?.[1]);
        if (first < 0) first = seq;
        else told += batch.matched + batch.skipped;
        last = seq;
      }
      const now = Date.now();
      for (const { time } of batch.flows) delays.push(now - time);
    }
  });
}

for (let index = 0; index < Number(count); index += 1) reader(index);
setTimeout(
  () => {
    measuring = true;
    setTimeout(
      () => {
        const batches = parsedBytes > 0 ? (bytes / parsedBytes) * parsedBatches : 0;
        const heard = { batches, bytes, told, grown: last - first, firstFlowMs, seconds: Number(seconds) };
        const line = JSON.stringify({ ...heard, delayP50: percentile(delays, 50), delayP99: percentile(delays, 99) });
        process.stdout.write(`${line}\n`, () => process.exit(0));
      },
      Number(seconds) * 1000,
    );
  },
  Number(warmup) * 1000,
);
