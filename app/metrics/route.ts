import { checkMetricsReader } from '#lib/auth/metrics-reader.ts';
import { handle } from '#lib/http/handle.ts';
import { ingest } from '#lib/http/ingest.ts';
import { metricsText } from '#lib/http/metrics.ts';

/** The metrics of this process, then those of ingest when it answers. Their names do not meet: each has its own prefix. */
export const GET = handle('GET /metrics', async ({ request }) => {
  checkMetricsReader(request.headers);
  const [web, others] = await Promise.all([
    metricsText(),
    ingest()
      .ask('/metrics')
      .catch(() => undefined),
  ]);
  const text = others?.status === 200 ? `${web}\n${others.body.toString('utf8')}` : web;
  return new Response(text, { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } });
});
