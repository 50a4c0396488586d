import {
  atMost,
  atLeast,
  auditTuples,
  dropsAgainstBefore,
  equals,
  nodesReporting,
  preflight,
  rollbackRehearsed,
  wouldDeny,
} from '../checks.ts';
import type { PlanPhase } from '../model.ts';

/**
 * Phase 3. Who talks is proved, and what is said between nodes is encrypted. Cilium's mutual authentication by SPIRE is deprecated from 1.20 on and
 * on its way out: the method follows the version.
 */
export const IDENTITY: PlanPhase = {
  phase: 3,
  name: 'Mutual auth and WireGuard',
  summary: 'required on critical paths',
  typicalLength: '2-3 weeks',
  leaves: 'Critical paths require authentication, and WireGuard encrypts between nodes.',
  optional: false,
  steps: [
    {
      id: '3.spire',
      title: 'Join the SPIRE that is there',
      why: 'Cilium uses the existing server: its own installation stays off, and the agent’s socket gets a directory of its own.',
      role: 'operator',
      method: ['mutual-auth'],
      commands: [
        {
          title: 'Values for mutual authentication',
          text: 'helm upgrade cilium cilium/cilium --version {version} --namespace kube-system --reuse-values \\\n  --set authentication.enabled=true \\\n  --set authentication.mutual.spire.enabled=true \\\n  --set authentication.mutual.spire.install.enabled=false \\\n  --set authentication.mutual.spire.serverAddress={spire-server} \\\n  --set authentication.mutual.spire.trustDomain={trust-domain} \\\n  --set authentication.mutual.spire.adminSocketPath=/run/spire/admin-sockets/admin.sock',
        },
      ],
      undo: [
        {
          title: 'Turn it off again',
          text: 'helm upgrade cilium cilium/cilium --version {version} --namespace kube-system --reuse-values --set authentication.enabled=false --set authentication.mutual.spire.enabled=false',
        },
      ],
      links: [
        {
          title: 'Mutual authentication',
          url: 'https://docs.cilium.io/en/stable/network/servicemesh/mutual-authentication/mutual-authentication/',
        },
      ],
      evidence: 'uploaded',
      checks: ['3.preflight-8'],
    },
    {
      id: '3.entries',
      title: 'Register cilium and cilium-operator',
      why: 'The agent asks for identities on behalf of workloads, the operator registers them: both need an entry before the first handshake.',
      role: 'operator',
      method: ['mutual-auth'],
      commands: [
        {
          title: 'Entries at the SPIRE server',
          text: 'spire-server entry create -spiffeID spiffe://{trust-domain}/cilium-agent -parentID spiffe://{trust-domain}/ns/spire/sa/spire-agent -selector k8s:ns:kube-system -selector k8s:sa:cilium\nspire-server entry create -spiffeID spiffe://{trust-domain}/cilium-operator -parentID spiffe://{trust-domain}/ns/spire/sa/spire-agent -selector k8s:ns:kube-system -selector k8s:sa:cilium-operator',
        },
        { title: 'Keep what is registered', text: 'spire-server entry show -output json > entries.json' },
      ],
      undo: [
        {
          title: 'Delete an entry',
          text: 'spire-server entry delete -entryID ENTRY',
        },
      ],
      links: [{ title: 'Registering workloads', url: 'https://spiffe.io/docs/latest/deploying/registering/' }],
      evidence: 'uploaded',
      checks: ['3.spire-entries'],
    },
    {
      id: '3.ztunnel',
      title: 'Enrol namespaces in ztunnel',
      why: 'ztunnel carries TCP between enrolled namespaces in mutual TLS. It is beta, does not do UDP nor Cluster Mesh, and policies on the real port stop working for enrolled pods.',
      role: 'operator',
      method: ['ztunnel'],
      commands: [
        {
          title: 'Turn it on, and enrol one namespace',
          text: 'helm upgrade cilium cilium/cilium --version {version} --namespace kube-system --reuse-values --set encryption.enabled=true --set encryption.type=ztunnel\nkubectl label namespace NAMESPACE io.cilium/mtls-enabled=true',
        },
      ],
      undo: [{ title: 'Take a namespace out', text: 'kubectl label namespace NAMESPACE io.cilium/mtls-enabled-' }],
      links: [
        {
          title: 'ztunnel transparent encryption',
          url: 'https://docs.cilium.io/en/latest/security/network/encryption-ztunnel/',
        },
      ],
      evidence: 'automatic',
      checks: ['3.preflight-9'],
    },
    {
      id: '3.wireguard',
      title: 'Turn WireGuard on',
      why: 'Pods of different nodes then talk through a tunnel whose keys the agents exchange. UDP 51871 must be open between nodes.',
      role: 'operator',
      commands: [
        {
          title: 'Values for WireGuard',
          text: 'helm upgrade cilium cilium/cilium --version {version} --namespace kube-system --reuse-values --set encryption.enabled=true --set encryption.type=wireguard --set cni.enableRouteMTUForCNIChaining=true\nkubectl -n kube-system rollout restart daemonset/cilium\nkubectl -n kube-system rollout status daemonset/cilium --timeout=600s',
        },
        { title: 'Keep what it says', text: 'cilium encryption status -o json > encryption-status.json' },
      ],
      undo: [
        {
          title: 'Turn it off again',
          text: 'helm upgrade cilium cilium/cilium --version {version} --namespace kube-system --reuse-values --set encryption.enabled=false\nkubectl -n kube-system rollout restart daemonset/cilium',
        },
      ],
      links: [{ title: 'WireGuard', url: 'https://docs.cilium.io/en/stable/security/network/encryption-wireguard/' }],
      evidence: 'uploaded',
      checks: ['3.wireguard', '3.preflight-6', '3.preflight-7'],
    },
    {
      id: '3.require',
      title: 'Require authentication on critical paths',
      why: 'authentication.mode: required makes the first packet of a pair wait for a handshake, and drops it as AUTH_REQUIRED when there is none. Critical paths first, one at a time.',
      role: 'operator',
      method: ['mutual-auth'],
      commands: [
        {
          title: 'Drops for want of authentication, as they come',
          text: 'hubble observe --verdict DROPPED --drop-reason-desc AUTH_REQUIRED --follow',
        },
      ],
      undo: [
        {
          title: 'Take the requirement out of the policy',
          text: 'git revert HEAD && git push\nargocd app sync network-policies',
        },
      ],
      links: [
        {
          title: 'Example of mutual authentication',
          url: 'https://docs.cilium.io/en/stable/network/servicemesh/mutual-authentication/mutual-authentication-example/',
        },
      ],
      evidence: 'automatic',
      checks: ['3.auth-required', '3.authenticated', '3.audit', '3.would-deny'],
    },
    {
      id: '3.mtu',
      title: 'Measure MTU and throughput',
      why: 'WireGuard takes 60 bytes: 9001 - 60 = 8941 on jumbo frames. A wrong MTU shows as large answers that never arrive.',
      role: 'operator',
      commands: [
        {
          title: 'iperf3 between two nodes; once before, once after WireGuard',
          text: 'kubectl run iperf3-server --image=networkstatic/iperf3 --port=5201 -- -s\nkubectl run iperf3-client --image=networkstatic/iperf3 --restart=Never --command -- sh -c "iperf3 -c $(kubectl get pod iperf3-server -o jsonpath=\'{.status.podIP}\') -t 30 -J"\nkubectl logs -f iperf3-client > iperf3.json',
        },
        { title: 'MTU inside a pod', text: 'kubectl exec iperf3-server -- cat /sys/class/net/eth0/mtu' },
      ],
      undo: [{ title: 'Take the pods away', text: 'kubectl delete pod iperf3-server iperf3-client --ignore-not-found' }],
      links: [{ title: 'MTU', url: 'https://docs.cilium.io/en/stable/operations/performance/tuning/#mtu' }],
      evidence: 'uploaded',
      checks: ['3.mtu', '3.throughput', '3.preflight-5'],
    },
    {
      id: '3.see',
      title: 'See cross-node flows encrypted',
      why: 'What counts is what is seen on the wire between nodes, not what a setting says. Pairs on one node are plain by design and left out.',
      role: 'operator',
      commands: [{ title: 'Find the pairs still in clear', text: 'hubble observe --unencrypted --last 500' }],
      undo: [],
      links: [{ title: 'WireGuard', url: 'https://docs.cilium.io/en/stable/security/network/encryption-wireguard/' }],
      evidence: 'automatic',
      checks: ['3.encrypted', '3.drops', '3.nodes'],
    },
    {
      id: '3.rehearse',
      title: 'Rehearse the rollback',
      why: 'Encryption off restarts the agents: connections between nodes break once more.',
      role: 'operator',
      commands: [
        {
          title: 'In DEV: off, look, on again',
          text: 'helm upgrade cilium cilium/cilium --version {version} --namespace kube-system --reuse-values --set encryption.enabled=false\nkubectl -n kube-system rollout restart daemonset/cilium\nkubectl -n kube-system rollout status daemonset/cilium',
        },
      ],
      undo: [],
      links: [],
      evidence: 'typed',
      checks: ['3.rollback'],
    },
  ],
  checks: [
    {
      id: '3.encrypted',
      title: 'Cross-node flows encrypted',
      kind: 'traffic',
      source: 'traffic',
      why: 'One node whose key did not arrive sends in clear, and everything still works.',
      demand: 'must',
      threshold: atLeast(99.9, '%'),
    },
    {
      id: '3.auth-required',
      title: 'AUTH_REQUIRED, critical paths',
      kind: 'traffic',
      source: 'traffic',
      why: 'The first packet of a pair may wait; drops that go on are a handshake that fails.',
      demand: 'must',
      threshold: atMost(0, 'flows'),
      method: ['mutual-auth'],
    },
    {
      id: '3.authenticated',
      title: 'Authenticated share',
      kind: 'traffic',
      source: 'traffic',
      why: 'Of the flows that a policy wants authenticated, those that say they were.',
      demand: 'must',
      threshold: atLeast(99.9, '%'),
      method: ['mutual-auth'],
    },
    {
      id: '3.spire-entries',
      title: 'SPIRE entries for Cilium',
      kind: 'configuration',
      source: 'spire',
      why: 'Without an entry the agent gets no identity, and nobody’s handshake succeeds.',
      demand: 'must',
      threshold: equals(2, ''),
      uploads: ['spire-entries'],
      method: ['mutual-auth'],
    },
    {
      id: '3.wireguard',
      title: 'WireGuard on, each node',
      kind: 'cluster',
      source: 'cluster',
      why: 'A node without a key is spoken to in clear.',
      demand: 'must',
      threshold: equals(100, '%'),
      uploads: ['encryption-status'],
    },
    {
      id: '3.mtu',
      title: 'MTU with WireGuard',
      kind: 'upload',
      source: 'iperf3',
      why: 'Segments as large as the path takes, and not a byte larger.',
      demand: 'must',
      threshold: equals(8941, 'bytes'),
      uploads: ['encryption-status', 'iperf3-after'],
    },
    {
      id: '3.throughput',
      title: 'Throughput after / before',
      kind: 'upload',
      source: 'iperf3',
      why: 'Encryption costs CPU: whether that is felt is measured, not guessed.',
      demand: 'must',
      threshold: atLeast(90, '%'),
      uploads: ['iperf3-before', 'iperf3-after'],
    },
    auditTuples(3),
    wouldDeny(3),
    dropsAgainstBefore(3),
    nodesReporting(3),
    rollbackRehearsed(3),
    preflight(3, 5, 'MTU settings of WireGuard'),
    preflight(3, 6, 'Ports open between nodes'),
    preflight(3, 7, 'What encryption does not cover'),
    preflight(3, 8, 'Mutual authentication and its end'),
    preflight(3, 9, 'ztunnel readiness', 'must', { method: ['ztunnel'] }),
    preflight(3, 15, 'Reach of the DNS proxy', 'acknowledge'),
    preflight(3, 26, 'Upgrades without skipping', 'acknowledge'),
  ],
  rollback: {
    effort: 'medium',
    startedBy: ['operator', 'approver', 'breakglass'],
    trigger: 'AUTH_REQUIRED drops that go on, large answers that do not arrive, or a throughput that services feel.',
    steps: [
      {
        title: 'Take the requirement of authentication out of policies',
        text: 'git revert HEAD && git push\nargocd app sync network-policies',
      },
      {
        title: 'Turn encryption and authentication off',
        text: 'helm upgrade cilium cilium/cilium --version {version} --namespace kube-system --reuse-values --set encryption.enabled=false --set authentication.enabled=false',
      },
      {
        title: 'Restart the agents',
        text: 'kubectl -n kube-system rollout restart daemonset/cilium\nkubectl -n kube-system rollout status daemonset/cilium --timeout=600s',
      },
    ],
    after: ['no AUTH_REQUIRED drops', 'cross-node flows pass, in clear again', 'services answer as before'],
  },
};
