import 'server-only';
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { beginPolicyRun, recordPolicies } from '#lib/db/policies/in-force.ts';
import { recordWorld } from '#lib/db/policies/worlds.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import type { CurrentPolicies } from './cluster-objects.ts';

const WORLD_EVERY_MS = 10 * 60_000;

interface Recording {
  /** Of this recorder; undefined until the first write. */
  run: number | undefined;
  /** Another ingest records this cluster: this one serves it, and writes no more. */
  overtaken: boolean;
  worldAt: number;
  /** `version` of the world that was written last. */
  worldVersion: number;
}

/** Writes down which policies are in force, and now and then the world they are judged against. One write of a cluster at a time. */
export class PolicyRecorder {
  readonly #db: TrafficDb;
  readonly #log: Logger;
  readonly #recordings = new Map<string, Recording>();
  #queue: Promise<void> = Promise.resolve();
  #failing = false;

  constructor(db: TrafficDb, log: Logger) {
    this.#db = db;
    this.#log = log;
  }

  /** Records what is in force at `now`. Never throws: what failed is written by the next call. */
  record(cluster: string, current: CurrentPolicies, now: number): Promise<void> {
    this.#queue = this.#queue.then(async () => {
      try {
        await this.#write(cluster, current, now);
        this.#failing = false;
      } catch (error) {
        if (error instanceof CausewayError && error.code === 'conflict') {
          this.#of(cluster).overtaken = true;
          this.#log.info({ cluster }, 'another ingest records the policies now');
          return;
        }
        if (!this.#failing) this.#log.warn({ cluster, error: messageOf(error) }, 'policies cannot be recorded; tried again');
        this.#failing = true;
      }
    });
    return this.#queue;
  }

  /** The next write of the cluster takes its recording over again. */
  forget(cluster: string): void {
    this.#recordings.delete(cluster);
  }

  async close(): Promise<void> {
    await this.#queue;
  }

  async #write(cluster: string, current: CurrentPolicies, now: number): Promise<void> {
    const recording = this.#of(cluster);
    if (recording.overtaken) return;
    recording.run ??= await beginPolicyRun(this.#db, cluster);
    await recordPolicies(this.#db, {
      cluster,
      run: recording.run,
      time: now,
      setHash: current.setHash,
      policies: current.inForce,
    });
    if (now - recording.worldAt < WORLD_EVERY_MS || recording.worldVersion === current.version) return;
    const hash = createHash('sha256').update(JSON.stringify(current.world)).digest('hex');
    await recordWorld(this.#db, cluster, now, hash, current.world);
    recording.worldAt = now;
    recording.worldVersion = current.version;
  }

  #of(cluster: string): Recording {
    const known = this.#recordings.get(cluster);
    if (known) return known;
    const recording: Recording = { run: undefined, overtaken: false, worldAt: 0, worldVersion: 0 };
    this.#recordings.set(cluster, recording);
    return recording;
  }
}
