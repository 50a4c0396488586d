import { dropCauseOf } from './drop-catalogue.ts';
import { dropReasonOf } from './drop-reasons.ts';
import { nameOf } from './endpoint-name.ts';
import { EVENT_TYPE, type Flow, type TrafficDirection } from './flow.ts';

/** A dropped packet or denied request, reduced to what a table or a chart needs. */
export interface Drop {
  /** Unix milliseconds. */
  readonly time: number;
  /** As `nameOf` says it: `payments/ledger`, `world`, `api.example.com`, ... */
  readonly source: string;
  readonly destination: string;
  /** TCP, UDP, ...; `NONE` for frames without a network layer. */
  readonly protocol: string;
  /** Destination port; 0 where there is none. */
  readonly port: number;
  /** Hubble's `drop_reason_desc`, e.g. `POLICY_DENIED`; `L7_DENIED` for the proxy; `DROP_REASON_UNKNOWN`. */
  readonly reason: string;
  readonly direction: TrafficDirection;
  /** `cluster/node`. */
  readonly nodeName: string;
  readonly uuid: string;
}

/**
 * Whether a flow counts as a drop, so that each packet counts once.
 *
 * Cilium reports a denied packet twice: as a policy verdict (event type 5), which names the policies, and right after it as a drop
 * (event type 1), which every dropped packet has, whatever the cause (bpf/lib/drop.h: `send_drop_notify`). So the drop event counts and a
 * dropping policy verdict does not (on a cluster that has drop events switched off, `bpf.events.drop.enabled: false`, nothing counts). A request denied by the L7 proxy has one event (129). AUDIT, ERROR and REDIRECTED are no drops.
 */
export const isDrop = (flow: Flow): boolean => flow.verdict === 'DROPPED' && flow.eventType.type !== EVENT_TYPE.policyVerdict;

/** Whether a flow is a policy verdict that denies: no drop of its own, but it names the deny rules of the drop that follows. */
export const isDenial = (flow: Flow): boolean => flow.verdict === 'DROPPED' && flow.eventType.type === EVENT_TYPE.policyVerdict;

/** Whether policy decided a drop with this reason, so that policy could allow it. */
export const isPolicyDrop = (reason: string): boolean => dropCauseOf(reason).decidedBy === 'policy';

/** Stands among the names of policies for a default deny, which Hubble gives none. */
export const DEFAULT_DENY = 'default-deny';

/** Whether drops with this reason and so many policies named were denied because no rule allows them. */
export const isDefaultDeny = (reason: string, policiesNamed: number): boolean =>
  policiesNamed === 0 && reason === 'POLICY_DENIED';

/** The drop a flow records, or `undefined` when it records none (or one that another flow records). */
export function dropOf(flow: Flow): Drop | undefined {
  if (!isDrop(flow)) return undefined;
  return {
    time: flow.time,
    source: nameOf(flow, 'source'),
    destination: nameOf(flow, 'destination'),
    protocol: flow.l4?.protocol ?? 'NONE',
    port: flow.l4?.destinationPort ?? 0,
    reason: dropReasonOf(flow),
    direction: flow.trafficDirection,
    nodeName: flow.nodeName,
    uuid: flow.uuid,
  };
}

/**
 * What a denying policy verdict and the drop of the same packet have in common: node, direction, addresses, ports and reason.
 * Joins the policies that the one names to the other; the two are less than a millisecond apart.
 */
export function packetKey(flow: Flow): string {
  const { ip, l4 } = flow;
  const ends = [ip?.source, l4?.sourcePort, ip?.destination, l4?.destinationPort, l4?.protocol];
  return [flow.nodeName, flow.trafficDirection, flow.dropReason, flow.source.identity, flow.destination.identity, ...ends].join(
    ' ',
  );
}
