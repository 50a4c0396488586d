import 'server-only';
import type { Logger } from 'pino';
import type { PolicySource } from '#lib/api/policies.ts';
import { readChangeRecord, readPolicyStretches } from '#lib/db/findings/changes.ts';
import { type NotedSighting, noteSightings } from '#lib/db/findings/note.ts';
import { readRuleStanding } from '#lib/db/findings/read.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { messageOf } from '#lib/errors/errors.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { policyChanges } from '#lib/receipts/rules/policy-changes.ts';
import { incompleteness, isLasting, observationGaps } from '#lib/receipts/rules/r5-observation-gap.ts';
import { type PolicyChange, policyTamper } from '#lib/receipts/rules/r6-policy-tamper.ts';
import type { RuleId, RuleReport, Severity, Sighting } from '#lib/receipts/rules/rule.ts';
import type { Judge } from '../../judge/judge.ts';
import type { FactsOf } from '../../judge/source.ts';
import type { ClusterSamples } from './cluster-samples.ts';

/** What a receipt of a finding is asked for with. */
export interface FindingReceipt {
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly reasons: readonly string[];
  readonly subject: string;
  readonly flow?: Flow;
  /** References of the policies it is about. */
  readonly policies: readonly string[];
  /** Unix milliseconds. */
  readonly at: number;
}

/** A cluster as the rules see it. */
export interface WatchedCluster {
  readonly id: string;
  readonly samples: ClusterSamples;
  /** Asks for a receipt and gives its id; undefined where none are made. */
  readonly receipt: ((finding: FindingReceipt) => string) | undefined;
  /** Resolves once the receipts asked for are committed. */
  readonly durable: () => Promise<void>;
}

export interface FindingsWatchOptions {
  readonly db: TrafficDb;
  readonly judge: Judge;
  readonly log: Logger;
  readonly clusters: () => readonly WatchedCluster[];
  readonly factsOf: FactsOf;
  /** Where the cluster's policies come from; undefined while that is not known. */
  readonly sourceOf: (cluster: string) => PolicySource['kind'] | undefined;
}

const EVERY_MS = 10_000;
/** A policy's change may be recorded a little after its time. */
const LATE_MS = 60_000;
/** One finding gets a receipt this often at most: its count tells the rest. */
const RECEIPT_EVERY_MS = 20_000;
/** Findings of a cluster that are remembered as seen before. */
const MOST_SEEN = 5000;

interface Seen {
  readonly keys: Set<string>;
  /** Unix milliseconds: when a finding got its last receipt. */
  readonly receiptAt: Map<string, number>;
  /** Conditions of R5 that went on in the window before: they are counted once. */
  lasting: ReadonlySet<string>;
  /** Unix milliseconds: changes of policies until then are told. */
  changesUntil: number;
  readonly told: Map<string, number>;
  readonly since: number;
  from: number;
}

/**
 * Applies the rules to each cluster every ten seconds, off the thread that takes flows where it costs, and notes what they found with its receipts.
 * What fails is said once and tried again with the next window; that window is then said to be incomplete.
 */
export class FindingsWatch {
  readonly #options: FindingsWatchOptions;
  readonly #seen = new Map<string, Seen>();
  readonly #failed = new Map<string, string>();
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #busy = false;

  constructor(options: FindingsWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => {
      if (!this.#busy) void this.run(Date.now());
    }, EVERY_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#running;
  }

  /** Looks at what came since the last look. Never throws. */
  run(now: number): Promise<void> {
    this.#running = this.#running.then(async () => {
      this.#busy = true;
      for (const cluster of this.#options.clusters()) {
        if (this.#stop.signal.aborted) break;
        await this.#look(cluster, now);
      }
      this.#busy = false;
    });
    return this.#running;
  }

  async #look(cluster: WatchedCluster, now: number): Promise<void> {
    const { id } = cluster;
    try {
      const seen = await this.#seenOf(id, now);
      const reports = await this.#reports(cluster, seen, now);
      const noted = await this.#attested(cluster, seen, reports, now);
      const fresh = await noteSightings(this.#options.db, { cluster: id, from: seen.from, to: now, reports }, noted, now);
      this.#remember(seen, reports, now);
      if (fresh.length > 0) this.#options.log.warn({ cluster: id, findings: fresh }, 'rules found something');
      this.#failed.delete(id);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (!this.#failed.has(id))
        this.#options.log.warn({ cluster: id, error: messageOf(error) }, 'rules cannot be applied now; tried again');
      this.#failed.set(id, 'An earlier look failed, and what it had before it was not judged.');
    }
  }

  async #reports({ id, samples }: WatchedCluster, seen: Seen, now: number): Promise<RuleReport[]> {
    const facts = this.#options.factsOf(id);
    if (facts) samples.flows.inForce(facts.setHash, facts.since);
    const observation = samples.takeObservation(now);
    const failed = this.#failed.get(id);
    const incomplete = [...incompleteness(observation), ...(failed === undefined ? [] : [failed])];
    const lossy = new Set(observation.lost.map(({ node }) => node));
    const window = samples.takeFlows(now, lossy, incomplete);
    const ofFlows = facts ? await this.#judged(id, facts, window, samples, seen) : NO_FACTS;
    return [...ofFlows, countedOnce(observationGaps(observation), seen), await this.#ofChanges(id, seen, now)];
  }

  async #judged(
    id: string,
    facts: NonNullable<ReturnType<FactsOf>>,
    window: ReturnType<ClusterSamples['takeFlows']>,
    samples: ClusterSamples,
    seen: Seen,
  ): Promise<RuleReport[]> {
    const ask = { kind: 'rules' as const, window, propagation: samples.flows.propagation, seenBefore: seen.keys };
    const body = await this.#options.judge.ask(id, facts, ask, this.#stop.signal);
    return JSON.parse(Buffer.from(body).toString('utf8')) as RuleReport[];
  }

  async #ofChanges(id: string, seen: Seen, now: number): Promise<RuleReport> {
    const { db, sourceOf } = this.#options;
    const source = sourceOf(id) ?? 'none';
    if (source === 'none') return policyTamper([], ['Nothing reads the policies of this cluster.']);
    if (source === 'upload')
      return policyTamper([], ['Policies come from an upload: who changes what in the cluster is not seen.']);
    const since = seen.changesUntil - LATE_MS;
    const noticed = policyChanges(await readPolicyStretches(db, id, since), since, seen.since);
    const changes: PolicyChange[] = [];
    for (const change of noticed) {
      const key = `${change.ref} ${change.what} ${change.at}`;
      if (seen.told.has(key)) continue;
      const record = await readChangeRecord(db, id, Math.min(change.lastSeen, change.at), change.at);
      changes.push({ ...change, record });
      seen.told.set(key, change.at);
    }
    for (const [key, at] of seen.told) if (at < now - 10 * LATE_MS) seen.told.delete(key);
    seen.changesUntil = now;
    return policyTamper(changes, []);
  }

  /**
   * Asks for receipts, and waits until they are there: a finding never names one that is not. Where none can be had now the finding is noted without, and
   * gets one when it is seen again.
   */
  async #attested(cluster: WatchedCluster, seen: Seen, reports: readonly RuleReport[], now: number): Promise<NotedSighting[]> {
    const sightings = reports.flatMap((report) => report.sightings);
    for (const [key, at] of seen.receiptAt) if (at <= now - RECEIPT_EVERY_MS) seen.receiptAt.delete(key);
    try {
      const noted = sightings.map((sighting) => ({ sighting, receipts: this.#receipts(cluster, seen, sighting, now) }));
      if (noted.some(({ receipts }) => receipts.length > 0)) await orAborted(cluster.durable(), this.#stop.signal);
      return noted;
    } catch (error) {
      if (this.#stop.signal.aborted) throw error;
      this.#options.log.warn({ cluster: cluster.id, error: messageOf(error) }, 'findings are noted without receipts');
      for (const { rule, key } of sightings) seen.receiptAt.delete(`${rule} ${key}`);
      return sightings.map((sighting) => ({ sighting, receipts: [] }));
    }
  }

  #receipts({ receipt }: WatchedCluster, seen: Seen, sighting: Sighting, now: number): string[] {
    const key = `${sighting.rule} ${sighting.key}`;
    if (!receipt || sighting.count === 0 || seen.receiptAt.has(key)) return [];
    seen.receiptAt.set(key, now);
    return [receipt(receiptOf(sighting))];
  }

  #remember(seen: Seen, reports: readonly RuleReport[], now: number): void {
    seen.from = now;
    for (const { sightings } of reports) {
      for (const { rule, key } of sightings) {
        seen.keys.delete(`${rule} ${key}`);
        seen.keys.add(`${rule} ${key}`);
      }
    }
    for (const oldest of seen.keys) {
      if (seen.keys.size <= MOST_SEEN) break;
      seen.keys.delete(oldest);
    }
  }

  async #seenOf(id: string, now: number): Promise<Seen> {
    const known = this.#seen.get(id);
    if (known) return known;
    // Changes of policies while this process did not run are told after its start.
    const last = await readRuleStanding(this.#options.db, id, 'R6');
    const seen: Seen = {
      keys: new Set(),
      receiptAt: new Map(),
      lasting: new Set(),
      changesUntil: last?.to ?? now,
      told: new Map(),
      since: now,
      from: now,
    };
    this.#seen.set(id, seen);
    return seen;
  }
}

/** `work`, or the end of waiting for it. */
async function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let leave = (): void => {};
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(new Error('closing'));
  });
  signal.addEventListener('abort', leave, { once: true });
  try {
    await Promise.race([work, left]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

const receiptOf = ({ rule, severity, reasons, subject, about, last, flows: [flow] }: Sighting): FindingReceipt => ({
  rule,
  severity,
  reasons,
  subject,
  policies: about.policies,
  at: flow?.time ?? last,
  ...(flow && { flow }),
});

/** What goes on from one window to the next is one observation gap, not one for each look. */
function countedOnce(report: RuleReport, seen: Seen): RuleReport {
  const before = seen.lasting;
  const lasting = report.sightings.filter(isLasting);
  seen.lasting = new Set(lasting.map(({ key }) => key));
  return {
    ...report,
    sightings: report.sightings.map((sighting) => (before.has(sighting.key) ? { ...sighting, count: 0 } : sighting)),
  };
}

const NO_POLICIES = 'It is not known which policies and objects the cluster has.';
const NO_FACTS: readonly RuleReport[] = (['R1', 'R2', 'R3', 'R4'] as const).map((rule) => ({
  rule,
  sightings: [],
  looked: 0,
  notEvaluable: [NO_POLICIES],
}));
