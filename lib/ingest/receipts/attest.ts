import 'server-only';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AttestAnswer, AttestInput } from '#lib/api/receipts.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import { appendAuditBy } from '#lib/db/audit-log/append.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import type { Flow } from '#lib/flow/flow.ts';
import type { Matcher } from '../hub.ts';
import { readFilter } from '../filter.ts';
import type { FlowRing } from '../ring.ts';

/** Flows that one request attests at most. */
export const MOST_ATTESTED = 500;
/** Flows looked at before others get their turn: the ring is walked on the thread that also receives. */
const TURN = 4096;
/** Flows that are asked of the relay one by one where the ring does not hold them any more. */
const MOST_ASKED_FOR = 20;

/** Where flows are held, and what makes receipts of them. */
export interface Attesting {
  readonly cluster: string;
  readonly ring: Pick<FlowRing, 'newest' | 'before'>;
  /** The flow with this uuid, whole; undefined where the relay has it no more. */
  readonly flowByUuid: (uuid: string) => Promise<Flow | undefined>;
  /** Resolves with the ids of their receipts, once they are stored. */
  readonly attest: (flows: readonly Flow[], reason: string) => Promise<string[]>;
}

/** Makes receipts of flows that somebody names: by uuid, or the newest that a filter matches. What is not held any more is named. Throws `bad-filter`. */
export async function attestFlows(
  db: TrafficDb,
  { cluster, ring, flowByUuid, attest }: Attesting,
  { uuids, filter, reason }: AttestInput,
  context: AuditContext,
): Promise<AttestAnswer> {
  const { flows, missing } =
    uuids === undefined
      ? { flows: await newestMatching(ring, readFilter(filter ?? '').matches), missing: [] }
      : await flowsNamed(ring, flowByUuid, uuids);
  if (flows.length === 0) return { receipts: [], missing };
  const receipts = [...new Set(await attest(flows, reason))];
  await db.transaction((tx) =>
    appendAuditBy(tx, {
      ...context,
      action: 'receipt.attest',
      object: { type: 'receipt', id: receipts[0] ?? '' },
      outcome: 'ok',
      reason,
      cluster,
      details: { by: uuids ? 'uuid' : 'filter', flows: flows.length, receipts: receipts.length, missing: missing.length },
    }),
  );
  return { receipts, missing };
}

async function newestMatching(ring: Attesting['ring'], matches: Matcher): Promise<Flow[]> {
  const flows: Flow[] = [];
  await walk(ring, (flow) => {
    if (matches(flow)) flows.push(flow);
    return flows.length < MOST_ATTESTED;
  });
  return flows;
}

async function flowsNamed(
  ring: Attesting['ring'],
  flowByUuid: Attesting['flowByUuid'],
  uuids: readonly string[],
): Promise<{ flows: Flow[]; missing: string[] }> {
  const wanted = new Set(uuids);
  const flows: Flow[] = [];
  await walk(ring, (flow) => {
    if (flow.uuid !== undefined && wanted.delete(flow.uuid)) flows.push(flow);
    return wanted.size > 0;
  });
  for (const uuid of [...wanted].slice(0, MOST_ASKED_FOR)) {
    const flow = await flowByUuid(uuid).catch(() => undefined);
    if (flow && wanted.delete(uuid)) flows.push(flow);
  }
  return { flows, missing: [...wanted] };
}

/** Goes over what is held now, newest first, until `goOn` says no. */
async function walk(ring: Attesting['ring'], goOn: (flow: Flow) => boolean): Promise<void> {
  let looked = 0;
  for (const { flow } of ring.before(ring.newest + 1)) {
    if (!goOn(flow)) return;
    looked += 1;
    if (looked % TURN === 0) await nextTurn();
  }
}
