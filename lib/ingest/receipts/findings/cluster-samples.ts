import 'server-only';
import type { ClusterStatus } from '#lib/api/clusters.ts';
import type { Flow, Gap, LostEvents } from '#lib/flow/flow.ts';
import type { ObservationWindow } from '#lib/receipts/rules/r5-observation-gap.ts';
import type { FlowWindow } from '#lib/receipts/rules/rules.ts';
import type { RelayNode } from '#lib/relay/client.ts';
import { FlowSamples, type NamesOf } from './flow-samples.ts';
import { ObservationLog } from './observation.ts';

/** What the relay of a cluster said last. */
export interface RelayNow {
  readonly nodes: readonly RelayNode[];
  readonly state: ClusterStatus['state'];
}

/** What the rules will look at, gathered while a cluster's flows go by. */
export class ClusterSamples {
  readonly flows = new FlowSamples();
  readonly #observation: ObservationLog;
  readonly #relay: () => RelayNow;
  readonly #namesOf: NamesOf;

  constructor(relay: () => RelayNow, namesOf: NamesOf, now: number = Date.now()) {
    this.#observation = new ObservationLog(now);
    this.#relay = relay;
    this.#namesOf = namesOf;
  }

  /** A flow as it came, before it is put in order. */
  arrived({ nodeName, time }: Flow, now: number): void {
    this.#observation.flow(nodeName, time, now);
  }

  lost(lost: LostEvents): void {
    this.#observation.lost(lost);
  }

  gap(gap: Gap): void {
    this.#observation.gap(gap);
  }

  takeObservation(now: number): ObservationWindow {
    const { nodes, state } = this.#relay();
    return this.#observation.take(nodes, state, now);
  }

  takeFlows(now: number, lossy: ReadonlySet<string>, incomplete: readonly string[]): FlowWindow {
    return this.flows.take(now, lossy, incomplete, this.#namesOf);
  }
}
