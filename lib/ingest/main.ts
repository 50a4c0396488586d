import 'server-only';
import { pino, type Logger } from 'pino';
import type { KubernetesTarget } from '#lib/api/clusters.ts';
import type { ReceiptSettings } from '#lib/config/receipts.ts';
import type { NatsConfig } from '#lib/config/nats.ts';
import { failAbandonedImports } from '#lib/db/flow-logs/imports.ts';
import { failAbandonedCaptures } from '#lib/db/traffic/captures.ts';
import { openTrafficDb } from '#lib/db/traffic/connection.ts';
import { messageOf } from '#lib/errors/errors.ts';
import { DEFAULT_REDACTION, type Redaction } from '#lib/flow/redact.ts';
import { Judge } from './judge/judge.ts';
import { WatchedSets } from './judge/watch.ts';
import { openKeys } from './keys/open-keys.ts';
import { Maintenance } from './maintenance.ts';
import { clusterNow, isSettled } from './migration/cluster-now.ts';
import { MigrationEvaluator } from './migration/evaluator.ts';
import { NatsBus } from './nats/nats-bus.ts';
import { PipelineSet } from './pipeline-set.ts';
import { ObjectsSet } from './policies/objects-set.ts';
import { askGoverning } from './receipts/ask-governing.ts';
import { FindingsWatch } from './receipts/findings/findings-watch.ts';
import { Notary } from './receipts/notary.ts';
import { ingestRoutes } from './routes.ts';
import { serveIngest } from './server.ts';
import { type WebhookConfig, WebhookWorker } from './webhooks/worker.ts';

export interface IngestConfig {
  readonly databaseUrl: string;
  /** `unix:/path/to.sock` or `http://host:port`. */
  readonly listen: string;
  /** Bearer that the web process sends. */
  readonly token: string;
  /** Flows kept in memory for each cluster. */
  readonly ringSize?: number;
  /** Most connections to the database. */
  readonly databasePool?: number;
  /** What is taken out of flows; `DEFAULT_REDACTION` when absent. */
  readonly redaction?: Redaction;
  /** The cluster that this process runs in or for: its objects are read there where nothing else is set for it. */
  readonly here?: { readonly cluster: string; readonly target: KubernetesTarget } | undefined;
  /** Sends webhooks, where given. */
  readonly webhooks?: WebhookConfig | undefined;
  /** Signs receipts, where given. */
  readonly receipts?: ReceiptSettings | undefined;
  /** Flows and attestations go over NATS, where given; everything works without it. */
  readonly nats?: NatsConfig | undefined;
  /** The bundled threads that judge and sign; beside the bundle by default. */
  readonly judgeFile?: URL;
  readonly signerFile?: URL;
  /** How often the head of a log is signed where it has grown; every ten seconds when absent. Milliseconds. */
  readonly checkpointEveryMs?: number;
  readonly log?: Logger;
}

export interface Ingest {
  /** As listened on, with the real port. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the pipelines of all clusters and the interface the web process asks. Needs a database with its migrations applied. */
export async function startIngest(config: IngestConfig): Promise<Ingest> {
  const log = config.log ?? pino({ name: 'ingest', level: process.env['LOG_LEVEL'] ?? 'info' });
  const db = openTrafficDb(config.databaseUrl, config.databasePool ?? 2);
  await Promise.all([failAbandonedCaptures(db), failAbandonedImports(db)]).catch((error: unknown) =>
    log.warn({ error: messageOf(error) }, 'the database does not answer yet'),
  );
  const redaction = config.redaction ?? DEFAULT_REDACTION;
  const fromBus = config.nats?.flows === 'consume';
  const objects = new ObjectsSet({ db, log, here: config.here });
  const judge = new Judge({ databaseUrl: config.databaseUrl, log, ...(config.judgeFile && { workerFile: config.judgeFile }) });
  const factsOf = (cluster: string) => objects.current(cluster);
  const keys = config.receipts && (await openKeys(config.receipts, db, log));
  const notary =
    config.receipts &&
    keys &&
    new Notary({
      settings: config.receipts,
      keys,
      db,
      log,
      policiesOf: factsOf,
      engineOf: (cluster) => (flows, signal) => askGoverning(judge, cluster, factsOf(cluster), flows, signal),
      signerFile: config.signerFile,
      checkpointEveryMs: config.checkpointEveryMs,
    });
  const pipelines = new PipelineSet({ db, ringSize: config.ringSize ?? 100_000, redaction, log, fromBus, notary });
  const watched = new WatchedSets({ db, judge, log, clusters: () => objects.clusters(), factsOf });
  const evaluator = new MigrationEvaluator({
    databaseUrl: config.databaseUrl,
    db,
    judge,
    log,
    factsOf,
    objectsOf: (cluster) => objects.objects(cluster),
    clusterNow: (cluster, now) => clusterNow(db, pipelines.of(cluster), now),
    isSettled: (cluster) => isSettled(pipelines.of(cluster), objects.of(cluster).state()),
  });
  const findings = new FindingsWatch({
    db,
    judge,
    log,
    factsOf,
    sourceOf: (cluster) => (objects.clusters().includes(cluster) ? objects.of(cluster).state().kind : undefined),
    clusters: () =>
      pipelines.all().map(({ id, samples, receipts }) => ({
        id,
        samples,
        receipt: receipts && keys?.active('receipt') ? (finding) => receipts.tap.finding(finding) : undefined,
        durable: () => receipts?.tap.durable() ?? Promise.resolve(),
      })),
  });
  const nats = config.nats && new NatsBus({ config: config.nats, db, pipelines, objects, redaction, log });
  if (nats) {
    pipelines.onPipeline((pipeline) => {
      nats.follow(pipeline);
      pipeline.receipts?.tap.onCommitted(() => nats.committed());
      pipeline.receipts?.checkpointer.onSigned(() => nats.committed());
    });
  }
  const routes = ingestRoutes({ pipelines, objects, judge, watched, evaluator, keys, nats }, db, redaction);
  const server = await serveIngest({ url: config.listen, token: config.token }, routes, log);
  const maintenance = new Maintenance(db, log, { receiptDays: config.receipts?.days });
  await maintenance.start();
  await pipelines.start();
  await objects.start();
  nats?.start();
  watched.start();
  findings.start();
  evaluator.start();
  const webhooks = config.webhooks && new WebhookWorker({ ...config.webhooks, db, log });
  webhooks?.start();
  log.info({ listen: server.url }, 'ingest is ready');
  return {
    url: server.url,
    async close() {
      await server.close();
      await webhooks?.close();
      keys?.close();
      await watched.close();
      await findings.close();
      await evaluator.close();
      await judge.close();
      await nats?.stopReading();
      await pipelines.close();
      await notary?.close();
      await objects.close();
      await nats?.end();
      await maintenance.close();
      await db.close();
    },
  };
}
