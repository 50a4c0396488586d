// A selector that nobody meets is most often a typing error. Threads: cilium/cilium #20550, #19601.
import { meetsAll } from '../../selector.ts';
import { selects } from '../../identity.ts';
import type { PeerSelector } from '../../peers.ts';
import type { LintWorld } from '../context.ts';
import type { LintRule } from '../rule.ts';
import type { Subject } from '../../normalise.ts';

const source = 'https://docs.cilium.io/en/stable/security/policy/layer3/#endpoints-based';

export const subjectMatchesNothing: LintRule = {
  id: 'subject-matches-nothing',
  severity: 'warning',
  title: 'selects nobody',
  why: 'No pod that is there now meets the selector, so the policy enforces nothing. It will, as soon as such a pod comes.',
  fix: 'Compare the labels with those of the pods that are meant: kubectl get pods --show-labels.',
  source,
  needs: 'world',
  *check({ policies, world }) {
    if (!world) return;
    for (const { ref, entries, object } of policies) {
      const seen = new Set<string>();
      for (const { path, subject } of entries) {
        const where = `${path.slice(0, path.indexOf('.'))}.${object.kind === 'NetworkPolicy' ? 'podSelector' : subject.node ? 'nodeSelector' : 'endpointSelector'}`;
        if (seen.has(where)) continue;
        seen.add(where);
        if (!isMet(subject, world)) yield { policy: ref, path: where, message: 'nobody in the cluster meets this selector' };
      }
    }
  },
};

/** Policies of nodes are for the local host of each node: all nodes are looked at. */
function isMet({ node, requirements }: Subject, { all, world, index }: LintWorld): boolean {
  if (node)
    return world.nodes.length === 0 || world.nodes.some((one) => meetsAll(requirements, index.hostIdentity(one).labels) !== 'no');
  return all.some(({ kind, labels }) => (kind === 'pod' || kind === 'other') && meetsAll(requirements, labels) !== 'no');
}

export const peerMatchesNothing: LintRule = {
  id: 'peer-matches-nothing',
  severity: 'note',
  title: 'names peers of whom there are none',
  why: 'No pod, node or entity that is there now meets the selector, so the rule covers no traffic inside the cluster.',
  fix: 'Compare the labels with those of the pods that are meant, the namespace included: without one the policy’s own is meant.',
  source,
  needs: 'world',
  *check({ policies, world }) {
    if (!world) return;
    for (const { ref, entries } of policies)
      for (const { path, peers } of entries)
        if (typeof peers !== 'string' && peers.length > 0 && peers.every((peer) => isMetByNobody(peer, world)))
          yield { policy: ref, path, message: 'nobody in the cluster meets the selectors of this rule' };
  },
};

/** Of addresses and names outside the cluster nobody can tell. */
const isMetByNobody = (peer: PeerSelector, { all, index }: LintWorld): boolean =>
  peer.kind === 'labels' && all.every((identity) => selects(peer, identity, index) === 'no');
