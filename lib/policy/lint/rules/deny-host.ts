// Cilium: an explicit deny beats `allow-localhost: always`, by which kubelet probes reach pods.
import { meetsAll } from '../../selector.ts';
import { labelSet, reserved } from '../../labels.ts';
import type { LintRule } from '../rule.ts';

const HOST = labelSet([reserved('host')]);

export const denyHost: LintRule = {
  id: 'deny-host',
  severity: 'warning',
  title: 'denies the local host',
  why: 'The local host may always reach its pods, which is how the kubelet probes them, unless a rule denies it explicitly: then liveness and readiness probes fail and pods are restarted.',
  fix: 'Deny remote-node, or pods by their labels, instead; entities all and cluster include the host.',
  source: 'https://docs.cilium.io/en/stable/security/policy/layer3/#access-to-from-local-host',
  example: {
    bad: 'endpointSelector: {}\ningressDeny:\n  - fromEntities: [cluster]\nenableDefaultDeny:\n  ingress: false\n',
    good: 'endpointSelector: {}\ningressDeny:\n  - fromEntities: [remote-node]\nenableDefaultDeny:\n  ingress: false\n',
  },
  *check({ policies }) {
    for (const { ref, entries } of policies)
      for (const { deny, direction, subject, peers, path, ports } of entries) {
        if (!deny || direction !== 'ingress' || subject.node || ports?.length === 0) continue;
        const names =
          peers === 'everybody' ||
          (peers !== 'nobody' && peers.some((peer) => peer.kind === 'labels' && meetsAll(peer.requirements, HOST) === 'yes'));
        if (names)
          yield {
            policy: ref,
            path,
            message: `this denies the local host${ports ? ' on these ports' : ''}: probes of the kubelet fail`,
          };
      }
  },
};
