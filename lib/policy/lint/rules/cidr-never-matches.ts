// Cilium: pods and nodes have identities of their own, CIDR rules do not select them. Threads: cilium/cilium #20550, #12277, #9209, #39573.
import type { PeerSelector } from '../../peers.ts';
import { containsPrefix, parseAddress } from '../../schema/words.ts';
import type { LintRule } from '../rule.ts';
import { counted } from '../words.ts';

export const cidrNeverMatches: LintRule = {
  id: 'cidr-never-matches',
  severity: 'warning',
  title: 'names pods or nodes by address',
  why: 'CIDR and ipBlock rules are for addresses outside the cluster: pods and nodes carry identities of their own and are never selected by address (nodes are with policy-cidr-match-mode: nodes).',
  fix: 'Select pods by toEndpoints/fromEndpoints and nodes by the entities host and remote-node; the API server by kube-apiserver.',
  source: 'https://docs.cilium.io/en/stable/security/policy/layer3/#ip-cidr-based',
  needs: 'world',
  *check({ policies, world, config }) {
    if (!world) return;
    const nodesToo = !(config.policyCIDRMatchMode ?? []).includes('nodes');
    const addresses = [
      ...world.world.endpoints.map(({ ip }) => ({ ip, what: 'pod' })),
      ...(nodesToo ? world.world.nodes.map(({ ip }) => ({ ip, what: 'node' })) : []),
    ].flatMap(({ ip, what }) => {
      const prefix = parseAddress(ip ?? '');
      return prefix ? [{ prefix, what }] : [];
    });
    const known = new Map<PeerSelector, typeof addresses>();
    for (const { ref, entries } of policies)
      for (const { path, peers } of entries)
        for (const peer of typeof peers === 'string' ? [] : peers) {
          if (peer.kind !== 'cidr') continue;
          // The same range stands in many rules.
          const inside =
            known.get(peer) ??
            addresses.filter(
              ({ prefix }) => containsPrefix(peer.prefix, prefix) && !peer.except.some((hole) => containsPrefix(hole, prefix)),
            );
          known.set(peer, inside);
          if (inside.length === 0) continue;
          const pods = inside.filter(({ what }) => what === 'pod').length;
          const nodes = inside.length - pods;
          const who = [...(pods > 0 ? [counted(pods, 'pod')] : []), ...(nodes > 0 ? [counted(nodes, 'node')] : [])].join(' and ');
          yield { policy: ref, path, message: `${who} in ${peer.key.split(' ')[1] ?? ''}: this rule does not select them` };
        }
  },
};
