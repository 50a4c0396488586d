import { natsConfigOf } from '#lib/config/nats.ts';
import { receiptSettingsOf } from '#lib/config/receipts.ts';
import { redactionOf } from '#lib/config/redaction.ts';
import { webhookOriginsOf } from '#lib/config/webhook-origins.ts';
import { startIngest } from '#lib/ingest/main.ts';
import type { WebhookConfig } from '#lib/ingest/webhooks/worker.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { clusterHere } from './objects-options.ts';
import { runPart } from './supervise.ts';

/** `causeway ingest`. */
export function runIngest({ listen }: { readonly listen: string }): Promise<void> {
  return runPart(async () => {
    const url = listenUrl(listen);
    const ingest = await startIngest({
      databaseUrl: required('DATABASE_URL'),
      token: required('INGEST_TOKEN'),
      listen: url,
      redaction: redactionOf(process.env),
      here: clusterHere(process.env),
      webhooks: webhooksOf(process.env),
      receipts: receiptSettingsOf(process.env),
      nats: natsConfigOf(process.env),
    });
    return { said: { listen: ingest.url }, close: () => ingest.close() };
  });
}

/** `unix:PATH` as it is, `HOST:PORT` as a URL. */
function listenUrl(listen: string): string {
  if (listen.startsWith('unix:/')) return listen;
  const url = `http://${listen.replace(/^http:\/\//, '')}`;
  if (URL.canParse(url) && /:\d+\/?$/.test(url)) return url;
  throw new CausewayError('bad-input', `--listen ${listen}: expected unix:/PATH or HOST:PORT`);
}

/** Webhooks are sent where the console's secret is known; origins without it would be a promise that nobody keeps. */
function webhooksOf(environment: NodeJS.ProcessEnv): WebhookConfig | undefined {
  const origins = webhookOriginsOf(environment);
  const consoleSecret = environment['NEXTAUTH_SECRET'];
  if (consoleSecret) return { origins, consoleSecret };
  if (origins.length === 0) return undefined;
  throw new CausewayError('not-configured', 'CAUSEWAY_WEBHOOK_ORIGINS is set, so NEXTAUTH_SECRET must be, as for the web part');
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new CausewayError('not-configured', `${name} is not set`);
  return value;
}
