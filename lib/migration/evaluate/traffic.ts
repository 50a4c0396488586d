import { counted } from '#lib/policy/lint/words.ts';
import type { SeenTraffic } from '#lib/preflight/traffic.ts';
import { trafficName } from '#lib/preflight/traffic.ts';
import { durationText } from '../gate/text.ts';
import type { DropCount, Evidence, JudgedTuple } from './evidence.ts';
import { type Measured, unknown } from './measure.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** A rate of drops from fewer flows is a matter of luck. */
const FEWEST_FLOWS = 100;

/** How long has to be recorded for what is said of "a day" or "a week". */
export const historyNeeded = ({ demo }: Evidence): number => (demo ? 10 * MINUTE : DAY);
const NOT_RECORDED = 'No traffic of this cluster is recorded.';

/** Share of nodes that report to the relay. */
export function nodesReporting({ inputs: { relay } }: Evidence): Measured {
  if (!relay || relay.expected === 0) return unknown('The relay does not say which nodes there are.', 'relay');
  return {
    kind: 'figure',
    figure: (relay.connected / relay.expected) * 100,
    value: `${relay.connected} of ${relay.expected}`,
    reason: `${relay.connected} of ${counted(relay.expected, 'node')} report to the relay.`,
    figures: { connected: relay.connected, expected: relay.expected, ...(relay.lost !== undefined && { lost: relay.lost }) },
    objects: relay.missing.map((name) => `Node ${name} does not report`),
  };
}

/** How much more is dropped for reasons that no policy decides than before the phase, in proportion to what is sent. */
export function dropsAgainstBefore({ traffic }: Evidence): Measured {
  if (!traffic || traffic.recordedSince === undefined) return unknown(NOT_RECORDED, 'flows');
  const { drops } = traffic;
  if (!drops) return unknown('Too little traffic is recorded to compare: it takes a minute before and one after.', 'flows');
  const { before, now } = drops;
  const small = [before, now].find(({ flows }) => flows < FEWEST_FLOWS);
  if (small) return unknown(`Only ${counted(small.flows, 'flow')} in one of the two windows: too few to compare.`, 'flows');
  const factor = factorOf(before, now);
  const figures = { flows: now.flows, dropped: now.dropped, flowsBefore: before.flows, droppedBefore: before.dropped };
  return {
    kind: 'figure',
    figure: factor,
    reason: `${now.dropped.toLocaleString('en-US')} of ${counted(now.flows, 'flow')} dropped in ${durationText(now.to - now.from)}, ${before.dropped.toLocaleString('en-US')} of ${counted(before.flows, 'flow')} in ${durationText(before.to - before.from)} before${isChance(before, now) ? ': no more than chance explains' : ''}.`,
    figures,
    objects: now.reasons.map(({ reason, flows }) => `${reason}: ${counted(flows, 'flow')}`),
    at: now.to,
  };
}

/** How often a difference may be taken for more than chance where there is none: one in a hundred. */
const SIGMAS = 2.33;

/** Whether more drops than before may be mere chance: counts of rare events, the one before taken one higher, so that none before is no proof. */
function isChance(before: DropCount, now: DropCount): boolean {
  const scale = now.flows / before.flows;
  const expected = (before.dropped + 1) * scale;
  return now.dropped - expected <= SIGMAS * Math.sqrt(now.dropped + (before.dropped + 1) * scale ** 2);
}

function factorOf(before: DropCount, now: DropCount): number {
  const factor = now.dropped === 0 ? 0 : (now.dropped / now.flows) * (before.flows / Math.max(before.dropped, 1));
  return isChance(before, now) ? Math.min(factor, 1) : factor;
}

/** Tuples that policies in audit mode let through and would deny, and that the policies in force still do not allow. */
export function auditTuples(evidence: Evidence): Measured {
  const { traffic, judged, inputs } = evidence;
  if (!traffic || traffic.recordedSince === undefined) return unknown(NOT_RECORDED, 'flows');
  if (!judged) return unknown('The policies of this cluster are not known, so that nothing can be explained.', 'policies');
  const { audit } = judged;
  // What is counted is all of the last day: where it is few enough now, it was at every time since the record is whole.
  const since = Math.max(traffic.recordedSince, ...traffic.gaps.map(({ to }) => to));
  const explained = audit.tuples - audit.unexplained.length - audit.unknown;
  const open = audit.unexplained.length + audit.unknown;
  return {
    kind: 'lasting',
    figure: open,
    since,
    reason:
      open === 0
        ? `${counted(audit.tuples, 'AUDIT tuple')} in the last day, all of them allowed by the policies in force.`
        : `${counted(audit.unexplained.length, 'AUDIT tuple')} that no policy in force allows, ${audit.unknown} that cannot be told, ${explained} explained.`,
    figures: { tuples: audit.tuples, unexplained: audit.unexplained.length, unknown: audit.unknown },
    objects: named(audit.unexplained),
    at: inputs.now,
  };
}

/** Traffic that was seen working and would be denied. */
export function wouldDeny(evidence: Evidence): Measured {
  const { traffic, judged, inputs } = evidence;
  if (!traffic || traffic.recordedSince === undefined) return unknown(NOT_RECORDED, 'flows');
  if (!judged) return unknown('The policies of this cluster are not known.', 'policies');
  const recorded = inputs.now - traffic.recordedSince;
  const { tuples, denied, unknown: open, by } = judged.wouldDeny;
  const said = `${by} would deny ${denied.length} of ${counted(tuples, 'tuple')} that passed; ${open} cannot be told.`;
  const figures = { tuples, denied: denied.length, unknown: open };
  const needed = historyNeeded(evidence);
  if (denied.length === 0 && recorded < needed)
    return {
      kind: 'unknown',
      missing: ['flows'],
      value: '0',
      figures,
      reason: `${said} Only ${durationText(recorded)} are recorded; it takes ${durationText(needed)}.`,
    };
  return { kind: 'figure', figure: denied.length, reason: said, figures, objects: named(denied), at: inputs.now };
}

/** Share of cross-node packets between pods that were seen encrypted. What proves nothing is neither encrypted nor in clear. */
export function encrypted({ inputs: { flows, now } }: Evidence): Measured {
  if (!flows || flows.flows === 0) return unknown(NOT_RECORDED, 'flows');
  const of = (kind: SeenTraffic['encryption']) => flows.traffic.filter(({ encryption }) => encryption === kind);
  const sum = (traffic: readonly SeenTraffic[]) => traffic.reduce((total, each) => total + each.flows, 0);
  const [secret, plain, open] = [of('encrypted'), of('plaintext'), of('notEvaluable').filter(isBetweenPods)];
  const figures = {
    encrypted: sum(secret),
    plaintext: sum(plain),
    notEvaluable: sum(open),
    sameNode: sum(of('sameNode')),
    host: sum(of('host')),
  };
  const encrypting = new Set(secret.flatMap(({ nodes }) => nodes));
  const silent = [...new Set(open.flatMap(({ nodes }) => nodes))].filter((node) => !encrypting.has(node)).toSorted();
  const judged = figures.encrypted + figures.plaintext;
  if (judged === 0)
    return {
      kind: 'unknown',
      missing: ['flows'],
      figures,
      reason: 'No packet between nodes was seen to be encrypted or in clear: encryption is off, or its events are not sampled.',
    };
  const text = `${figures.encrypted.toLocaleString('en-US')} of ${counted(judged, 'packet')} between nodes were seen encrypted; ${figures.notEvaluable.toLocaleString('en-US')} prove nothing, same-node and host traffic is left out.`;
  if (figures.plaintext === 0 && silent.length > 0)
    return {
      kind: 'unknown',
      missing: ['flows'],
      figures,
      reason: `${text} ${counted(silent.length, 'node')} sent between nodes and was never seen to encrypt.`,
      objects: silent.map((node) => `Node ${node}`),
    };
  return {
    kind: 'figure',
    figure: (figures.encrypted / judged) * 100,
    reason: text,
    figures,
    objects: plain.map((each) => `${trafficName(each)}: ${counted(each.flows, 'packet')} in clear`),
    at: Math.min(flows.to, now),
  };
}

const isBetweenPods = ({ source, destination }: SeenTraffic): boolean => source.namespace !== '' && destination.namespace !== '';

/** Flows dropped for want of authentication in the last hour. */
export function authRequired({ traffic, inputs }: Evidence): Measured {
  if (!traffic || traffic.recordedSince === undefined) return unknown(NOT_RECORDED, 'flows');
  const { authentication } = traffic;
  if (!authentication) return unknown('The policies of this cluster are not known.', 'policies');
  const { refused, pairs, asked } = authentication;
  if (asked === 0 && refused === 0)
    return unknown(
      'No traffic was seen that a policy wants authenticated: authentication.mode: required stands nowhere, or nobody talked.',
      'policies',
    );
  return {
    kind: 'figure',
    figure: refused,
    reason: `${counted(refused, 'flow')} dropped with AUTH_REQUIRED in the last hour.`,
    figures: { refused, asked },
    objects: pairs,
    at: inputs.now,
  };
}

/** Share of the flows that a policy wants authenticated that say they were. */
export function authenticated({ traffic, inputs }: Evidence): Measured {
  if (!traffic || traffic.recordedSince === undefined) return unknown(NOT_RECORDED, 'flows');
  const { authentication } = traffic;
  if (!authentication) return unknown('The policies of this cluster are not known.', 'policies');
  const { asked, authenticated: proven, pairs } = authentication;
  if (asked === 0) return unknown('No traffic was seen that a policy wants authenticated.', 'policies');
  return {
    kind: 'figure',
    figure: (proven / asked) * 100,
    reason: `${proven.toLocaleString('en-US')} of ${counted(asked, 'flow')} that policies want authenticated say that they were.`,
    figures: { asked, authenticated: proven },
    objects: pairs,
    at: inputs.now,
  };
}

/** Hours of traffic in the VPC Flow Logs that were imported. */
export function baseline({ baseline: known }: Evidence): Measured {
  if (!known) return unknown('No VPC Flow Logs have been imported.', 'flow-logs');
  return {
    kind: 'figure',
    figure: known.hours,
    reason: `${counted(known.records, 'record')} in ${known.hours.toLocaleString('en-US', { maximumFractionDigits: 1 })} h.`,
    figures: { records: known.records },
    at: known.at,
  };
}

/** Policies that agents refuse. */
export function invalidPolicies({ judged }: Evidence): Measured {
  if (!judged) return unknown('The policies of this cluster are not known.', 'policies');
  return {
    kind: 'figure',
    figure: judged.invalid.length,
    reason: `${judged.invalid.length} of ${counted(judged.policies, 'policy', 'policies')} are not enforced as they stand.`,
    figures: { policies: judged.policies },
    objects: judged.invalid.map(({ policy, reason }) => `${policy}: ${reason}`),
  };
}

const named = (tuples: readonly JudgedTuple[]): string[] => tuples.map(({ name, flows }) => `${name}, ${counted(flows, 'flow')}`);
