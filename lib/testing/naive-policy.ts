import { selects } from '#lib/policy/identity.ts';
import { JudgedPeers } from '#lib/policy/judged-peers.ts';
import type { PolicyObject, PolicyRef, Question, World } from '#lib/policy/model.ts';
import { type Direction, type Entry, entriesOf } from '#lib/policy/normalise.ts';
import { protocolIndex } from '#lib/policy/protocols.ts';
import { meetsAll } from '#lib/policy/selector.ts';
import { isEnforced, problemsOf } from '#lib/policy/validate.ts';
import type { JudgedPeer } from '#lib/policy/world-index.ts';

/** What the naive engine says of a direction at L3/L4. */
export interface NaiveAnswer {
  readonly verdict: 'allowed' | 'denied';
  readonly matchAllow: readonly PolicyRef[];
  readonly matchDeny: readonly PolicyRef[];
}

/**
 * The semantics once more, as slowly and plainly as they are written down: every question looks at every entry of every policy, nothing is indexed, cut
 * or kept. For worlds that are known in full, and policies that do not contradict each other.
 */
export function naiveEngine(
  world: World,
  policies: readonly PolicyObject[],
): (question: Question) => Record<Direction, NaiveAnswer> {
  const peers = new JudgedPeers(world);
  const entries = policies
    .filter((object) => isEnforced(problemsOf(object, world.config)))
    .flatMap((object) => entriesOf(object, { config: world.config, services: world.services, servicesMissing: false }));
  return (question) => {
    const src = peers.find(question.src);
    const dst = peers.find(question.dst);
    return {
      egress: answer(src, dst, 'egress', entries, question, peers),
      ingress: answer(dst, src, 'ingress', entries, question, peers),
    };
  };
}

function answer(
  { subject }: JudgedPeer,
  { identity: peer }: JudgedPeer,
  direction: Direction,
  all: readonly Entry[],
  question: Question,
  peers: JudgedPeers,
): NaiveAnswer {
  const nothing = { matchAllow: [], matchDeny: [] };
  if (!subject) return { verdict: 'allowed', ...nothing };
  const { index } = peers;
  const { config } = index.world;
  const entries = all.filter(
    (entry) =>
      config.policyEnforcement !== 'never' &&
      entry.direction === direction &&
      entry.subject.node === (subject.role === 'host') &&
      meetsAll(entry.subject.requirements, subject.identity.labels) === 'yes',
  );
  const isClosed = config.policyEnforcement === 'always' || subject.identity.labels.texts.includes('reserved:init');
  const covering = entries.filter((entry) => {
    const { peers: named, ports } = entry;
    const isNamed =
      named === 'everybody' ||
      (named !== 'nobody' &&
        named.some((selector) => selects({ ...selector, id: 9_999 }, { ...peer, matches: new Uint8Array(1) }, index) === 'yes'));
    return (
      isNamed &&
      (ports === undefined ||
        ports.some((section) => {
          const lookedUp =
            section.name === undefined
              ? section.first
              : (direction === 'ingress' ? subject.ports : index.egressPorts)(section.name, section.protocol);
          return (
            section.protocol === protocolIndex(question.protocol) &&
            typeof lookedUp === 'number' &&
            lookedUp <= question.port &&
            question.port <= Math.max(lookedUp, section.last)
          );
        }))
    );
  });
  const policiesOf = (deny: boolean) =>
    [...new Set(covering.filter((entry) => entry.deny === deny).map(({ policy }) => policy))].toSorted();
  const matched = { matchAllow: policiesOf(false), matchDeny: policiesOf(true) };
  const isLocalhost =
    direction === 'ingress' && subject.role === 'endpoint' && peer.kind === 'host' && config.allowLocalhost !== 'policy';
  const closes = isClosed || entries.some(({ defaultDeny }) => defaultDeny);
  if (config.policyEnforcement === 'never') return { verdict: 'allowed', ...nothing };
  const passes = matched.matchDeny.length === 0 && (matched.matchAllow.length > 0 || isLocalhost || !closes);
  return { verdict: passes ? 'allowed' : 'denied', ...matched };
}
