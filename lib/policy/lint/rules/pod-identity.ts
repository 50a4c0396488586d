// EKS Pod Identity: credentials come from an agent on the node's own network. Threads: cilium/cilium #34387, #35989, #40273.
import { labelSet, reserved } from '../../labels.ts';
import type { Entry } from '../../normalise.ts';
import { meetsAll } from '../../selector.ts';
import type { LintRule } from '../rule.ts';

const HOST = labelSet([reserved('host')]);

export const podIdentity: LintRule = {
  id: 'pod-identity',
  severity: 'warning',
  title: 'cuts pods off from the EKS Pod Identity agent',
  why: 'Pods fetch AWS credentials from 169.254.170.23 ([fd00:ec2::23]), port 80: an agent on the network of the node, which is the entity host and which no CIDR rule selects.',
  fix: 'Allow egress to the entity host on TCP port 80 for pods that use Pod Identity.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html',
  needs: 'cluster settings',
  *check({ subjects, facts }) {
    if (!facts.podIdentity) return;
    const told = new Set<string>();
    for (const entry of subjects.entries) {
      const { policy, path, subject, defaultDeny, direction } = entry;
      if (direction !== 'egress' || subject.node || !defaultDeny || told.has(policy) || subjects.for(entry).some(opensHost))
        continue;
      told.add(policy);
      yield { policy, path, message: 'egress is closed here, and no rule for these pods opens the host on port 80' };
    }
  },
};

function opensHost({ deny, peers, ports }: Entry): boolean {
  const named =
    peers === 'everybody' ||
    (peers !== 'nobody' && peers.some((peer) => peer.kind === 'labels' && meetsAll(peer.requirements, HOST) === 'yes'));
  return (
    !deny &&
    named &&
    (ports?.some(({ protocol, first, last, name }) => protocol === 0 && name === undefined && first <= 80 && last >= 80) ?? true)
  );
}
