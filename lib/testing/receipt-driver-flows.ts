import type { Flow } from '#lib/flow/flow.ts';
import { aDroppedFlow, aFlow, anEndpoint } from './flows.ts';

/** What the program `receipt-driver.ts` is told: one JSON text. */
export interface DriverOptions {
  readonly url: string;
  readonly cluster: string;
  /** Directory of its keys. */
  readonly keys: string;
  readonly signerFile: string;
  /** Time of the first flow, Unix milliseconds; the same for all runs. */
  readonly begin: number;
  /** So many times faster than the wall clock goes its own. */
  readonly pace: number;
  /** How long nobody was there to take flows, and none came: milliseconds of the wall clock. */
  readonly idleMs?: number;
  /** One flow in so many milliseconds of that time. */
  readonly everyMs: number;
  readonly checkpointEveryMs: number;
  /** Ends itself, as by kill -9, before the nth statement with this text, or with `committed` after the nth transaction. */
  readonly dieAt?: { readonly statement: string; readonly nth: number };
}

/** One flow in so many is dropped; the others are let through. */
export const DROPPED_OF = 4;
const SERVERS = 7;

const servers = Array.from({ length: SERVERS }, (_, index) =>
  anEndpoint({
    identity: 30_000 + index,
    podName: `server-${index}-0`,
    workload: { name: `server-${index}`, kind: 'StatefulSet' },
  }),
);

export const isDropped = (number: number): boolean => number % DROPPED_OF === 0;

/** The flow with this number, always the same. */
export function driverFlow(number: number, { begin, everyMs }: Pick<DriverOptions, 'begin' | 'everyMs'>): Flow {
  const destination = servers[number % SERVERS] as (typeof servers)[number];
  const common = { time: begin + number * everyMs, uuid: `flow-${number}`, destination };
  return isDropped(number) ? aDroppedFlow(common) : aFlow(common);
}
