import 'server-only';
import { AttestInput, type AttestationStatus } from '#lib/api/receipts.ts';
import { type LoggedStatus, readLoggedStatus } from '#lib/db/receipts/attestation.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { auditContextOf } from '../audit-context.ts';
import type { ClusterPipeline } from '../cluster-pipeline.ts';
import { jsonBody, parsed } from '../input.ts';
import type { Call, Route } from '../server.ts';
import { type Attesting, attestFlows } from './attest.ts';

/** What makes the receipts of a cluster, as far as these routes ask it. */
export interface ReceiptMaker {
  readonly attest: Attesting['attest'];
  stats(): Omit<AttestationStatus, 'receipts' | 'nats'>;
}

export interface ReceiptRoutes {
  readonly db: TrafficDb;
  readonly of: (call: Call) => Pick<ClusterPipeline, 'id' | 'ring' | 'relay'>;
  /** Makes a cluster's receipts; undefined where none are made. */
  readonly tapOf: (cluster: string) => ReceiptMaker | undefined;
  /** Undefined where NATS is not used. */
  readonly nats: () => AttestationStatus['nats'] | undefined;
}

/** How the way from flow to witnessed head is doing, and receipts on demand. */
export function receiptRoutes({ db, of, tapOf, nats }: ReceiptRoutes): Route[] {
  const logged = new Remembered((cluster) => readLoggedStatus(db, cluster, Date.now()));
  return [
    {
      method: 'GET',
      path: '/clusters/:cluster/attestation',
      handle: async (call) => {
        const { id } = of(call);
        const tap = tapOf(id);
        const stored = await logged.of(id);
        return { json: { ...(tap ? tap.stats() : OFF), ...stored, nats: nats() ?? NATS_OFF } satisfies AttestationStatus };
      },
    },
    {
      method: 'POST',
      path: '/clusters/:cluster/receipts',
      handle: async (call) => {
        const { id, ring, relay } = of(call);
        const input = parsed(AttestInput, await jsonBody(call.body));
        const tap = tapOf(id);
        if (!tap) throw new CausewayError('not-configured', OFF.problem);
        const attesting = {
          cluster: id,
          ring,
          flowByUuid: (uuid: string) => relay.flowByUuid(uuid),
          attest: (flows: readonly Flow[], reason: string) => tap.attest(flows, reason),
        };
        return { json: await attestFlows(db, attesting, input, auditContextOf(call)), status: 201 };
      },
    },
  ];
}

const OFF = {
  state: 'off',
  problem: 'Receipts are off in this console: it has been started without keys.',
  stages: [],
  series: [],
} satisfies Partial<AttestationStatus>;

const NATS_OFF: AttestationStatus['nats'] = {
  state: 'off',
  detail: '',
  published: 0,
  consumed: 0,
  duplicates: 0,
  parked: 0,
  pending: 0,
};

/** Everybody who looks at the dashboard asks every few seconds: the database is asked once for all of them. */
class Remembered {
  readonly #read: (cluster: string) => Promise<LoggedStatus>;
  readonly #answers = new Map<string, { readonly at: number; readonly answer: Promise<LoggedStatus> }>();

  constructor(read: (cluster: string) => Promise<LoggedStatus>) {
    this.#read = read;
  }

  of(cluster: string): Promise<LoggedStatus> {
    const now = Date.now();
    const last = this.#answers.get(cluster);
    if (last && now - last.at < FRESH_MS) return last.answer;
    const answer = this.#read(cluster);
    this.#answers.set(cluster, { at: now, answer });
    answer.catch(() => this.#answers.delete(cluster));
    return answer;
  }
}

const FRESH_MS = 3000;
