import { namedPolicies, shortNode } from '#lib/audit/tuple.ts';
import { EVENT_TYPE, type Flow } from '#lib/flow/flow.ts';
import type { DirectionDecision } from '#lib/policy/model.ts';
import { questionOf } from '#lib/world/question.ts';
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
import { Merged } from './merged.ts';

const TITLE = 'Let through what policy denies';

/** Why a flow says nothing of enforcement, whatever policy says of it. */
export type Excuse =
  /** Not a decision of policy that let something pass. */
  | 'no-verdict'
  /** A reply, or it is not known whether it is one: connection tracking lets replies through. */
  | 'reply'
  /** A packet of a connection that was there before: connection tracking lets it go on. */
  | 'established'
  /** Denials are only reported here. */
  | 'audit-mode'
  /** Cilium always lets a host reach the endpoints on it, for health checks. */
  | 'local-host';

const HOST_IDENTITY = 1;

/** What keeps R1 from a flow; undefined for one that it judges. */
export function excuseOf(flow: Flow, { inventory }: Pick<RuleContext, 'inventory'>): Excuse | undefined {
  const { verdict, eventType, isReply, l4, trafficDirection: direction, source, destination } = flow;
  if (eventType.type !== EVENT_TYPE.policyVerdict || (verdict !== 'FORWARDED' && verdict !== 'REDIRECTED')) return 'no-verdict';
  if (direction === 'TRAFFIC_DIRECTION_UNKNOWN') return 'no-verdict';
  if (isReply !== false) return 'reply';
  if (l4?.protocol === 'TCP' && l4.flags && l4.flags.length > 0 && !l4.flags.includes('SYN')) return 'established';
  const [subject, side] = direction === 'EGRESS' ? ([source, 'egress'] as const) : ([destination, 'ingress'] as const);
  if (inventory.pods.get(`${subject.namespace}/${subject.podName}`)?.audits[side]) return 'audit-mode';
  if (direction === 'INGRESS' && source.identity === HOST_IDENTITY && inventory.settings.config.allowLocalhost !== 'policy')
    return 'local-host';
  return undefined;
}

/**
 * R1: a policy verdict let a connection through that the policies in force deny. The engine is asked for the direction the verdict was made in; an
 * endpoint that no policy selects allows everything, and what the engine cannot tell is counted, never taken for a denial. Seen twice outside the
 * grace after a change it is confirmed.
 */
export function enforcementGaps(samples: readonly Sample[], context: RuleContext): RuleReport {
  const found = new Merged();
  const unknown = new Map<string, number>();
  let looked = 0;
  for (const sample of samples) {
    const { flow } = sample;
    if (excuseOf(flow, context) !== undefined) continue;
    looked += sample.count;
    const { names } = sample;
    // Without any name it is not known which names an address has, which is not the same as that it has none.
    const asked = questionOf(flow, { inventory: context.inventory, ...(names.length > 0 && { namesOf: () => names }) });
    if (!asked.ok) {
      unknown.set(asked.detail, (unknown.get(asked.detail) ?? 0) + sample.count);
      continue;
    }
    const said = context.decide(asked.question)[flow.trafficDirection === 'EGRESS' ? 'egress' : 'ingress'];
    if (said.verdict === 'unknown' || said.verdict === 'error') {
      const why = said.unknown?.[0]?.detail ?? 'policies contradict each other for this endpoint';
      unknown.set(why, (unknown.get(why) ?? 0) + sample.count);
      continue;
    }
    if (said.verdict === 'allowed' || said.audit) continue;
    const count = outsideGrace(sample, context.propagation);
    if (count > 0) found.add(sightingOf({ ...sample, count }, said, context));
  }
  const notEvaluable = [...unknown].map(([why, count]) => `${counted(count, 'verdict')} could not be judged: ${why}`);
  return { rule: 'R1', sightings: found.all().map((sighting) => confirmed(sighting, context)), looked, notEvaluable };
}

/** One sighting proves little: a verdict can have been on its way when policy changed. */
function confirmed(sighting: Sighting, context: RuleContext): Sighting {
  const isTwice = sighting.count > 1 || seenBefore(context, 'R1', sighting.key);
  if (isTwice && sighting.severity === 'suspected' && !sighting.reasons.includes(OTHER_NAMES))
    return { ...sighting, severity: 'confirmed' };
  return isTwice ? sighting : { ...sighting, reasons: [...sighting.reasons, 'It was seen once: a second time confirms it.'] };
}

const OTHER_NAMES = 'The address outside may have names that were not seen being looked up.';

function sightingOf(sample: Sample, said: DirectionDecision, context: RuleContext): Sighting {
  const { flow, count, first, last } = sample;
  const about = connectionAbout(flow, context.inventory);
  const named = namedPolicies(flow);
  const gone = named.filter((policy) => !context.policies.has(policy));
  const direction = about.direction === 'EGRESS' ? 'egress' : 'ingress';
  const node = shortNode(flow.nodeName);
  const reasons = [
    `Node ${node} let it through; by the policies in force ${direction} is denied${
      said.reason === 'deny-rule' ? ` by ${listed(said.matchDeny)}` : ': the endpoint is closed and no rule allows it'
    }.`,
    ...(gone.length > 0 ? [`The verdict names ${listed(gone)}, which the cluster does not have.`] : []),
    ...revisionReason(flow, node, context),
    ...(sample.names.length > 0 ? [OTHER_NAMES] : []),
  ];
  return {
    rule: 'R1',
    key: connectionKey(about),
    severity: 'suspected',
    title: TITLE,
    subject: connectionText(about),
    reasons,
    about: { ...about, policies: [...new Set([...named, ...said.matchDeny])] },
    count,
    first,
    last,
    flows: [flow],
  };
}

/** That the node names an older revision than others is the usual cause; revisions of two nodes need not agree, so it is a hint. */
function revisionReason(flow: Flow, node: string, { propagation }: RuleContext): string[] {
  const own = Math.max(0, ...[...flow.egressAllowedBy, ...flow.ingressAllowedBy].map(({ revision }) => revision));
  const others = [...propagation.since].filter(([name]) => name !== node).map(([, revision]) => revision);
  const newest = Math.max(0, ...others);
  if (own === 0 || others.length === 0 || own >= newest) return [];
  return [`It went by policy revision ${own} there; other nodes name up to ${newest}.`];
}
