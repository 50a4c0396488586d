import 'server-only';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { fanout } from './ingest.ts';

interface WebMetrics {
  readonly registry: Registry;
  readonly requests: Counter<'route' | 'status'>;
  readonly seconds: Histogram<'route'>;
}

// One registry for all copies of this module that a development server makes.
const holder = globalThis as { causewayMetrics?: WebMetrics };

function metrics(): WebMetrics {
  return (holder.causewayMetrics ??= create());
}

function create(): WebMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'causeway_web_' });
  const requests = new Counter({
    name: 'causeway_web_requests_total',
    help: 'Requests of the API answered, by route and status.',
    labelNames: ['route', 'status'] as const,
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'causeway_web_request_seconds',
    help: 'Time until an answer of the API begins.',
    labelNames: ['route'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  new Gauge({
    name: 'causeway_web_stream_browsers',
    help: 'Browsers that read a stream now.',
    registers: [registry],
    collect() {
      this.set(fanout().size().browsers);
    },
  });
  new Gauge({
    name: 'causeway_web_stream_upstreams',
    help: 'Distinct streams asked of ingest now.',
    registers: [registry],
    collect() {
      this.set(fanout().size().upstreams);
    },
  });
  return { registry, requests, seconds };
}

export function countRequest(route: string, status: number, ms: number): void {
  metrics().requests.inc({ route, status: String(status) });
  metrics().seconds.observe({ route }, ms / 1000);
}

/** The metrics of this process as Prometheus text. */
export const metricsText = (): Promise<string> => metrics().registry.metrics();
