import 'server-only';
import { namedPolicies } from '#lib/audit/tuple.ts';
import { EVENT_TYPE, type Flow } from '#lib/flow/flow.ts';
import type { Governed } from './evidence.ts';
import type { HeldPolicies } from './policy-history.ts';

/** What the engine says of one flow: policies that decide it, and whether it would decide as was observed; undefined where it cannot tell. */
export interface EngineSays {
  readonly policies: readonly string[];
  readonly agrees: boolean;
}

/** Asks the engine about flows under the set that is in force. `setHash` is that of the set it judged by. */
export type AskEngine = (
  flows: readonly Flow[],
  signal: AbortSignal,
) => Promise<{ readonly setHash: string; readonly says: readonly (EngineSays | null)[] }>;

export interface Asked {
  readonly flow: Flow;
  readonly held: HeldPolicies | undefined;
}

/** Flows that one question to the engine holds, answers that are kept, and how long a batch waits for them. */
const MOST_ASKED = 256;
const MOST_KEPT = 20_000;
const WAIT_MS = 2000;
/** After a question that was not answered in time none is put for so long. */
const REST_MS = 15_000;

/**
 * Finds which policies governed flows: those that Hubble names, else those that the engine names for the set that was in force, else none. The engine is
 * asked about flows that differ for it, once for each set; a batch never waits long for it.
 */
export class Governing {
  readonly #ask: AskEngine | undefined;
  readonly #waitMs: number;
  readonly #now: () => number;
  readonly #kept = new Map<string, EngineSays | null>();
  #restUntil = 0;

  constructor(
    ask: AskEngine | undefined,
    { waitMs = WAIT_MS, now = Date.now }: { readonly waitMs?: number; readonly now?: () => number } = {},
  ) {
    this.#ask = ask;
    this.#waitMs = waitMs;
    this.#now = now;
  }

  /** In the order of the flows. Never rejects. */
  async of(asked: readonly Asked[], newestSet: string | undefined): Promise<Governed[]> {
    const open = new Map<string, Flow>();
    for (const { flow, held } of asked) {
      if (!held || held.setHash !== newestSet || !isJudged(flow) || namedPolicies(flow).length > 0) continue;
      const key = keyOf(flow, held.setHash);
      if (!this.#kept.has(key) && open.size < MOST_ASKED) open.set(key, flow);
    }
    if (open.size > 0) await this.#learn(open, newestSet as string);
    return asked.map((each) => this.#governed(each));
  }

  /** What is known at once: by Hubble's word, or an answer that is kept. */
  known(asked: Asked): Governed {
    return this.#governed(asked);
  }

  #governed({ flow, held }: Asked): Governed {
    const grace = graceOf(flow, held);
    const policySetHash = held?.setHash;
    const named = namedPolicies(flow);
    const nameOf = (ref: string) => held?.named(ref) ?? { ref };
    if (named.length > 0) return { policies: named.map(nameOf), by: 'hubble', policySetHash, grace };
    const says = held && isJudged(flow) ? this.#kept.get(keyOf(flow, held.setHash)) : undefined;
    if (!says) return { policies: [], by: 'none', policySetHash, grace };
    const doubt = says.agrees ? [] : ['engine-disagrees'];
    return { policies: says.policies.map(nameOf), by: 'engine', policySetHash, grace: [...grace, ...doubt] };
  }

  async #learn(open: ReadonlyMap<string, Flow>, setHash: string): Promise<void> {
    if (!this.#ask || this.#now() < this.#restUntil) return;
    const stop = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), this.#waitMs);
    });
    const asking = this.#ask([...open.values()], stop.signal).catch(() => undefined);
    const answer = await Promise.race([asking, late]);
    clearTimeout(timer);
    stop.abort();
    if (!answer) {
      this.#restUntil = this.#now() + REST_MS;
      return;
    }
    if (answer.setHash !== setHash) return;
    for (const [index, key] of [...open.keys()].entries()) this.#keep(key, answer.says[index] ?? null);
  }

  #keep(key: string, says: EngineSays | null): void {
    this.#kept.set(key, says);
    if (this.#kept.size <= MOST_KEPT) return;
    for (const oldest of this.#kept.keys()) return void this.#kept.delete(oldest);
  }
}

/** Whether policy is what decided: other drops are the datapath's, and traces follow a verdict that was made before. */
const isJudged = ({ eventType, verdict, dropReason, trafficDirection }: Flow): boolean =>
  trafficDirection !== 'TRAFFIC_DIRECTION_UNKNOWN' &&
  (eventType.type === EVENT_TYPE.policyVerdict ||
    eventType.type === EVENT_TYPE.l7 ||
    verdict === 'AUDIT' ||
    (verdict === 'DROPPED' && (dropReason === 'POLICY_DENIED' || dropReason === 'AUTH_REQUIRED')) ||
    (verdict !== 'DROPPED' && verdict !== 'ERROR'));

/** Flows that the engine tells apart; addresses only where there is no pod. */
function keyOf({ source, destination, ip, l4, l7, trafficDirection, isReply, verdict }: Flow, setHash: string): string {
  const addressOf = (podName: string, address: string | undefined): string => (podName === '' ? (address ?? '') : '');
  const port = isReply ? l4?.sourcePort : l4?.destinationPort;
  const end = (identity: number, namespace: string, podName: string, address: string | undefined): unknown[] => [
    identity,
    namespace,
    addressOf(podName, address),
  ];
  return JSON.stringify([
    setHash,
    trafficDirection,
    isReply === true,
    verdict,
    ...end(source.identity, source.namespace, source.podName, ip?.source),
    ...end(destination.identity, destination.namespace, destination.podName, ip?.destination),
    l4?.protocol,
    l4?.icmpType ?? port,
    l7?.http && [l7.http.method, l7.http.url],
    l7?.dns?.query,
  ]);
}

function graceOf({ time }: Flow, held: HeldPolicies | undefined): string[] {
  if (!held) return ['policies-unknown'];
  return [...(held.isFreshAt(time) ? ['propagation'] : []), ...(held.unseenAt(time) ? ['policies-unseen'] : [])];
}
