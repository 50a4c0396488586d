// Cilium: the entity world (and 0.0.0.0/0) is every address outside the cluster.
import { labelSet, reserved } from '../../labels.ts';
import { meetsAll } from '../../selector.ts';
import type { LintRule } from '../rule.ts';

const WORLD = labelSet([reserved('world')]);

export const openToTheWorld: LintRule = {
  id: 'open-to-the-world',
  severity: 'warning',
  title: 'opens every port to the world',
  why: 'The entity world, all and 0.0.0.0/0 let every address outside the cluster in; without toPorts on every port.',
  fix: 'Name the ports that are meant.',
  source: 'https://docs.cilium.io/en/stable/security/policy/layer3/#entities-based',
  example: {
    bad: 'endpointSelector: {}\ningress:\n  - fromEntities: [world]\n',
    good: 'endpointSelector: {}\ningress:\n  - fromEntities: [world]\n    toPorts:\n      - ports:\n          - port: "443"\n            protocol: TCP\n',
  },
  *check({ policies }) {
    for (const { ref, entries } of policies)
      for (const { path, peers, ports, deny, direction } of entries) {
        if (deny || direction !== 'ingress' || ports !== undefined || peers === 'nobody') continue;
        const isWorld =
          peers === 'everybody' || peers.some((peer) => peer.kind === 'labels' && meetsAll(peer.requirements, WORLD) === 'yes');
        if (isWorld) yield { policy: ref, path, message: 'every address outside the cluster may reach every port' };
      }
  },
};
