import { dropCauseOf } from '#lib/flow/drop-catalogue.ts';
import { dropReasonOf } from '#lib/flow/drop-reasons.ts';
import type { Flow, PolicyRef } from '#lib/flow/flow.ts';
import { peerName } from './names.ts';
import { policyName } from './flow-facts.ts';

/** Why a flow has its verdict, as far as Hubble says. Nothing is guessed: where Hubble names no policy, that is what is said. */
export interface Why {
  /** One sentence. */
  readonly headline: string;
  /** What stands behind it, in the order in which a person asks. */
  readonly points: readonly WhyPoint[];
}

export interface WhyPoint {
  readonly tone: 'allowed' | 'denied' | 'audited' | 'note';
  readonly text: string;
  /** A policy to name in the mono face behind the text. */
  readonly policy?: string;
  readonly detail?: string;
}

export function whyOf(flow: Flow): Why {
  switch (flow.verdict) {
    case 'DROPPED':
      return whyDropped(flow);
    case 'AUDIT':
      return {
        headline: 'Let through by audit mode; policy would have denied it.',
        points: deciding(flow, 'audited'),
      };
    case 'ERROR':
      return { headline: 'The proxy or the datapath could not handle it.', points: reasonPoints(flow) };
    case 'REDIRECTED':
      return {
        headline: 'Sent to the L7 proxy, which decides on the request itself.',
        points: [...deciding(flow, 'allowed'), ...unnamedAllow(flow)],
      };
    case 'FORWARDED':
      return { headline: 'Forwarded.', points: [...deciding(flow, 'allowed'), ...unnamedAllow(flow)] };
    case 'TRACED':
      return { headline: 'Seen at a socket, before any decision.', points: [] };
    case 'TRANSLATED':
      return { headline: 'The service address was translated to a backend at the socket.', points: [] };
    case 'VERDICT_UNKNOWN':
      return { headline: 'Hubble reported no verdict.', points: [] };
  }
}

function whyDropped(flow: Flow): Why {
  const reason = dropCauseOf(dropReasonOf(flow));
  const side = sideOf(flow);
  if (reason.decidedBy !== 'policy') return { headline: `${reason.label}: no policy decided this.`, points: reasonPoints(flow) };
  const denied = deciding(flow, 'denied');
  if (denied.length > 0) return { headline: `${side.name} denied by policy.`, points: [...denied, ...reasonPoints(flow)] };
  if (flow.dropReason === 'POLICY_DENIED') {
    return {
      headline: `${side.name}: no rule allows it.`,
      points: [
        {
          tone: 'denied',
          text: 'No policy named: default deny',
          detail: `At least one policy selects ${side.endpoint}, so what no rule allows is denied. Hubble names a policy only where a rule decided.`,
        },
        ...deciding(flow, 'allowed'),
      ],
    };
  }
  return { headline: `${reason.label}.`, points: [...deciding(flow, 'allowed'), ...reasonPoints(flow)] };
}

/** Which end's policy decided: egress at the source, ingress at the destination. */
function sideOf(flow: Flow): { name: string; endpoint: string } {
  switch (flow.trafficDirection) {
    case 'EGRESS':
      return { name: `Egress at ${peerName(flow, 'source').name}`, endpoint: peerName(flow, 'source').full };
    case 'INGRESS':
      return { name: `Ingress at ${peerName(flow, 'destination').name}`, endpoint: peerName(flow, 'destination').full };
    case 'TRAFFIC_DIRECTION_UNKNOWN':
      return { name: 'Traffic', endpoint: 'one of the endpoints' };
  }
}

function deciding(flow: Flow, tone: 'allowed' | 'denied' | 'audited'): WhyPoint[] {
  const allow = tone !== 'denied';
  const deny = tone !== 'allowed';
  return [
    ...(deny ? named(flow.egressDeniedBy, 'Egress denied by', tone) : []),
    ...(deny ? named(flow.ingressDeniedBy, 'Ingress denied by', tone) : []),
    ...(allow ? named(flow.egressAllowedBy, 'Egress allowed by', 'allowed') : []),
    ...(allow ? named(flow.ingressAllowedBy, 'Ingress allowed by', 'allowed') : []),
  ];
}

const named = (policies: readonly PolicyRef[], text: string, tone: WhyPoint['tone']): WhyPoint[] =>
  policies.map((policy) => ({
    tone,
    text,
    policy: policyName(policy),
    detail: [policy.kind || 'derived by Cilium', policy.revision > 0 ? `revision ${policy.revision}` : '']
      .filter(Boolean)
      .join(', '),
  }));

/** Only policy verdicts carry names; a trace event without one says nothing about policy. */
function unnamedAllow(flow: Flow): WhyPoint[] {
  if (flow.egressAllowedBy.length > 0 || flow.ingressAllowedBy.length > 0) return [];
  const detail =
    flow.eventType.type === 5
      ? 'No policy selects the endpoint in this direction, or the connection was already known.'
      : 'Hubble names policies on policy verdicts, not on this kind of event.';
  return [{ tone: 'note', text: 'No policy named', detail }];
}

function reasonPoints(flow: Flow): WhyPoint[] {
  if (flow.dropReason === undefined && flow.verdict !== 'DROPPED') return [];
  const { label, meaning, look } = dropCauseOf(dropReasonOf(flow));
  return [
    { tone: 'note', text: label, detail: meaning },
    { tone: 'note', text: 'Where to look', detail: look },
  ];
}
