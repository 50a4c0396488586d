// Cilium keeps a map of (identity, port) entries for each endpoint; when it is full, traffic is dropped. Threads: cilium/cilium #46189, #28450, #27866.
import type { Entry } from '../../normalise.ts';
import { noPorts } from '../../named-ports.ts';
import type { PeerSelector } from '../../peers.ts';
import { meetsAll } from '../../selector.ts';
import { SubjectIndex } from '../../subject-index.ts';
import { type LintWorld, namedPeers } from '../context.ts';
import type { LintRule } from '../rule.ts';

const DEFAULT_MAX = 16_384;

export const policyMapBudget: LintRule = {
  id: 'policy-map-budget',
  severity: 'warning',
  title: 'fills the policy maps of its pods',
  why: 'Each rule takes an entry for every identity it selects and every port (ranges take several) in the policy map of each pod. When the map is full, what does not fit is dropped, with an error in the agent’s log.',
  fix: 'Select by fewer, wider selectors; keep labels that change often out of identities; or raise bpf.policyMapMax.',
  source: 'https://docs.cilium.io/en/stable/network/ebpf/maps/',
  needs: 'world',
  *check(context) {
    const { world, facts, subjects } = context;
    if (!world) return;
    const max = facts.policyMapMax ?? DEFAULT_MAX;
    const entries = subjects.entries.filter(({ subject }) => !subject.node);
    const counts = new Map<PeerSelector, number>();
    const weights = new Map(entries.map((entry) => [entry, peersOf(entry) * portKeys(entry)]));
    const bySubject = new SubjectIndex(entries);
    const told = new Set<string>();
    for (const pod of world.pods) {
      const own = bySubject
        .of({ id: 0, identity: pod, role: 'endpoint', ports: noPorts })
        .filter(({ subject }) => meetsAll(subject.requirements, pod.labels) === 'yes');
      const used = own.reduce((sum, entry) => sum + (weights.get(entry) ?? 0), 0);
      if (used < max / 2) continue;
      const heaviest = own.reduce((a, b) => ((weights.get(a) ?? 0) >= (weights.get(b) ?? 0) ? a : b));
      if (told.has(heaviest.policy + heaviest.path)) continue;
      told.add(heaviest.policy + heaviest.path);
      yield {
        policy: heaviest.policy,
        path: heaviest.path,
        severity: used >= max * 0.9 ? 'error' : 'warning',
        message: `pods that it selects need about ${used.toLocaleString('en-US')} of ${max.toLocaleString('en-US')} entries of their policy map, ${(weights.get(heaviest) ?? 0).toLocaleString('en-US')} by this rule`,
      };
    }
    function peersOf({ peers }: Entry): number {
      if (peers === 'everybody') return 1;
      if (peers === 'nobody' || !world) return 0;
      const byLabels = peers.filter(({ kind }) => kind === 'labels');
      const [only] = byLabels;
      return (
        peers.length -
        byLabels.length +
        (byLabels.length === 1 && only ? countOf(only, world) : namedPeers(byLabels, world).length)
      );
    }
    /** The same selector stands in many rules. */
    function countOf(selector: PeerSelector, known: LintWorld): number {
      const count = counts.get(selector) ?? namedPeers([selector], known).length;
      counts.set(selector, count);
      return count;
    }
  },
};

/** Keys of the map for the ports of an entry: a range takes a key for each power of two it is made of. */
const portKeys = ({ ports }: Entry): number => ports?.reduce((sum, { first, last }) => sum + prefixesOf(first, last), 0) ?? 1;

function prefixesOf(first: number, last: number): number {
  let count = 0;
  for (let at = first; at <= last; count++) {
    let size = at === 0 ? 65_536 : at & -at;
    while (at + size - 1 > last) size /= 2;
    at += size;
  }
  return count;
}
