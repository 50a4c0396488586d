import 'server-only';
import { config, isLoopback } from '#lib/config/config.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { sameSecret } from './secrets.ts';

/** Throws `unauthenticated` unless the request has METRICS_TOKEN; without that variable only a console that listens on loopback shows metrics. */
export function checkMetricsReader(headers: Headers): void {
  const { metricsToken, host } = config();
  if (metricsToken === undefined) {
    if (isLoopback(host)) return;
    throw new CausewayError('unauthenticated', 'set METRICS_TOKEN to read metrics from another host');
  }
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  if (bearer === undefined || !sameSecret(bearer, metricsToken))
    throw new CausewayError('unauthenticated', 'metrics need METRICS_TOKEN as bearer');
}
