import type { CompiledPolicies } from './compile.ts';
import { decide, peerOf } from './decide.ts';
import { describeRule } from './describe.ts';
import type { DirectionExplained, Explained, SelectingPolicy } from './explain-model.ts';
import { nearRules } from './explain-near.ts';
import { nameOfPeer } from './explain-peer.ts';
import { describeRequest, stepsOf } from './explain-steps.ts';
import type { DirectionDecision, PolicyDecision, PolicyObject, PolicyRef, Question } from './model.ts';
import type { Direction, Entry } from './normalise.ts';
import { refOf } from './policy-ref.ts';
import { protocolIndex } from './protocols.ts';
import type { PortSection } from './sections.ts';
import type { JudgedPeer, SubjectOf } from './world-index.ts';

/** How the two sides are called; by default by what the question says of them. */
export interface QuestionNames {
  readonly from?: string;
  readonly to?: string;
}

/** A set of policies that answers, with its objects: rules are told in their words. */
export interface ExplainedSet {
  readonly compiled: CompiledPolicies;
  readonly policies: readonly PolicyObject[];
}

/** Answers a question and says why: who is judged at each end, by which policies, step by step, and which rules came near. */
export function explain({ compiled, policies }: ExplainedSet, question: Question, names: QuestionNames = {}): Explained {
  const decision = decide(compiled, question);
  const objects = new Map(policies.map((object) => [refOf(object), object]));
  const from = { name: names.from ?? nameOfPeer(question.src), peer: peerOf(compiled, question.src) };
  const to = { name: names.to ?? nameOfPeer(question.dst), peer: peerOf(compiled, question.dst) };
  const side = (direction: Direction) =>
    direction === 'egress'
      ? explainSide({ compiled, objects, question, direction, subject: from, peer: to }, decision.egress)
      : explainSide({ compiled, objects, question, direction, subject: to, peer: from }, decision.ingress);
  const egress = side('egress');
  const ingress = side('ingress');
  return {
    question: {
      from: from.name,
      to: to.name,
      protocol: question.protocol,
      port: question.port,
      l7: question.l7 ? describeRequest(question.l7) : '',
    },
    verdict: decision.verdict,
    headline: headlineOf(decision, egress, ingress),
    egress,
    ingress,
  };
}

interface Named {
  readonly name: string;
  readonly peer: JudgedPeer;
}

interface SideFacts {
  readonly compiled: CompiledPolicies;
  readonly objects: ReadonlyMap<PolicyRef, PolicyObject>;
  readonly question: Question;
  readonly direction: Direction;
  readonly subject: Named;
  readonly peer: Named;
}

function explainSide(
  { compiled, objects, question, direction, subject, peer }: SideFacts,
  decision: DirectionDecision,
): DirectionExplained {
  const { index } = compiled.peers;
  const own = subject.peer.subject;
  const conflict = own && compiled.policyOf(own).conflict;
  const entries = own ? compiled.policyOf(own)[direction].entries : [];
  const selecting = selectingOf(entries);
  const steps = stepsOf({
    direction,
    decision,
    subject: subject.name,
    peer: peer.name,
    traffic: trafficOf(question),
    request: question.l7,
    selecting,
    contradicting: conflict ? [conflict.first, conflict.second].map(({ policy, path }) => ({ policy, path })) : [],
    enforcement: index.world.config.policyEnforcement ?? 'default',
    wordsOf: ({ policy, path }) => wordsOf(objects.get(policy), path),
  });
  const isRefused = decision.reason === 'default-deny' || decision.l7 === 'denied' || decision.reason === 'unknown';
  const near = isRefused
    ? nearRules(entries, {
        question,
        peer: peer.peer.identity,
        peerName: peer.name,
        addresses: index,
        coversPort: ({ ports }) => !ports || ports.some((section) => covers(section, question, direction, own, compiled)),
        objectOf: ({ policy }) => objects.get(policy),
      })
    : [];
  return { ...decision, subject: subject.name, labels: subject.peer.identity.labels.texts, selecting, steps, near };
}

/** Policies by their entries, in their order. A policy that closes a direction without a rule has an entry whose path is no element. */
function selectingOf(entries: readonly Entry[]): SelectingPolicy[] {
  const policies = new Map<PolicyRef, { rules: Set<string>; defaultDeny: boolean }>();
  for (const { policy, path, defaultDeny } of entries) {
    const known = policies.get(policy) ?? { rules: new Set(), defaultDeny: false };
    if (path.endsWith(']')) known.rules.add(path);
    policies.set(policy, { rules: known.rules, defaultDeny: known.defaultDeny || defaultDeny });
  }
  return [...policies].map(([policy, { rules, defaultDeny }]) => ({ policy, rules: rules.size, defaultDeny }));
}

function covers(
  section: PortSection,
  { protocol, port }: Question,
  direction: Direction,
  subject: SubjectOf | undefined,
  { peers }: CompiledPolicies,
): boolean {
  if (section.protocol !== protocolIndex(protocol)) return false;
  const number =
    section.name === undefined
      ? section.first
      : (direction === 'ingress' ? subject?.ports : peers.index.egressPorts)?.(section.name, section.protocol);
  if (number === undefined) return false;
  return number === 'unknown' || (number <= port && port <= Math.max(number, section.last));
}

const wordsOf = (object: PolicyObject | undefined, path: string): string =>
  (object && describeRule(object, path)) || 'that it names';

const trafficOf = ({ protocol, port }: Question): string =>
  protocol.startsWith('ICMP') ? `${protocol} type ${port}` : `${protocol}/${port}`;

function headlineOf({ verdict }: PolicyDecision, egress: DirectionExplained, ingress: DirectionExplained): string {
  const sides = [
    { at: `at egress of ${egress.subject}`, side: egress },
    { at: `at ingress of ${ingress.subject}`, side: ingress },
  ];
  switch (verdict) {
    case 'allowed':
      return allowedHeadline(sides);
    case 'denied': {
      const denying = sides.filter(({ side }) => denies(side));
      const where = denying.map(({ at }) => at).join(' and ');
      return `Denied ${where}: ${[...new Set(denying.map(({ side }) => deniedBecause(side)))].join('; ')}.`;
    }
    case 'error':
      return `Policies contradict each other ${sides
        .filter(({ side }) => side.verdict === 'error')
        .map(({ at }) => at)
        .join(' and ')}: Cilium keeps the policy it had.`;
    case 'unknown': {
      const unknown = sides.filter(({ side }) => side.verdict === 'unknown' || side.l7 === 'unknown');
      return `Cannot be told ${unknown.map(({ at }) => at).join(' and ')}: ${unknown.flatMap(({ side }) => side.unknown?.[0]?.detail ?? []).join('; ')}.`;
    }
  }
}

interface HeadlineSide {
  readonly at: string;
  readonly side: DirectionExplained;
}

function allowedHeadline(sides: readonly HeadlineSide[]): string {
  const reported = sides.filter(({ side }) => side.audit === true);
  if (reported.length > 0)
    return `Denied ${reported.map(({ at }) => at).join(' and ')} by policy, but only reported (audit mode): it passes.`;
  const rules = sides.flatMap(({ side }) => side.allowRules);
  if (sides.every(({ side }) => !side.enforced)) return 'Allowed: no policy applies to either side.';
  const auth = sides.some(({ side }) => side.auth === 'required') ? ', after mutual authentication' : '';
  return rules.length > 0
    ? `Allowed by ${rules.length === 1 ? '1 rule' : `${rules.length} rules`}${auth}.`
    : 'Allowed: nothing that applies to it closes this direction.';
}

const denies = ({ verdict, audit, l7 }: DirectionExplained): boolean =>
  (verdict === 'denied' && audit !== true) || l7 === 'denied';

function deniedBecause({ reason, denyRules, l7, near }: DirectionExplained): string {
  if (l7 === 'denied') return near[0]?.failed[0] ? 'no rule lets this request pass' : 'the request matches no rule';
  if (reason === 'deny-rule') return `a deny rule of ${[...new Set(denyRules.map(({ policy }) => policy))].join(', ')}`;
  return 'no rule allows it';
}
