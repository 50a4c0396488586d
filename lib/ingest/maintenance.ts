import 'server-only';
import type { Logger } from 'pino';
import { dropOldPolicies } from '#lib/db/policies/retention.ts';
import { dropOldReceipts } from '#lib/db/receipts/retention.ts';
import { compactLedger } from '#lib/db/traffic/compact-ledger.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { DAY_MS, DEFAULT_RETENTION, dropExpired, ensurePartitions, HOUR_MS, type Retention } from '#lib/db/traffic/partitions.ts';
import { compactRollups } from '#lib/db/traffic/rollups.ts';
import { messageOf } from '#lib/errors/errors.ts';

const EVERY_MS = 60_000;

/** Rows change often in these; the embedded database has no process that cleans up after them. */
const CLEANED = [
  'ingest_state',
  'traffic_tuple',
  'traffic_dirty',
  'drop_pair',
  'policy_state',
  'policy_force',
  'would_deny',
  'receipt_log',
] as const;

export interface MaintenanceOptions {
  readonly retention?: Retention;
  /** How long receipts of what was let through are kept; for good when absent. */
  readonly receiptDays?: number | undefined;
}

/** Keeps the traffic tables in order: partitions ahead, compaction each minute, retention and cleaning each hour. One for all clusters. */
export class Maintenance {
  readonly #db: TrafficDb;
  readonly #log: Logger;
  readonly #retention: Retention;
  readonly #receiptDays: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #hourly = 0;

  constructor(db: TrafficDb, log: Logger, { retention = DEFAULT_RETENTION, receiptDays }: MaintenanceOptions = {}) {
    this.#db = db;
    this.#log = log;
    this.#retention = retention;
    this.#receiptDays = receiptDays;
  }

  /** Makes today's partitions before it resolves, where the database answers: flushes need them. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.run(Date.now()), EVERY_MS);
    await this.run(Date.now());
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Everything that is due at `now`. Never throws: what failed is tried again in a minute. */
  run(now: number): Promise<void> {
    this.#running = this.#running.then(async () => {
      try {
        await this.#work(now);
      } catch (error) {
        this.#log.warn({ error: messageOf(error) }, 'maintenance of the traffic tables failed; tried again in a minute');
      }
    });
    return this.#running;
  }

  async #work(now: number): Promise<void> {
    const isHourly = now - this.#hourly >= HOUR_MS;
    if (isHourly) await ensurePartitions(this.#db, now - DAY_MS, now + DAY_MS);
    await compactRollups(this.#db, now);
    await compactLedger(this.#db, now);
    if (!isHourly) return;
    const dropped = await dropExpired(this.#db, now, this.#retention);
    await dropOldPolicies(this.#db, now);
    const receipts = this.#receiptDays === undefined ? 0 : await dropOldReceipts(this.#db, now, this.#receiptDays);
    if (receipts > 0)
      this.#log.info({ receipts }, 'dropped receipts of traffic that was let through, older than their retention');
    if (dropped.length > 0) this.#log.info({ dropped }, 'dropped what is older than its retention');
    for (const table of CLEANED) await this.#db.rows(`VACUUM (ANALYZE) ${table}`);
    this.#hourly = now;
  }
}
