import type { Entry, Subject } from '../normalise.ts';
import type { Peers, PeerSelector } from '../peers.ts';
import type { PortSection } from '../sections.ts';
import { containsPrefix } from '../schema/words.ts';
import type { Requirement, Requirements } from '../selector.ts';
import type { Subjects } from './subjects.ts';

/**
 * Whether one rule takes in all that another does, told from the rules alone: what holds in every world. It errs to no: two selectors that happen to
 * select the same pods today are not taken for one.
 */

/** Whether every identity that meets `inner` meets `outer`. */
export const coversRequirements = (outer: Requirements, inner: Requirements): boolean =>
  outer.every((wanted) => inner.some((given) => implies(given, wanted)));

/** Whether whoever meets `given` meets `wanted`. */
function implies(given: Requirement, wanted: Requirement): boolean {
  if (given.key !== wanted.key || !(wanted.source === given.source || wanted.source === 'any')) return false;
  const isPositive = given.operator === 'equals' || given.operator === 'in';
  switch (wanted.operator) {
    case 'equals':
    case 'in':
      return isPositive && given.values.every((value) => wanted.values.includes(value));
    case 'exists':
      return isPositive || given.operator === 'exists';
    case 'not-in':
      // A key of several sources may have another value beside the one that is given.
      return (
        wanted.source === given.source &&
        given.operator === 'not-in' &&
        wanted.values.every((value) => given.values.includes(value))
      );
    case 'not-exists':
      return wanted.source === given.source && given.operator === 'not-exists';
  }
}

export const coversSubject = (outer: Subject, inner: Subject): boolean =>
  outer.node === inner.node && coversRequirements(outer.requirements, inner.requirements);

export function coversPeers(outer: Peers, inner: Peers): boolean {
  if (outer === 'everybody' || inner === 'nobody') return true;
  if (outer === 'nobody' || inner === 'everybody') return false;
  return inner.every((selector) => outer.some((other) => coversSelector(other, selector)));
}

function coversSelector(outer: PeerSelector, inner: PeerSelector): boolean {
  if (outer.key === inner.key) return true;
  if (outer.kind === 'labels' && inner.kind === 'labels') return coversRequirements(outer.requirements, inner.requirements);
  // Every outside address is of the world.
  if (outer.kind === 'labels') return isWorld(outer.requirements) && inner.kind === 'fqdn';
  if (outer.kind !== 'cidr' || inner.kind !== 'cidr') return false;
  return (
    containsPrefix(outer.prefix, inner.prefix) &&
    outer.except.every((hole) => inner.except.some((other) => containsPrefix(other, hole)) || !overlaps(hole, inner.prefix))
  );
}

const isWorld = (requirements: Requirements): boolean =>
  requirements.length === 1 && requirements[0]?.source === 'reserved' && requirements[0].key === 'world';

const overlaps = (a: Parameters<typeof containsPrefix>[0], b: Parameters<typeof containsPrefix>[0]): boolean =>
  containsPrefix(a, b) || containsPrefix(b, a);

type Ports = Entry['ports'];

export function coversPorts(outer: Ports, inner: Ports): boolean {
  if (outer === undefined) return true;
  return inner?.every((section) => outer.some((other) => coversSection(other, section))) ?? false;
}

export const coversSection = (outer: PortSection, inner: PortSection): boolean =>
  outer.protocol === inner.protocol &&
  ((outer.name === inner.name && outer.first <= inner.first && outer.last >= inner.last) ||
    // A range of all ports takes in every name.
    (outer.name === undefined && outer.first === 0 && outer.last === 65_535));

/** Whether `outer` takes in all traffic that `inner` is about: same direction, subjects, peers, ports. */
export const coversTraffic = (outer: Entry, inner: Entry): boolean =>
  outer.direction === inner.direction &&
  coversPorts(outer.ports, inner.ports) &&
  coversPeers(outer.peers, inner.peers) &&
  coversSubject(outer.subject, inner.subject);

/** Whether it names anything at all. */
export const isInert = ({ peers, ports }: Entry): boolean => peers === 'nobody' || ports?.length === 0;

/**
 * The rules, of any policy, that cover all that each rule covers, for the same subjects: what is said twice. Rules with L7 rules are left out, as what
 * they add depends on requests; authentication must be the same. Of two equal rules the later is covered by the earlier.
 */
export function coveredBy(subjects: Subjects): Map<Entry, Entry[]> {
  const covered = new Map<Entry, Entry[]>();
  for (const entry of subjects.entries) {
    if (isInert(entry) || hasL7(entry)) continue;
    const by = subjects
      .for(entry)
      .filter(
        (other) =>
          other !== entry &&
          !isInert(other) &&
          !hasL7(other) &&
          saysAll(other, entry) &&
          (subjects.isBefore(other, entry) || !saysAll(entry, other)),
      );
    if (by.length > 0) covered.set(entry, by);
  }
  return covered;
}

export const hasL7 = ({ ports }: Entry): boolean => ports?.some(({ l7 }) => l7 !== undefined) ?? false;

const saysAll = (outer: Entry, inner: Entry): boolean =>
  outer.deny === inner.deny && outer.auth === inner.auth && coversTraffic(outer, inner);
