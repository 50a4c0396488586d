import 'server-only';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { openDatabase } from '#lib/db/client.ts';
import type { PrismaClient } from '#lib/db/generated/client.ts';
import { forgetChanges } from '#lib/db/migration/changes.ts';
import { writeProblem } from '#lib/db/migration/evidence.ts';
import { writeFacts } from '#lib/db/migration/facts.ts';
import { currentUploads } from '#lib/db/migration/current-uploads.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { PHASES, type Phase, type UploadKind } from '#lib/migration/model.ts';
import { phaseOf, planOf } from '#lib/migration/plan/plan.ts';
import type { ReadEvidence } from '../judge/answers/evidence.ts';
import type { ClusterNow } from '../judge/asks.ts';
import type { Judge } from '../judge/judge.ts';
import type { FactsOf, ObjectsOf } from '../judge/source.ts';
import { type ClusterToRead, readAsks } from './read-asks.ts';
import { writePhase } from './write-phase.ts';

export interface EvaluatorOptions {
  readonly databaseUrl: string;
  readonly db: TrafficDb;
  readonly judge: Pick<Judge, 'ask'>;
  readonly factsOf: FactsOf;
  readonly objectsOf: ObjectsOf;
  /** What else is known of a cluster now. Throws `not-found` for one that is not followed. */
  readonly clusterNow: (cluster: string, now: number) => Promise<ClusterNow>;
  /** Relay and objects of a cluster have been heard of, or it is known that they will not be. */
  readonly isSettled: (cluster: string) => boolean;
  readonly log: Logger;
  readonly now?: () => number;
}

/** Files that preflight checks look at, which are in every phase. */
const READ_BY_PREFLIGHT: readonly UploadKind[] = [
  'helm-values',
  'argocd-application',
  'cilium-status',
  'encryption-status',
  'agent-conf',
  'spire-entries',
];
const EVERY_MS = 5 * 60_000;
const TICK_MS = 5000;
/** A cluster whose relay and objects have said nothing by then is read as it is. */
const PATIENCE_MS = 90_000;
/** On demand nobody waits as long. */
const ASKED_PATIENCE_MS = 15_000;

/**
 * Reads the evidence of each cluster that is migrated: every five minutes, and whenever somebody asks. Reading is done by the judge's thread; here it
 * is only asked for and written. One reading of a cluster at a time; a fault in one is told there and holds up no other.
 */
export class MigrationEvaluator {
  readonly #options: EvaluatorOptions;
  readonly #now: () => number;
  readonly #due = new Map<string, number>();
  /** What is being read of a cluster, or waits to be. */
  readonly #turns = new Map<string, Promise<void>>();
  /** What waits and has not begun: it can take in more. */
  readonly #next = new Map<string, { readonly phases: Set<Phase>; readonly turn: Promise<void> }>();
  readonly #stop = new AbortController();
  readonly #began: number;
  #prisma: PrismaClient | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failing = false;

  constructor(options: EvaluatorOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#began = this.#now();
  }

  start(): void {
    this.#timer = setInterval(() => void this.runDue(), TICK_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await Promise.allSettled(this.#turns.values());
    await this.#prisma?.$disconnect();
  }

  /** Reads the clusters whose time has come. Never throws. */
  async runDue(): Promise<void> {
    try {
      const rows = await this.#db().migrationCluster.findMany({ select: { clusterId: true } });
      this.#failing = false;
      for (const { clusterId } of rows) {
        if (this.#now() < (this.#due.get(clusterId) ?? 0) || this.#turns.has(clusterId)) continue;
        await this.evaluate(clusterId, PHASES, PATIENCE_MS).catch(() => {}); // it was told where it happened
      }
    } catch (error) {
      if (!this.#failing && !this.#stop.signal.aborted)
        this.#options.log.warn({ error: messageOf(error) }, 'which clusters are migrated cannot be read');
      this.#failing = true;
    }
  }

  /**
   * Reads phases of a cluster, after what is being read of it now and together with what else is asked meanwhile. Throws `not-found` without a
   * migration, and what kept it from being read.
   */
  evaluate(cluster: string, phases: readonly Phase[] = PHASES, patienceMs = ASKED_PATIENCE_MS): Promise<void> {
    const next = this.#next.get(cluster);
    if (next) {
      for (const phase of phases) next.phases.add(phase);
      return next.turn;
    }
    const asked = new Set(phases);
    const before = this.#turns.get(cluster) ?? Promise.resolve();
    const turn = before.then(() => {
      this.#next.delete(cluster);
      return this.#read(
        cluster,
        PHASES.filter((phase) => asked.has(phase)),
        patienceMs,
      );
    });
    const settled = turn
      .catch(() => {}) // whoever asked is told
      .then(() => {
        if (this.#turns.get(cluster) === settled) this.#turns.delete(cluster);
      });
    this.#next.set(cluster, { phases: asked, turn });
    this.#turns.set(cluster, settled);
    return turn;
  }

  async #read(cluster: string, phases: readonly Phase[], patienceMs: number): Promise<void> {
    if (phases.length === PHASES.length) this.#due.set(cluster, this.#now() + EVERY_MS);
    try {
      const now = await this.#clusterNow(cluster, patienceMs);
      const toRead = await readAsks(this.#db(), cluster, phases);
      if (!planOf(toRead.migration.planVersion)) return; // nobody decides by a plan that is gone: what was read last stays
      await this.#write(toRead, await this.#ask(cluster, now, toRead));
    } catch (error) {
      if (this.#stop.signal.aborted) throw error;
      if (!(error instanceof CausewayError && error.code === 'not-found')) await this.#tell(cluster, phases, error);
      throw error;
    }
  }

  async #clusterNow(cluster: string, patienceMs: number): Promise<ClusterNow> {
    const { clusterNow, isSettled } = this.#options;
    const until = Math.min(this.#now() + patienceMs, this.#began + PATIENCE_MS);
    while (this.#now() < until && !isSettled(cluster)) {
      if (this.#stop.signal.aborted) throw new CausewayError('ingest-unreachable', 'ingest is closing');
      await sleep(250);
    }
    return clusterNow(cluster, this.#now());
  }

  async #ask(cluster: string, now: ClusterNow, { phases }: ClusterToRead): Promise<ReadEvidence> {
    const { judge, factsOf, objectsOf } = this.#options;
    const ask = { kind: 'evidence', cluster: now, phases: phases.map((each) => each.ask) } as const;
    const body = await judge.ask(cluster, factsOf(cluster), ask, this.#stop.signal, objectsOf(cluster));
    return JSON.parse(Buffer.from(body).toString('utf8')) as ReadEvidence;
  }

  async #write({ migration, member, phases }: ClusterToRead, { phases: read, values, ...cluster }: ReadEvidence): Promise<void> {
    const plan = planOf(migration.planVersion);
    if (!plan) return;
    const files = await currentUploads(this.#options.db, member.id);
    for (const toRead of phases) {
      const results = read.find(({ phase }) => phase === toRead.ask.phase)?.results;
      if (!results) continue;
      const phase = phaseOf(plan, toRead.ask.phase, migration.choices);
      const kinds = new Set([...READ_BY_PREFLIGHT, ...phase.checks.flatMap(({ uploads = [] }) => uploads)]);
      const uploaders = files.filter(({ kind }) => kinds.has(kind)).map(({ bySubject }) => bySubject);
      await this.#db().$transaction((tx) => writePhase(tx, { ...toRead, migration, member, phase, results, cluster, uploaders }));
    }
    await this.#db().$transaction(async (tx) => {
      await writeFacts(tx, member.id, new Map(Object.entries(values)));
      await forgetChanges(tx, member.id);
    });
  }

  async #tell(cluster: string, phases: readonly Phase[], error: unknown): Promise<void> {
    this.#options.log.warn({ cluster, error: messageOf(error) }, 'the evidence of a cluster cannot be read');
    const text = error instanceof CausewayError ? error.message : 'an internal error; the log of ingest has it';
    await this.#db()
      .$transaction((tx) => writeProblem(tx, cluster, phases, text.slice(0, 500)))
      .catch(() => {}); // the database is what is away, then
  }

  /** A client of its own: gates and webhooks are written with it in the transaction of the evidence. */
  #db(): PrismaClient {
    return (this.#prisma ??= openDatabase(this.#options.databaseUrl, 1));
  }
}
