import type { ReplayTuple } from '#lib/audit/judge-input.ts';
import type { Replayed } from '#lib/audit/replay.ts';
import type { CompiledPolicies } from './compile.ts';
import { decide, peerOf } from './decide.ts';
import type { QuestionNames } from './explain.ts';
import type { DirectionDecision, Question } from './model.ts';
import { choosesLabels } from './nearest-labels.ts';
import type { RulePeer } from './nearest-peer.ts';
import type { Direction } from './normalise.ts';

/** Traffic that one direction denies and would let pass. */
export interface AlsoAllowed {
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly port: number;
  readonly flows: number;
}

/** A change of one direction, and the question that it is for. */
export interface Change {
  readonly before: CompiledPolicies;
  readonly after: CompiledPolicies;
  readonly direction: Direction;
  readonly asked: Question;
  /** How the traffic calls the two ends of the question. */
  readonly names: QuestionNames;
}

/** What of `traffic` one direction denies before and lets pass after, but for what was asked, most flows first. */
export function alsoAllowed(change: Change, traffic: readonly Replayed[]): AlsoAllowed[] {
  const { before, after, direction } = change;
  const found = new Map<string, AlsoAllowed>();
  for (const replayed of traffic) {
    if ('unknown' in replayed || isAsked(replayed.tuple, change)) continue;
    const { tuple, questions } = replayed;
    const isChanged = questions.some(
      (question) =>
        !isSame(before, question, change.asked) &&
        denies(decide(before, question)[direction]) &&
        !denies(decide(after, question)[direction]),
    );
    if (!isChanged) continue;
    const { protocol, port } = tuple;
    const [source, destination] = [tuple.source.name, tuple.destination.name];
    const key = JSON.stringify([source, destination, protocol, port]);
    found.set(key, { source, destination, protocol, port, flows: (found.get(key)?.flows ?? 0) + tuple.flows });
  }
  return [...found].toSorted(([a, one], [b, two]) => two.flows - one.flows || (a < b ? -1 : 1)).map(([, row]) => row);
}

/** Whether a tuple is between the two ends that were asked about, by their names. */
const isAsked = ({ source, destination, protocol, port }: ReplayTuple, { asked, names }: Change): boolean =>
  source.name === names.from &&
  destination.name === names.to &&
  port === asked.port &&
  protocol.replace('v4', '') === asked.protocol;

const denies = ({ verdict, l7 }: DirectionDecision): boolean => verdict === 'denied' || l7 === 'denied';

/** Whether two questions are about the same connection. */
function isSame(compiled: CompiledPolicies, one: Question, two: Question): boolean {
  return (
    one.port === two.port &&
    one.protocol === two.protocol &&
    peerOf(compiled, one.src).identity.id === peerOf(compiled, two.src).identity.id &&
    peerOf(compiled, one.dst).identity.id === peerOf(compiled, two.dst).identity.id
  );
}

/** How many endpoints of the world a peer of a rule stands for. */
export const selectedPods = (compiled: CompiledPolicies, { namespace, choice }: RulePeer & { kind: 'pods' }): number =>
  compiled.world.endpoints.filter(
    (endpoint) =>
      endpoint.namespace === namespace &&
      choosesLabels(choice, peerOf(compiled, { endpoint: endpoint.id }).identity.labels.texts),
  ).length;
