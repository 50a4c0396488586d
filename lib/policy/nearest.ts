import { parse } from 'yaml';
import type { Replayed } from '#lib/audit/replay.ts';
import { type CompiledPolicies, recompile } from './compile.ts';
import { decide, peerOf } from './decide.ts';
import { describeRule } from './describe.ts';
import type { ExplainedSet, QuestionNames } from './explain.ts';
import type { DirectionDecision, Peer, PolicyObject, PolicyRef, Question, SeenPeer } from './model.ts';
import { alsoAllowed, type AlsoAllowed, selectedPods } from './nearest-effect.ts';
import { choosePods, labelKeysInUse, namespaceOf, type PodChoice } from './nearest-labels.ts';
import { PolicyNames } from './nearest-names.ts';
import { describePeer, type NoPeer, type RulePeer, rulePeerOf } from './nearest-peer.ts';
import { fittingPlaces } from './nearest-policy.ts';
import { clusterResolver, isName } from './nearest-resolver.ts';
import { ciliumRule, labelSelector, literal, networkPolicyRule, type NewRule, type RuleRequests } from './nearest-rule.ts';
import { appendRules, type AmendedText, newText, policyText } from './nearest-yaml.ts';
import type { Direction } from './normalise.ts';
import { refOf } from './policy-ref.ts';

/** The smallest change that would let one direction pass, and what else it would let pass. */
export interface NearestChange {
  readonly direction: Direction;
  /** The policy it adds to, or a new one. */
  readonly policy: PolicyRef;
  readonly isNew: boolean;
  readonly text: string;
  /** The policy with the rule in it. */
  readonly yaml: string;
  /** Lines of `yaml` that are new, from 1. */
  readonly lines: readonly number[];
  readonly alsoAllows: readonly AlsoAllowed[];
  /** How many endpoints of the world its peer selector matches. */
  readonly peers: number;
}

export interface NearestFacts extends ExplainedSet {
  /** A policy as somebody wrote it; by default as the API server would print it. */
  readonly textOf?: (policy: PolicyRef) => string | undefined;
  /** Traffic seen lately. */
  readonly traffic?: readonly Replayed[];
  /** How the traffic calls the two ends of the question: it is left out of what else would pass. */
  readonly names?: QuestionNames;
}

/**
 * The smallest rule for each direction that denies a question for want of one. Nothing against a deny rule or a contradiction: no rule helps there. Each
 * was put to the engine: with it the direction lets the question pass.
 */
export function nearestChanges(facts: NearestFacts, question: Question): NearestChange[] {
  const decision = decide(facts.compiled, question);
  return (['egress', 'ingress'] as const).flatMap((direction) => {
    const own = decision[direction];
    if (!(own.verdict === 'denied' && own.reason === 'default-deny') && own.l7 !== 'denied') return [];
    return nearestChange(facts, question, direction, own) ?? [];
  });
}

function nearestChange(
  facts: NearestFacts,
  question: Question,
  direction: Direction,
  own: DirectionDecision,
): NearestChange | undefined {
  const { compiled, policies } = facts;
  const [subjectPeer, otherPeer] = direction === 'egress' ? [question.src, question.dst] : [question.dst, question.src];
  const subject = peerOf(compiled, subjectPeer).subject;
  const preferredKeys = labelKeysInUse(policies);
  const named = namePeer(compiled, otherPeer, direction, preferredKeys);
  if (!subject || named.kind === 'none') return undefined;
  const rules = newRules(facts, question, direction, named, own);
  if (!rules) return undefined;
  const labels = subject.identity.labels.texts;
  const choice = choosePods([labels], [], preferredKeys);
  const drafts = [
    ...(choice ? draftsInPlace(facts, subject, choice, direction, rules) : []),
    newDraft(policies, labels, choice, direction, rules),
  ];
  for (const draft of drafts) {
    const object = draft && policyOf(draft.text);
    if (!draft || !object) continue;
    const changed = recompile(compiled, { put: [object] });
    if (!lets(decide(changed, question)[direction])) continue;
    return {
      direction,
      policy: refOf(object),
      isNew: draft.isNew,
      text: sentenceOf(draft, object, direction, rules.length),
      yaml: draft.text,
      lines: draft.lines,
      alsoAllows: alsoAllowed(
        { before: compiled, after: changed, asked: question, names: facts.names ?? {}, direction },
        facts.traffic ?? [],
      ),
      peers: named.kind === 'pods' ? selectedPods(compiled, named) : 0,
    };
  }
  return undefined;
}

const lets = ({ verdict, l7 }: DirectionDecision): boolean => verdict === 'allowed' && l7 !== 'denied' && l7 !== 'unknown';

/** How a rule names the other end: as the question does where it asks about an entity, else as narrowly as can be. */
function namePeer(
  compiled: CompiledPolicies,
  peer: Peer,
  direction: Direction,
  preferredKeys: readonly string[],
): RulePeer | NoPeer {
  if ('entity' in peer) return { kind: 'entity', entity: peer.entity };
  const { labels, names } = peerOf(compiled, peer).identity;
  const seen: SeenPeer = {
    labels: labels.texts,
    ...('ip' in peer ? { ip: peer.ip } : 'seen' in peer && peer.seen.ip !== undefined ? { ip: peer.seen.ip } : {}),
    ...(names !== 'unknown' && names.length > 0 && { names }),
  };
  return rulePeerOf(seen, { direction, clusterName: compiled.world.config.clusterName, preferredKeys });
}

/** The rule that is missing, and one for the resolver where a name is used that nothing lets the workload ask for. Undefined where no rule can say it. */
function newRules(
  { compiled }: NearestFacts,
  question: Question,
  direction: Direction,
  peer: RulePeer,
  own: DirectionDecision,
): NewRule[] | undefined {
  const requests = requestsOf(question, direction, own);
  if (requests === 'none') return undefined;
  const rule: NewRule = {
    direction,
    peers: [peer],
    ports: [{ protocol: question.protocol, port: question.port }],
    ...(requests && { requests }),
  };
  if (peer.kind !== 'fqdn' || mayAsk(compiled, question, peer.name)) return [rule];
  const ports = (['UDP', 'TCP'] as const).map((protocol) => ({ protocol, port: 53 }));
  return [rule, { direction, peers: [clusterResolver(compiled.world)], ports, requests: { dns: [{ matchName: peer.name }] } }];
}

/** What the rule asks of requests. HTTP where it is read, at the destination, or where a proxy refuses it now. */
function requestsOf({ l7, protocol }: Question, direction: Direction, own: DirectionDecision): RuleRequests | undefined | 'none' {
  if (!l7) return undefined;
  if ('dns' in l7) {
    if (direction === 'ingress') return undefined;
    return isName(l7.dns) ? { dns: [{ matchName: l7.dns.replace(/\.$/, '').toLowerCase() }] } : 'none';
  }
  if (protocol !== 'TCP' || (direction === 'egress' && own.l7 !== 'denied')) return undefined;
  const { method, path } = l7.http;
  const isSeen = (field: 'method' | 'path') => l7.notSeen?.includes(field) !== true;
  return {
    http: [
      { ...(isSeen('method') && method !== '' && { method: literal(method) }), ...(isSeen('path') && { path: literal(path) }) },
    ],
  };
}

/** Whether a DNS section lets the subject ask for the name, so that its addresses are learned. */
function mayAsk(compiled: CompiledPolicies, { src }: Question, name: string): boolean {
  const { subject } = peerOf(compiled, src);
  if (!subject) return true;
  const queried = `${name}.`;
  return compiled
    .policyOf(subject)
    .egress.entries.some(
      ({ deny, ports }) =>
        !deny && ports?.some(({ l7 }) => l7?.dns?.some((pattern) => pattern.matches(queried)) === true) === true,
    );
}

interface Draft extends AmendedText {
  readonly isNew: boolean;
}

function* draftsInPlace(
  { compiled, policies, textOf }: NearestFacts,
  subject: Parameters<typeof fittingPlaces>[1],
  choice: PodChoice,
  direction: Direction,
  rules: readonly NewRule[],
): Generator<Draft> {
  for (const { object, path } of fittingPlaces({ compiled, policies }, subject, choice, direction)) {
    const namespace = object.metadata.namespace ?? 'default';
    const written = rules.map((rule) =>
      object.kind === 'NetworkPolicy' ? networkPolicyRule(rule, namespace) : ciliumRule(rule, namespace),
    );
    if (written.includes(undefined)) continue;
    const text = textOf?.(refOf(object)) ?? policyText(object);
    try {
      yield { ...appendRules(text, path, written), isNew: false };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error; // a text that cannot be read is not amended: the next policy, or a new one
    }
  }
}

/** A policy of its own for the subject; clusterwide for what is in no namespace. */
function newDraft(
  policies: readonly PolicyObject[],
  labels: readonly string[],
  choice: PodChoice | undefined,
  direction: Direction,
  rules: readonly NewRule[],
): Draft | undefined {
  const namespace = namespaceOf(labels);
  const reserved = labels
    .find((label) => label.startsWith('reserved:'))
    ?.slice(9)
    .replace(/=$/, '');
  const selector =
    namespace !== undefined
      ? choice && { endpointSelector: labelSelector(choice.labels, choice.absent) }
      : reserved === 'host'
        ? { nodeSelector: {} }
        : reserved !== undefined && { endpointSelector: { matchLabels: { [`reserved:${reserved}`]: '' } } };
  if (!selector) return undefined;
  const who = choice?.labels[0]?.value ?? reserved ?? 'pods';
  const whom = rules[0]?.peers.map(lastWordOf).join('-') ?? '';
  const name = new PolicyNames(policies, namespace).next(`${who}-${direction === 'egress' ? 'to' : 'from'}-${whom}`);
  const object = {
    apiVersion: 'cilium.io/v2',
    kind: namespace === undefined ? 'CiliumClusterwideNetworkPolicy' : 'CiliumNetworkPolicy',
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    spec: { ...selector, [direction]: rules.map((rule) => ciliumRule(rule, namespace)) },
  };
  return { ...newText(object), isNew: true };
}

const lastWordOf = (peer: RulePeer): string =>
  peer.kind === 'pods' ? (peer.choice.labels[0]?.value ?? peer.namespace) : describePeer(peer);

const policyOf = (text: string): PolicyObject => parse(text) as PolicyObject;

function sentenceOf({ isNew }: Draft, object: PolicyObject, direction: Direction, rules: number): string {
  const spec = object.spec as Record<string, unknown[]> | undefined;
  const count = spec?.[direction]?.length;
  const words = count === undefined ? '' : describeRule(object, `spec.${direction}[${count - rules}]`);
  const what = `${direction === 'egress' ? 'an egress' : 'an ingress'} rule${words === '' ? '' : ` ${words}`}`;
  const dns = rules > 1 ? ', and one for the resolver, because names are learned from DNS answers' : '';
  return isNew ? `A new policy ${refOf(object)} with ${what}${dns}.` : `${refOf(object)} gets ${what}${dns}.`;
}
