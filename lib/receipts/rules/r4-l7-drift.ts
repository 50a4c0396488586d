import { shortNode } from '#lib/audit/tuple.ts';
import { EVENT_TYPE, type Flow } from '#lib/flow/flow.ts';
import type { DirectionDecision } from '#lib/policy/model.ts';
import { questionOf, requestTargetOf } from '#lib/world/question.ts';
import { Merged } from './merged.ts';
import { outsideGrace } from './propagation.ts';
import type { RuleReport, Sighting } from './rule.ts';
import {
  connectionAbout,
  connectionKey,
  connectionText,
  counted,
  listed,
  type RuleContext,
  type Sample,
  seenBefore,
} from './sample.ts';

/** Whether R4 judges a flow: a request that a proxy let through. Answers, of a DNS proxy too, follow from the request. */
export const isForwardedRequest = ({ eventType, l7, verdict, trafficDirection, isReply }: Flow): boolean =>
  eventType.type === EVENT_TYPE.l7 &&
  l7?.type === 'REQUEST' &&
  (l7.http ?? l7.dns) !== undefined &&
  isReply !== true &&
  trafficDirection !== 'TRAFFIC_DIRECTION_UNKNOWN' &&
  (verdict === 'FORWARDED' || verdict === 'REDIRECTED');

/**
 * R4: a proxy let a request through that no rule of the policies on its port matches; paths match as a whole. A redirect only for visibility has no
 * rules and lets every request through. Seen twice outside the grace after a change it is confirmed.
 */
export function l7Drift(samples: readonly Sample[], context: RuleContext): RuleReport {
  const found = new Merged();
  const unknown = new Map<string, number>();
  let looked = 0;
  for (const sample of samples) {
    const { flow, names } = sample;
    if (!isForwardedRequest(flow)) continue;
    looked += sample.count;
    const asked = questionOf(flow, { inventory: context.inventory, ...(names.length > 0 && { namesOf: () => names }) });
    if (!asked.ok) continue;
    const said = context.decide(asked.question)[flow.trafficDirection === 'EGRESS' ? 'egress' : 'ingress'];
    if (said.verdict === 'unknown' || said.l7 === 'unknown') {
      const why = said.unknown?.[0]?.detail ?? 'the engine cannot tell';
      unknown.set(why, (unknown.get(why) ?? 0) + sample.count);
      continue;
    }
    // A connection that is denied now may be older than the policies: that is for R1 to say, by its verdict.
    if (said.verdict !== 'allowed' || said.l7 !== 'denied') continue;
    const count = outsideGrace(sample, context.propagation);
    if (count > 0) found.add(sightingOf({ ...sample, count }, said, context));
  }
  return {
    rule: 'R4',
    sightings: found.all().map((sighting) => confirmed(sighting, context)),
    looked,
    notEvaluable: [...unknown].map(([why, count]) => `${counted(count, 'request')} could not be judged: ${why}`),
  };
}

const confirmed = (sighting: Sighting, context: RuleContext): Sighting =>
  sighting.count > 1 || seenBefore(context, 'R4', sighting.key)
    ? { ...sighting, severity: 'confirmed' }
    : { ...sighting, reasons: [...sighting.reasons, 'It was seen once: a second time confirms it.'] };

function sightingOf({ flow, count, first, last }: Sample, said: DirectionDecision, context: RuleContext): Sighting {
  const about = connectionAbout(flow, context.inventory);
  const request = requestText(flow);
  return {
    rule: 'R4',
    key: connectionKey(about, request),
    severity: 'suspected',
    title: 'A request that no rule names went through',
    subject: `${request} · ${connectionText(about)}`,
    reasons: [
      `The proxy on node ${shortNode(flow.nodeName)} forwarded ${request}.`,
      `No rule of ${listed(said.matchAllow)} for this port matches it; a path rule has to match the whole path.`,
    ],
    about: { ...about, request, policies: said.matchAllow },
    count,
    first,
    last,
    flows: [flow],
  };
}

/** Method, host and path without the query, or the name that was looked up. */
export function requestText({ l7 }: Flow): string {
  if (l7?.dns) return `DNS ${l7.dns.query}`;
  if (!l7?.http) return '';
  const { host, path } = requestTargetOf(l7.http.url);
  const [plain = ''] = path.split('?');
  return `${l7.http.method} ${host ?? ''}${plain}`;
}
