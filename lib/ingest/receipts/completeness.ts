import 'server-only';
import { shortNode } from '#lib/audit/tuple.ts';
import type { LostEvents } from '#lib/flow/flow.ts';
import { boundText } from '#lib/flow/text.ts';
import { momentOf } from '#lib/receipts/moment.ts';
import type { BatchHeader } from '#lib/receipts/receipt.ts';

type Completeness = BatchHeader['completeness'];

/** A stretch of time of which something is missing. Unix milliseconds. */
export interface Missing {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** What went unseen since a batch; it goes into the next one's header. */
export interface Unseen {
  readonly lost: ReadonlyMap<string, bigint>;
  readonly gaps: readonly Missing[];
  readonly skewMs: number;
}

/** Most that a header holds: what is beyond it is put together. */
const MOST_LOST = 200;
const MOST_GAPS = 50;
const MOST_TEXT = 512;
const MOST_DIGITS = 19;
/** Nodes whose clocks are told apart, and flows of one that make its clock believable. */
const MOST_CLOCKS = 5000;
const ENOUGH_FLOWS = 5;
const NEAR_MS = 1000;
const SEPARATOR = '\n';

/** Gathers what a batch cannot have seen: events that nodes lost, gaps of the stream, clocks that are off. */
export class CompletenessLog {
  #lost = new Map<string, bigint>();
  #gaps: Missing[] = [];
  /** By node: how long after its time its promptest flow came, and how many there were. */
  #clocks = new Map<string, { least: number; flows: number }>();
  #skewMs = 0;

  lost({ nodeName, source, count }: Pick<LostEvents, 'nodeName' | 'source' | 'count'>): void {
    if (!Number.isSafeInteger(count) || count <= 0) return;
    const key = `${boundText(shortNode(nodeName), MOST_TEXT)}${SEPARATOR}${source}`;
    const kept = this.#lost.has(key) || this.#lost.size < MOST_LOST - 1 ? key : `${SEPARATOR}${source}`;
    this.#lost.set(kept, (this.#lost.get(kept) ?? 0n) + BigInt(count));
  }

  /** Gaps of one reason become one where hardly anything lies between them. */
  gap({ from, to, reason }: Missing): void {
    if (!Number.isFinite(from) || !Number.isFinite(to)) return;
    const same = this.#gaps.findIndex((gap) => gap.reason === reason && gap.from <= to + NEAR_MS && gap.to >= from - NEAR_MS);
    const known = same < 0 ? undefined : this.#gaps.splice(same, 1)[0];
    this.#gaps.push({ from: Math.min(from, known?.from ?? from), to: Math.max(to, known?.to ?? to), reason });
    if (this.#gaps.length > MOST_GAPS) this.#mergeOldest();
  }

  /** A flow that came live: what lies between its time and `now` is its way here and how far its node's clock is off. */
  seen(nodeName: string, time: number, now: number): void {
    const clock = this.#clocks.get(nodeName);
    if (clock) {
      clock.flows += 1;
      if (now - time < clock.least) clock.least = now - time;
    } else if (this.#clocks.size < MOST_CLOCKS) this.#clocks.set(nodeName, { least: now - time, flows: 1 });
  }

  /** Everything so far, which begins anew. */
  take(): Unseen {
    for (const { least, flows } of this.#clocks.values())
      if (flows >= ENOUGH_FLOWS) this.#skewMs = Math.max(this.#skewMs, Math.abs(least));
    const taken = { lost: this.#lost, gaps: this.#gaps, skewMs: this.#skewMs };
    this.#lost = new Map();
    this.#gaps = [];
    this.#clocks = new Map();
    this.#skewMs = 0;
    return taken;
  }

  /** What was taken for a batch that was not written. */
  putBack({ lost, gaps, skewMs }: Unseen): void {
    const newer = { lost: this.#lost, gaps: this.#gaps };
    this.#lost = new Map(lost);
    this.#gaps = [...gaps];
    for (const [key, count] of newer.lost) this.#lost.set(key, (this.#lost.get(key) ?? 0n) + count);
    for (const gap of newer.gaps) this.gap(gap);
    this.#skewMs = Math.max(this.#skewMs, skewMs);
  }

  /** Gaps that wait for a batch. */
  get gaps(): number {
    return this.#gaps.length;
  }

  #mergeOldest(): void {
    const [a, b, ...rest] = this.#gaps.toSorted((x, y) => x.from - y.from);
    if (!a || !b) return;
    const reason = a.reason === b.reason ? a.reason : 'several';
    this.#gaps = [{ from: a.from, to: Math.max(a.to, b.to), reason }, ...rest];
  }
}

/** As a header has it. */
export function completenessOf(
  { lost, gaps, skewMs }: Unseen,
  nodes: { readonly nodesExpected: number; readonly nodesReporting: number },
): Completeness {
  return {
    nodes_expected: nodes.nodesExpected,
    nodes_connected: nodes.nodesReporting,
    lost_events: [...lost].slice(0, MOST_LOST).map(([key, count]) => {
      const at = key.lastIndexOf(SEPARATOR);
      const digits = String(count);
      return {
        node: key.slice(0, at),
        source: key.slice(at + 1),
        count: digits.length > MOST_DIGITS ? '9'.repeat(MOST_DIGITS) : digits,
      };
    }),
    stream_gaps: gaps
      .toSorted((a, b) => a.from - b.from)
      .map(({ from, to, reason }) => ({ from: momentOf(from), to: momentOf(to), reason: boundText(reason, MOST_TEXT) })),
    clock_skew_ms_max: Math.min(Math.round(skewMs), Number.MAX_SAFE_INTEGER),
  };
}
