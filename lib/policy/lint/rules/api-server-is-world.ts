// EKS: the API server has an outside address; its identity carries reserved:kube-apiserver and reserved:world.
import type { PeerSelector } from '../../peers.ts';
import { labelSet, reserved } from '../../labels.ts';
import { meetsAll } from '../../selector.ts';
import type { LintRule } from '../rule.ts';

const API_SERVER = labelSet([reserved('kube-apiserver'), reserved('world')]);

export const apiServerIsWorld: LintRule = {
  id: 'api-server-is-world',
  severity: 'warning',
  title: 'denies the API server with the world',
  why: 'On EKS the API server is outside the cluster: it is world and kube-apiserver (and hence cluster) at once. Denying the world denies it too, and no allow can overrule a deny.',
  fix: 'Leave out the deny and allow what is needed instead, or except the addresses of the API server in a CIDR rule.',
  source: 'https://docs.cilium.io/en/stable/security/policy/layer3/#entities-based',
  example: {
    bad: 'endpointSelector: {}\negressDeny:\n  - toEntities: [world]\nenableDefaultDeny:\n  egress: false\n',
    good: 'endpointSelector: {}\negress:\n  - toEntities: [cluster]\n',
  },
  *check({ policies }) {
    for (const { ref, entries } of policies)
      for (const { deny, direction, peers, ports, path } of entries) {
        if (!deny || direction !== 'egress' || peers === 'nobody' || !reachesHttps(ports)) continue;
        const named = peers === 'everybody' || peers.some(namesApiServer);
        if (named) yield { policy: ref, path, message: 'this denies the API server of an EKS cluster too' };
      }
  },
};

const namesApiServer = (peer: PeerSelector): boolean =>
  peer.kind === 'labels' && meetsAll(peer.requirements, API_SERVER) === 'yes';

/** Whether TCP 443 is among the ports. */
const reachesHttps = (ports: readonly { protocol: number; first: number; last: number; name?: string }[] | undefined): boolean =>
  ports?.some(({ protocol, first, last, name }) => protocol === 0 && name === undefined && first <= 443 && last >= 443) ?? true;
