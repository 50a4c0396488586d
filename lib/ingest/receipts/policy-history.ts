import 'server-only';
import type { PolicyInForce } from '#lib/db/policies/in-force.ts';
import { boundText } from '#lib/flow/text.ts';
import type { GoverningPolicy } from './evidence.ts';

/** What of the policies in force is needed here: see `CurrentPolicies`. */
export interface PoliciesNow {
  readonly inForce: readonly PolicyInForce[];
  readonly setHash: string;
  /** Unix milliseconds: since when, as far as this run of ingest knows. */
  readonly since: number;
}

/** What the database says was in force last, before this run. Unix milliseconds. */
export interface LastForce {
  readonly from: number;
  readonly to: number;
  readonly hash: string;
}

/** A set of policies and since when it was held. */
export interface HeldPolicies {
  readonly since: number;
  readonly setHash: string;
  /** A policy of the set by its reference, as receipts name it; of one that is not in the set its reference alone. */
  named(ref: string): GoverningPolicy;
  /** It was in force before and after this time, and nobody looked in between. */
  unseenAt(time: number): boolean;
  /** It came into force so shortly before that nodes may not have had it. */
  isFreshAt(time: number): boolean;
}

/** Sets that are remembered: flows come seconds late, after a reconnection minutes. */
const MOST_SETS = 32;
/** How long the nodes are given to take over a change. */
const PROPAGATION_MS = 30_000;
const MOST_TEXT = 512;

/** Which policies the API server held when: what a receipt of a flow of that time may name. */
export class PolicyHistory {
  readonly #sets: { readonly held: HeldPolicies; readonly inForce: readonly PolicyInForce[] }[] = [];
  #last: LastForce | undefined;

  /** What was in force before this run; to be told before the first `take`. */
  before(last: LastForce | undefined): void {
    this.#last = last;
  }

  /** Notes what is in force at `now`. */
  take({ inForce, setHash, since }: PoliciesNow, now: number): void {
    const newest = this.#sets.at(-1);
    if (newest?.inForce === inForce) return;
    const last = this.#sets.length === 0 && this.#last?.hash === setHash ? this.#last : undefined;
    const from = newest?.held.setHash === setHash ? now : since;
    this.#sets.push({ inForce, held: heldOf(inForce, setHash, last?.from ?? from, last && { from: last.to, to: since }) });
    if (this.#sets.length > MOST_SETS) this.#sets.shift();
  }

  /** What was held at a time; undefined where nobody knows. */
  at(time: number): HeldPolicies | undefined {
    for (let index = this.#sets.length - 1; index >= 0; index -= 1) {
      const held = this.#sets[index]?.held;
      if (held && held.since <= time) return held;
    }
    return undefined;
  }

  get newest(): HeldPolicies | undefined {
    return this.#sets.at(-1)?.held;
  }
}

function heldOf(
  inForce: readonly PolicyInForce[],
  setHash: string,
  since: number,
  unseen: { readonly from: number; readonly to: number } | undefined,
): HeldPolicies {
  let byRef: ReadonlyMap<string, PolicyInForce> | undefined;
  return {
    since,
    setHash,
    named(ref) {
      byRef ??= new Map(inForce.map((policy) => [policy.ref, policy]));
      const policy = byRef.get(ref);
      return { ref: boundText(ref, MOST_TEXT), ...(policy && identityOf(policy)) };
    },
    unseenAt: (time) => unseen !== undefined && time > unseen.from && time < unseen.to,
    isFreshAt: (time) => time - since < PROPAGATION_MS,
  };
}

/** `uid` and `generation` as the API server has them; a file of policies has neither. */
function identityOf({ hash, object }: PolicyInForce): Omit<GoverningPolicy, 'ref'> {
  const { uid, generation } = object.metadata;
  return {
    ...(typeof uid === 'string' && uid !== '' && { uid: boundText(uid, MOST_TEXT) }),
    ...(typeof generation === 'number' && Number.isSafeInteger(generation) && generation >= 0 && { generation }),
    spec_hash: hash,
  };
}
