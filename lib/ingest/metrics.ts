import 'server-only';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { ClusterPipeline } from './cluster-pipeline.ts';
import type { WouldDenyTotal } from './judge/watch.ts';
import type { NatsCounts } from './nats/nats-bus.ts';

/** A figure of each cluster, read when the metrics are. */
interface Figure {
  readonly name: string;
  readonly help: string;
  readonly of: (pipeline: ClusterPipeline, now: number) => number | undefined;
}

const FIGURES: readonly Figure[] = [
  { name: 'flows_received_total', help: 'Flows taken from the relay', of: ({ follow }) => follow.received },
  { name: 'flows_duplicate_total', help: 'Flows left out because they had come before', of: ({ follow }) => follow.duplicates },
  { name: 'frames_malformed_total', help: 'Frames of the relay that could not be read', of: ({ follow }) => follow.malformed },
  { name: 'relay_reconnects_total', help: 'Times the relay was connected to again', of: ({ follow }) => follow.reconnects },
  { name: 'relay_live', help: '1 while the relay is followed', of: ({ follow }) => (follow.state === 'live' ? 1 : 0) },
  {
    name: 'events_lost',
    help: 'Events lost in the last five minutes, as nodes and relay say',
    of: (p, now) => p.coverage(now - 300_000, now).lostTotal,
  },
  {
    name: 'flow_lag_seconds',
    help: 'Age of the newest flow',
    of: ({ ring }, now) => (ring.newestTime === undefined ? undefined : Math.max(0, now - ring.newestTime) / 1000),
  },
  { name: 'ring_flows', help: 'Flows in the ring', of: ({ ring }) => ring.size },
  { name: 'stream_channels', help: 'Distinct filters that are streamed', of: ({ hub }) => hub.channels },
  { name: 'stream_readers', help: 'Streams of flows and maps', of: ({ hub, maps }) => hub.readers + maps.readers },
  { name: 'map_edges', help: 'Edges at pod level in memory', of: ({ rolling }) => rolling.size.edges },
  {
    name: 'flows_out_of_time_total',
    help: 'Flows whose time was too far off to be recorded',
    of: ({ record }) => record?.outOfTime,
  },
  { name: 'ledger_rows_waiting', help: 'Ledger rows not stored yet', of: ({ record }) => record?.unstored },
  { name: 'flush_seconds', help: 'How long the last write to the database took', of: ({ record }) => record?.flushSeconds },
  {
    name: 'storing',
    help: '0 while traffic cannot be stored',
    of: ({ record }) => (record && record.trouble === undefined ? 1 : 0),
  },
  { name: 'receipts_waiting', help: 'Receipts not stored yet', of: ({ receipts }) => receipts?.tap.waiting },
  {
    name: 'receipts_overflowed_total',
    help: 'Flows that got no receipt because too many waited',
    of: ({ receipts }) => receipts?.tap.overflowed,
  },
  {
    name: 'receipts_refused_total',
    help: 'Flows that cannot be written in a receipt',
    of: ({ receipts }) => receipts?.tap.refused,
  },
  {
    name: 'receipt_failures_total',
    help: 'Batches of receipts that could not be written at once',
    of: ({ receipts }) => receipts?.tap.meter.failures('stored'),
  },
  {
    name: 'receipts_made',
    help: '0 while receipts cannot be signed or stored, or the head of the log cannot',
    of: ({ receipts }) => receipts && (receipts.tap.stats().state === 'running' ? 1 : 0),
  },
  {
    name: 'log_refused',
    help: '1 while the log is not signed because it is not consistent with what was signed before',
    of: ({ receipts }) => receipts && (receipts.checkpointer.isRefusing ? 1 : 0),
  },
  {
    name: 'log_size',
    help: 'Batches in the newest signed head of the log',
    of: ({ receipts }) => receipts?.tap.stats().lastCheckpoint?.size,
  },
  {
    name: 'log_witnesses',
    help: 'Witnesses that have seen the newest signed head of the log',
    of: ({ receipts }) => receipts?.tap.stats().lastCheckpoint?.witnesses,
  },
];

/** Names are those of `NatsCounts`; nothing is shown where NATS is not used. */
const NATS_FIGURES: readonly { readonly name: keyof NatsCounts; readonly metric: string; readonly help: string }[] = [
  { name: 'connected', metric: 'connected', help: '1 while NATS is connected' },
  { name: 'reconnects', metric: 'reconnects_total', help: 'Times NATS was connected to again' },
  { name: 'consumed', metric: 'messages_consumed_total', help: 'Messages of flows that were taken in' },
  { name: 'duplicates', metric: 'messages_duplicate_total', help: 'Messages whose flow had come before' },
  { name: 'redelivered', metric: 'messages_redelivered_total', help: 'Messages that came again and were known' },
  { name: 'parked', metric: 'messages_parked_total', help: 'Messages that could not be used and were set aside' },
  { name: 'published', metric: 'messages_published_total', help: 'Messages that a stream has acknowledged' },
  { name: 'publishFailures', metric: 'publish_failures_total', help: 'Attempts to publish that failed and were made again' },
  {
    name: 'dropped',
    metric: 'messages_dropped_total',
    help: 'Flows and changes that were not published because the bus took none for long',
  },
  { name: 'waiting', metric: 'messages_waiting', help: 'Messages to be read, stored or published' },
];

/** Prometheus text of this process: a figure for each cluster, and those of Node (event loop delay, memory, CPU). */
export function ingestMetrics(
  pipelines: () => readonly ClusterPipeline[],
  wouldDeny: () => readonly WouldDenyTotal[],
  nats: () => NatsCounts | undefined,
): () => Promise<string> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'causeway_ingest_' });
  for (const { name, help, of } of FIGURES) {
    const gauge: Gauge<'cluster'> = new Gauge({
      name: `causeway_ingest_${name}`,
      help,
      labelNames: ['cluster'],
      registers: [registry],
      collect() {
        gauge.reset();
        const now = Date.now();
        for (const pipeline of pipelines()) {
          const value = of(pipeline, now);
          if (value !== undefined) gauge.set({ cluster: pipeline.id }, value);
        }
      },
    });
  }
  for (const { name, metric, help } of NATS_FIGURES) {
    const gauge: Gauge = new Gauge({
      name: `causeway_nats_${metric}`,
      help,
      registers: [registry],
      collect() {
        gauge.reset();
        const value = nats()?.[name];
        if (value === undefined) gauge.remove();
        else gauge.set(value);
      },
    });
  }
  const denied: Counter<'cluster' | 'set'> = new Counter({
    name: 'causeway_would_deny_flows_total',
    help: 'Flows that passed and that a watched candidate set would have denied',
    labelNames: ['cluster', 'set'],
    registers: [registry],
    collect() {
      denied.reset();
      for (const { cluster, set, flows } of wouldDeny()) denied.inc({ cluster, set }, flows);
    },
  });
  const receipts: Counter<'cluster' | 'class'> = new Counter({
    name: 'causeway_receipts_total',
    help: 'Receipts stored since the start, by why there is one',
    labelNames: ['cluster', 'class'],
    registers: [registry],
    collect() {
      receipts.reset();
      for (const { id, receipts: made } of pipelines())
        for (const [kind, count] of made?.tap.meter.byClass ?? []) receipts.inc({ cluster: id, class: kind }, count);
    },
  });
  return () => registry.metrics();
}
