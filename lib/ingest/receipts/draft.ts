import 'server-only';
import type { Flow } from '#lib/flow/flow.ts';
import { momentOf } from '#lib/receipts/moment.ts';
import type { Evidence } from '#lib/receipts/receipt.ts';
import type { AggregateGroup } from './aggregates.ts';
import { graceField, type AboutFlow, evidenceOf, flowAbout, type Governed, type Origin } from './evidence.ts';
import type { Asked } from './governing.ts';
import type { HeldPolicies } from './policy-history.ts';

/** What is to have a receipt, before its policies are known. */
export interface Draft {
  /** The same for whoever saw it: `receipt.about`. */
  readonly about: string;
  /** Unix milliseconds by the clock of this process: when it was taken in. */
  readonly takenAt: number;
  /** The time it speaks of, first and last. */
  readonly from: number;
  readonly to: number;
  /** The flow whose policies are to be found; absent where they are known. */
  readonly asked?: Asked;
  evidence(governed: Governed): Evidence;
}

export type OriginOf = (nodeName: string) => Origin;

/** Of what has no policies to be found. */
export const NO_POLICIES: Governed = { policies: [], by: 'none', policySetHash: undefined, grace: [] };

/** A flow by itself. */
export function flowDraft(
  flow: Flow,
  about: Omit<AboutFlow, 'governed'> & { readonly held: HeldPolicies | undefined; readonly prefix: string },
  originOf: OriginOf,
  takenAt: number,
): Draft {
  const { held, prefix, ...rest } = about;
  return {
    about: `${prefix} ${flowAbout(flow)}`,
    takenAt,
    from: flow.time,
    to: flow.time,
    asked: { flow, held },
    evidence: (governed) => evidenceOf(flow, originOf(flow.nodeName), { ...rest, governed }),
  };
}

/** Evidence that is complete. */
export const readyDraft = (about: string, evidence: Evidence, time: number, takenAt: number): Draft => ({
  about,
  takenAt,
  from: time,
  to: time,
  evidence: () => evidence,
});

/** Flows of a minute. Its first flow stands for them; what not all of them have in common is left out. */
export function groupDraft(about: string, group: AggregateGroup, originOf: OriginOf, takenAt: number): Draft {
  const { flow, named, held, first, last, count, samples } = group;
  return {
    about,
    takenAt,
    from: first,
    to: last,
    asked: { flow: named ?? flow, held },
    evidence(governed) {
      const one = evidenceOf(flow, originOf(flow.nodeName), { class: 'aggregate', encryption: group.encryption, governed });
      const { event_sub_type: _sub, observation_point: _point, grace: _grace, ...observation } = one.observation;
      const [client, server] = [endOf(group.client, group.severalClients), endOf(group.server, group.severalServers)];
      return {
        ...one,
        observed_at: momentOf(last),
        flow: {
          uuid: flow.uuid,
          verdict: one.flow?.verdict ?? 'FORWARDED',
          direction: group.direction,
          source: client,
          destination: server,
          protocol: flow.l4?.protocol ?? 'NONE',
          port: group.port,
          aggregate: { count: String(count), first_at: momentOf(first), last_at: momentOf(last), samples },
        },
        observation: { ...observation, ...graceField(governed.grace) },
      };
    },
  };
}

/** Of several workloads with one identity none is named. */
function endOf(end: AggregateGroup['client'], isSeveral: boolean): AggregateGroup['client'] {
  if (!isSeveral) return end;
  const { workload: _workload, namespace: _namespace, ...rest } = end;
  return rest;
}
