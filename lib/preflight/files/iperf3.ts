import { type JsonRecord } from '#lib/flow/json-record.ts';
import { objectText } from '#lib/world/labels.ts';
import { own, part } from '#lib/world/object.ts';
import { readJsonObject } from './json-text.ts';
import { read, type Reading, unreadable } from './reading.ts';

/** What `iperf3 --json` measured. */
export interface Iperf3Report {
  readonly bitsPerSecond: number;
  /** Seconds. */
  readonly seconds: number;
  readonly protocol: 'TCP' | 'UDP';
  readonly retransmits?: number;
  /** Maximum segment size in bytes: shows the MTU of the path. */
  readonly mss?: number;
  /** Unix milliseconds; undefined where it is not said. */
  readonly at: number | undefined;
}

export function readIperf3(text: string): Reading<Iperf3Report> {
  const file = readJsonObject(text, 'the output of iperf3 --json');
  if (!file.ok) return file;
  const failure = objectText(own(file.value, 'error'));
  if (failure !== '') return unreadable(`iperf3 failed: ${failure}`);
  const start = part(file.value, 'start');
  const end = part(file.value, 'end');
  const sum = part(end, 'sum_received') ?? part(end, 'sum');
  const bits = positive(own(sum, 'bits_per_second'));
  if (bits === undefined) return unreadable('there is no end.sum_received.bits_per_second: is it the output of iperf3 --json?');
  const sent = part(end, 'sum_sent');
  const retransmits = own(sent, 'retransmits');
  const mss = positive(own(start, 'tcp_mss_default')) ?? positive(own(start, 'tcp_mss'));
  const seconds = positive(own(part(start, 'timestamp'), 'timesecs'));
  return read({
    bitsPerSecond: bits,
    seconds: positive(own(sum, 'seconds')) ?? 0,
    protocol: protocolOf(start) === 'UDP' ? 'UDP' : 'TCP',
    ...(typeof retransmits === 'number' && retransmits >= 0 && { retransmits }),
    ...(mss !== undefined && { mss }),
    at: seconds === undefined ? undefined : seconds * 1000,
  });
}

const protocolOf = (start: JsonRecord | undefined): string =>
  objectText(own(part(start, 'test_start'), 'protocol')).toUpperCase();
const positive = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
