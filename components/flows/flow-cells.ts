import { dropCauseOf } from '#lib/flow/drop-catalogue.ts';
import { dropReasonOf } from '#lib/flow/drop-reasons.ts';
import { EVENT_TYPE, type Flow } from '#lib/flow/flow.ts';
import { summaryOf } from '#lib/flow/summary.ts';
import { visibleText } from '#lib/flow/text.ts';
import { policyName } from './flow-facts.ts';
import { type PeerName, peerName } from './names.ts';

/** The words of a row. All text comes from workloads: it is shown as text, with what cannot be seen made visible. */
export interface FlowCells {
  readonly source: PeerName;
  readonly destination: PeerName;
  /** `TCP/9090`, `ICMPv4`, or empty. */
  readonly port: string;
  readonly summary: string;
  readonly direction: string;
  /** Why: a drop's reason, or the policy that allowed or denied. */
  readonly because: { readonly text: string; readonly title: string; readonly bad: boolean; readonly mono: boolean };
  /** Without the cluster's name. */
  readonly node: string;
}

export function cellsOf(flow: Flow): FlowCells {
  return {
    source: peerName(flow, 'source'),
    destination: peerName(flow, 'destination'),
    port: portText(flow),
    summary: visibleText(carried(flow)),
    direction: DIRECTIONS[flow.trafficDirection],
    because: becauseOf(flow),
    node: visibleText(flow.nodeName.slice(flow.nodeName.indexOf('/') + 1)),
  };
}

/** What was carried; for a packet without L7 its flags and where it was seen, since the protocol stands in its own column. */
function carried(flow: Flow): string {
  const { l7, l4, eventType, traceObservationPoint } = flow;
  if (l7 || l4?.icmpType !== undefined || !l4) return summaryOf(flow);
  const point = traceObservationPoint?.toLowerCase().replaceAll('_', '-');
  const seen = eventType.type === EVENT_TYPE.policyVerdict ? 'policy verdict' : point;
  return [l4.flags?.join(', '), seen].filter(Boolean).join(' · ');
}

/** `TCP/9090`: the port of the side that listens, also on replies. */
export function portText({ l4, isReply }: Flow): string {
  if (!l4) return '';
  const port = isReply === true ? l4.sourcePort : l4.destinationPort;
  return port > 0 ? `${l4.protocol}/${port}` : l4.protocol;
}

const DIRECTIONS = { INGRESS: 'ingress', EGRESS: 'egress', TRAFFIC_DIRECTION_UNKNOWN: '' } as const;

function becauseOf(flow: Flow): FlowCells['because'] {
  const denied = [...flow.egressDeniedBy, ...flow.ingressDeniedBy].map(policyName);
  const allowed = [...flow.egressAllowedBy, ...flow.ingressAllowedBy].map(policyName);
  if (flow.verdict === 'DROPPED' || flow.dropReason !== undefined) {
    const name = dropReasonOf(flow);
    const { label } = dropCauseOf(name);
    const by = denied.length > 0 ? ` by ${visibleText(denied.join(', '))}` : '';
    return { text: `${label.replace(/ \(.*\)$/, '')}${by}`, title: `${name}${by}`, bad: true, mono: false };
  }
  const policies = visibleText([...denied, ...allowed].join(', '));
  return { text: policies, title: policies, bad: false, mono: true };
}
