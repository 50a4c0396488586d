import { dropsAgainstBefore, equals, nodesReporting, preflight, rollbackRehearsed } from '../checks.ts';
import type { PlanPhase } from '../model.ts';

/** Phase 1. Cilium runs behind the VPC CNI, which goes on to give addresses. */
export const CHAINING: PlanPhase = {
  phase: 1,
  name: 'Chaining',
  summary: 'Cilium behind VPC CNI',
  typicalLength: '2-3 weeks',
  leaves: 'Cilium is chained behind the VPC CNI, Hubble is on, every pod was restarted; kube-proxy is kept.',
  optional: false,
  steps: [
    {
      id: '1.values',
      title: 'Write values and Application for chaining',
      why: 'In chaining mode Cilium leaves addresses and routes to the VPC CNI. With cni.exclusive left on, it would move the VPC CNI’s configuration away and new pods would stay without network.',
      role: 'operator',
      commands: [
        {
          title: 'Generate them from the cluster’s facts',
          text: 'kubectl get nodes -o json > nodes.json\ncauseway values --phase 1 --nodes nodes.json --target-version {version} --format values > values-chaining.yaml\ncauseway values --phase 1 --nodes nodes.json --target-version {version} --format application > application.yaml',
        },
        {
          title: 'Hold them against the checks before anything runs',
          text: 'causeway preflight --phase 1 --values values-chaining.yaml --nodes nodes.json --target-version {version}',
        },
      ],
      undo: [],
      links: [{ title: 'AWS VPC CNI chaining', url: 'https://docs.cilium.io/en/stable/installation/cni-chaining-aws-cni/' }],
      evidence: 'uploaded',
      checks: ['1.preflight-18', '1.preflight-17', '1.preflight-4'],
    },
    {
      id: '1.taint',
      title: 'Have new nodes born with the startup taint',
      why: 'Pods that start before the agent is ready get no policy and stay unmanaged until they are restarted. A taint that is added later is not taken away by a running agent.',
      role: 'operator',
      commands: [
        {
          title: 'Karpenter: add it to every NodePool',
          text: 'kubectl patch nodepool default --type=merge -p \'{"spec":{"template":{"spec":{"startupTaints":[{"key":"node.cilium.io/agent-not-ready","value":"true","effect":"NoExecute"}]}}}}\'',
        },
      ],
      undo: [
        {
          title: 'Take it away again',
          text: 'kubectl patch nodepool default --type=merge -p \'{"spec":{"template":{"spec":{"startupTaints":null}}}}\'',
        },
      ],
      links: [{ title: 'Taints and unmanaged pods', url: 'https://docs.cilium.io/en/stable/installation/taints/' }],
      evidence: 'automatic',
      checks: ['1.preflight-2'],
    },
    {
      id: '1.install',
      title: 'Install Cilium',
      why: 'From here on new pods go through Cilium; those that run already do not yet.',
      role: 'operator',
      commands: [
        {
          title: 'With Helm',
          text: 'helm repo add cilium https://helm.cilium.io && helm repo update cilium\nhelm upgrade --install cilium cilium/cilium --version {version} --namespace kube-system --values values-chaining.yaml',
        },
        { title: 'Or with Argo CD', text: 'kubectl apply -f application.yaml\nargocd app sync cilium --timeout 600' },
        {
          title: 'Wait, and keep what it says',
          text: 'cilium status --wait\ncilium status -o json > cilium-status.json',
        },
      ],
      undo: [{ title: 'Uninstall', text: 'helm uninstall cilium --namespace kube-system' }],
      links: [{ title: 'Installation with Helm', url: 'https://docs.cilium.io/en/stable/installation/k8s-install-helm/' }],
      evidence: 'uploaded',
      checks: ['1.agents', '1.preflight-6'],
    },
    {
      id: '1.restart',
      title: 'Restart every workload',
      why: 'A pod without a CiliumEndpoint is not managed: it is neither enforced nor seen as who it is. Only a new pod gets one.',
      role: 'operator',
      commands: [
        {
          title: 'Pods that are not managed yet',
          text: 'kubectl get pods -A --field-selector spec.hostNetwork=false -o json | jq -r \'.items[] | select(.status.phase=="Running") | "\\(.metadata.namespace)/\\(.metadata.name)"\' | sort > pods.txt\nkubectl get ciliumendpoints -A -o json | jq -r \'.items[] | "\\(.metadata.namespace)/\\(.metadata.name)"\' | sort > managed.txt\ncomm -23 pods.txt managed.txt',
        },
        {
          title: 'Restart Deployments, StatefulSets and DaemonSets, namespace by namespace',
          text: 'for ns in $(kubectl get namespaces -o name | cut -d/ -f2); do\n  kubectl -n "$ns" rollout restart deployment,statefulset,daemonset\n  kubectl -n "$ns" rollout status deployment --timeout=600s\ndone',
        },
      ],
      undo: [],
      links: [
        {
          title: 'Restart unmanaged pods',
          url: 'https://docs.cilium.io/en/stable/installation/cni-chaining-aws-cni/#restart-existing-pods',
        },
      ],
      evidence: 'automatic',
      checks: ['1.pods', '1.preflight-1'],
    },
    {
      id: '1.connectivity',
      title: 'Run the connectivity test',
      why: 'It walks the paths that workloads use, and some that they will use only on a bad day.',
      role: 'operator',
      commands: [
        {
          title: 'With its result as a file',
          text: 'cilium connectivity test --junit-file connectivity.xml',
        },
      ],
      undo: [{ title: 'Take its namespaces away', text: 'kubectl delete namespace cilium-test-1 --ignore-not-found' }],
      links: [
        {
          title: 'Connectivity test',
          url: 'https://docs.cilium.io/en/stable/operations/troubleshooting/#automated-network-connectivity-test',
        },
      ],
      evidence: 'uploaded',
      checks: ['1.connectivity'],
    },
    {
      id: '1.hubble',
      title: 'See flows of every node',
      why: 'All later evidence comes through Hubble. A node that does not report is a hole in it.',
      role: 'operator',
      commands: [
        {
          title: 'Nodes behind the relay',
          text: 'cilium hubble port-forward &\nhubble list nodes\nhubble observe --last 20',
        },
      ],
      undo: [],
      links: [{ title: 'Setting up Hubble', url: 'https://docs.cilium.io/en/stable/observability/hubble/setup/' }],
      evidence: 'automatic',
      checks: ['1.nodes', '1.preflight-25', '1.drops'],
    },
    {
      id: '1.rehearse',
      title: 'Rehearse the rollback',
      why: 'Uninstalling leaves nodes not ready when the CNI configuration of the VPC CNI is not in its place: better found out in DEV.',
      role: 'operator',
      commands: [
        {
          title: 'In DEV: uninstall, look, install again',
          text: 'helm uninstall cilium --namespace kube-system\nkubectl get nodes\nhelm upgrade --install cilium cilium/cilium --version {version} --namespace kube-system --values values-chaining.yaml',
        },
      ],
      undo: [],
      links: [],
      evidence: 'typed',
      checks: ['1.rollback'],
    },
  ],
  checks: [
    {
      id: '1.pods',
      title: 'Pods managed by Cilium',
      kind: 'cluster',
      source: 'cluster',
      why: 'Old pods are neither enforced nor balanced from.',
      demand: 'must',
      threshold: equals(100, '%'),
    },
    {
      id: '1.agents',
      title: 'Agents and operator ready',
      kind: 'upload',
      source: 'cilium status',
      why: 'An agent that reports errors enforces something else than it was told.',
      demand: 'must',
      uploads: ['cilium-status'],
    },
    {
      id: '1.connectivity',
      title: 'Connectivity test',
      kind: 'upload',
      source: 'JUnit',
      why: 'Every test that failed is a path that somebody uses.',
      demand: 'must',
      threshold: equals(0, ''),
      uploads: ['connectivity-junit'],
    },
    nodesReporting(1),
    dropsAgainstBefore(1),
    rollbackRehearsed(1),
    preflight(1, 1, 'No unmanaged pods'),
    preflight(1, 2, 'Startup taint where nodes are born'),
    preflight(1, 4, 'Security groups for pods'),
    preflight(1, 6, 'Ports open between nodes'),
    preflight(1, 17, 'aws-node beside Cilium'),
    preflight(1, 18, 'Owner of the CNI file'),
    preflight(1, 25, 'Hubble can be trusted'),
    preflight(1, 3, 'No L7 or FQDN rules while chained', 'acknowledge'),
    preflight(1, 10, 'EKS Pod Identity in reach', 'acknowledge'),
    preflight(1, 12, 'CIDR selectors that match', 'acknowledge'),
  ],
  rollback: {
    effort: 'medium',
    startedBy: ['operator', 'approver', 'breakglass'],
    trigger: 'Pods lose connections after their restart, nodes stay not ready, or drops rise for reasons that no policy names.',
    steps: [
      { title: 'Uninstall the release', text: 'helm uninstall cilium --namespace kube-system' },
      {
        title: 'See that the VPC CNI owns the CNI file again, on each node',
        text: 'kubectl get nodes -o name | xargs -I NODE kubectl debug NODE -q --image=busybox -- ls /host/etc/cni/net.d',
      },
      {
        title: 'Restart the workloads',
        text: 'for ns in $(kubectl get namespaces -o name | cut -d/ -f2); do kubectl -n "$ns" rollout restart deployment,statefulset,daemonset; done',
      },
      { title: 'See nodes and pods', text: 'kubectl get nodes\nkubectl get pods -A --field-selector status.phase!=Running' },
    ],
    after: ['every node is ready', 'no pod waits for a network', 'services answer as before'],
  },
};
