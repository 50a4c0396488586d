import { dropsAgainstBefore, equals, nodesReporting, preflight, rollbackRehearsed } from '../checks.ts';
import type { PlanPhase } from '../model.ts';

/** Phase 4. Cilium gives addresses itself, on new nodes; the VPC CNI and kube-proxy go. Starting from chaining is not a way that Cilium tests. */
export const FULL_IPAM: PlanPhase = {
  phase: 4,
  name: 'Full Cilium IPAM',
  summary: 'VPC CNI and kube-proxy gone',
  typicalLength: '2-3 weeks',
  leaves: 'New nodes have Cilium as their only CNI; aws-node and kube-proxy are gone.',
  optional: true,
  steps: [
    {
      id: '4.values',
      title: 'Write values for Cilium as the only CNI',
      why: 'ENI addresses and the replacement of kube-proxy. The API server is named by its host name: its addresses change on EKS.',
      role: 'operator',
      commands: [
        {
          title: 'Generate them from the cluster’s facts',
          text: 'kubectl get nodes -o json > nodes.json\nhelm get values cilium --namespace kube-system > values-now.yaml\ncauseway values --phase 4 --nodes nodes.json --values values-now.yaml --target-version {version} --format diff\ncauseway values --phase 4 --nodes nodes.json --target-version {version} --format values > values-eni.yaml',
        },
      ],
      undo: [],
      links: [
        { title: 'AWS ENI', url: 'https://docs.cilium.io/en/stable/network/concepts/ipam/eni/' },
        { title: 'Migrating a cluster to Cilium', url: 'https://docs.cilium.io/en/stable/installation/k8s-install-migration/' },
      ],
      evidence: 'uploaded',
      checks: ['4.preflight-16', '4.preflight-18', '4.preflight-21', '4.preflight-22', '4.preflight-23'],
    },
    {
      id: '4.steer',
      title: 'Keep aws-node off the new nodes',
      why: 'No node may have two primary CNIs, and none may have neither. An EKS add-on puts a patch back: its configuration is changed, not the DaemonSet.',
      role: 'operator',
      route: ['node-groups'],
      commands: [
        {
          title: 'aws-node runs on old nodes only',
          text: 'kubectl -n kube-system patch daemonset aws-node --type=strategic -p \'{"spec":{"template":{"spec":{"nodeSelector":{"io.cilium/aws-node-enabled":"true"}}}}}\'\nkubectl label nodes --all io.cilium/aws-node-enabled=true',
        },
      ],
      undo: [
        {
          title: 'aws-node on every node again',
          text: 'kubectl -n kube-system patch daemonset aws-node --type=json -p \'[{"op":"remove","path":"/spec/template/spec/nodeSelector"}]\'',
        },
      ],
      links: [{ title: 'Installation on EKS', url: 'https://docs.cilium.io/en/stable/installation/k8s-install-helm/' }],
      evidence: 'automatic',
      checks: ['4.preflight-17'],
    },
    {
      id: '4.node-config',
      title: 'Move nodes one by one with CiliumNodeConfig',
      why: 'A node that carries the label gets its own CNI configuration at its next start. Enforcement is off while both kinds of nodes live: that time is recorded.',
      role: 'operator',
      route: ['per-node'],
      commands: [
        {
          title: 'The configuration, and one node',
          text: 'kubectl apply -f - <<CONFIG\napiVersion: cilium.io/v2\nkind: CiliumNodeConfig\nmetadata:\n  namespace: kube-system\n  name: cilium-default\nspec:\n  nodeSelector:\n    matchLabels:\n      io.cilium.migration/cilium-default: "true"\n  defaults:\n    write-cni-conf-when-ready: /host/etc/cni/net.d/05-cilium.conflist\n    custom-cni-conf: "false"\n    cni-chaining-mode: none\n    cni-exclusive: "true"\nCONFIG\nkubectl cordon {node}\nkubectl drain {node} --ignore-daemonsets --delete-emptydir-data\nkubectl label node {node} io.cilium.migration/cilium-default=true',
        },
      ],
      undo: [
        {
          title: 'Take a node out',
          text: 'kubectl label node {node} io.cilium.migration/cilium-default-\nkubectl drain {node} --ignore-daemonsets --delete-emptydir-data',
        },
      ],
      links: [{ title: 'Per-node configuration', url: 'https://docs.cilium.io/en/stable/configuration/per-node-config/' }],
      evidence: 'automatic',
      checks: ['4.preflight-20', '4.enforcement-off'],
    },
    {
      id: '4.nodepool',
      title: 'Add a NodePool with the startup taint',
      why: 'New nodes come tainted, get Cilium as their only CNI, and take pods when the agent has lifted the taint.',
      role: 'operator',
      route: ['node-groups'],
      commands: [
        {
          title: 'The taint on the new pool',
          text: 'kubectl patch nodepool cilium --type=merge -p \'{"spec":{"template":{"spec":{"startupTaints":[{"key":"node.cilium.io/agent-not-ready","value":"true","effect":"NoExecute"}]}}}}\'',
        },
      ],
      undo: [{ title: 'Delete the pool: Karpenter drains its nodes', text: 'kubectl delete nodepool cilium' }],
      links: [{ title: 'Karpenter NodePools', url: 'https://karpenter.sh/docs/concepts/nodepools/' }],
      evidence: 'automatic',
      checks: ['4.taint'],
    },
    {
      id: '4.rotate',
      title: 'Cordon, let new ones come, drain',
      why: 'Every pod moves once. PodDisruptionBudgets decide how long it takes.',
      role: 'operator',
      commands: [
        {
          title: 'Node by node',
          text: 'for node in $(kubectl get nodes -l io.cilium/aws-node-enabled=true -o name); do\n  kubectl cordon "$node"\n  kubectl drain "$node" --ignore-daemonsets --delete-emptydir-data --timeout=15m\ndone',
        },
      ],
      undo: [{ title: 'Let the old nodes take pods again', text: 'kubectl uncordon -l io.cilium/aws-node-enabled=true' }],
      links: [{ title: 'Safely drain a node', url: 'https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/' }],
      evidence: 'automatic',
      checks: ['4.rotated', '4.preflight-1', '4.drops', '4.nodes'],
    },
    {
      id: '4.remove',
      title: 'Remove aws-node and kube-proxy',
      why: 'Only when no node needs them. Rules of iptables that they left stay until a node is replaced.',
      role: 'operator',
      commands: [
        {
          title: 'As EKS add-ons',
          text: 'aws eks delete-addon --region {region} --cluster-name {cluster} --addon-name vpc-cni\naws eks delete-addon --region {region} --cluster-name {cluster} --addon-name kube-proxy',
        },
        {
          title: 'Or as DaemonSets',
          text: 'kubectl -n kube-system delete daemonset aws-node kube-proxy --ignore-not-found',
        },
      ],
      undo: [
        {
          title: 'Put them back',
          text: 'aws eks create-addon --region {region} --cluster-name {cluster} --addon-name vpc-cni\naws eks create-addon --region {region} --cluster-name {cluster} --addon-name kube-proxy',
        },
      ],
      links: [
        {
          title: 'Kubernetes without kube-proxy',
          url: 'https://docs.cilium.io/en/stable/network/kubernetes/kubeproxy-free/',
        },
      ],
      evidence: 'automatic',
      checks: ['4.aws-node', '4.kube-proxy'],
    },
    {
      id: '4.connectivity',
      title: 'Run the connectivity test',
      why: 'The datapath is another one now.',
      role: 'operator',
      commands: [{ title: 'With its result as a file', text: 'cilium connectivity test --junit-file connectivity.xml' }],
      undo: [{ title: 'Take its namespaces away', text: 'kubectl delete namespace cilium-test-1 --ignore-not-found' }],
      links: [
        {
          title: 'Connectivity test',
          url: 'https://docs.cilium.io/en/stable/operations/troubleshooting/#automated-network-connectivity-test',
        },
      ],
      evidence: 'uploaded',
      checks: ['4.connectivity'],
    },
    {
      id: '4.rehearse',
      title: 'Rehearse the rollback',
      why: 'It is the hard one: it takes new nodes once more.',
      role: 'operator',
      commands: [
        {
          title: 'In DEV: one node group back to the VPC CNI',
          text: 'aws eks create-addon --region {region} --cluster-name {cluster} --addon-name vpc-cni\nkubectl get nodes -l eks.amazonaws.com/nodegroup={nodegroup-old}',
        },
      ],
      undo: [],
      links: [],
      evidence: 'typed',
      checks: ['4.rollback'],
    },
  ],
  checks: [
    {
      id: '4.rotated',
      title: 'Nodes with Cilium as their only CNI',
      kind: 'cluster',
      source: 'cluster',
      why: 'While both kinds of nodes live, so do the faults of both.',
      demand: 'must',
      threshold: equals(100, '%'),
    },
    {
      id: '4.taint',
      title: 'Startup taint on every pool',
      kind: 'cluster',
      source: 'cluster',
      why: 'Pods that come before the agent stay unmanaged.',
      demand: 'must',
    },
    {
      id: '4.aws-node',
      title: 'aws-node gone',
      kind: 'cluster',
      source: 'cluster',
      why: 'Left in place it goes on to attach interfaces.',
      demand: 'must',
      threshold: equals(0, 'pods'),
    },
    {
      id: '4.kube-proxy',
      title: 'kube-proxy gone',
      kind: 'cluster',
      source: 'cluster',
      why: 'Two of them balance the same services by different tables.',
      demand: 'must',
      threshold: equals(0, 'pods'),
    },
    {
      id: '4.connectivity',
      title: 'Connectivity test',
      kind: 'upload',
      source: 'JUnit',
      why: 'Every test that failed is a path that somebody uses.',
      demand: 'must',
      threshold: equals(0, ''),
      uploads: ['connectivity-junit'],
    },
    {
      id: '4.enforcement-off',
      title: 'Time with enforcement off recorded',
      kind: 'attestation',
      source: 'attested',
      why: 'While nodes move one by one policies are not enforced: for how long belongs to the record.',
      demand: 'must',
      statement: 'Policies were not enforced on this cluster from … until … (UTC), and are enforced again:',
    },
    nodesReporting(4),
    dropsAgainstBefore(4),
    rollbackRehearsed(4),
    preflight(4, 1, 'No unmanaged pods'),
    preflight(4, 16, 'Settings of kube-proxy replacement'),
    preflight(4, 17, 'aws-node beside Cilium'),
    preflight(4, 18, 'Owner of the CNI file'),
    preflight(4, 20, 'Hybrid mode and its gap'),
    preflight(4, 21, 'Addresses suffice in ENI mode'),
    preflight(4, 22, 'Masquerading and interface names'),
    preflight(4, 23, 'Admission webhooks in reach'),
    preflight(4, 11, 'Instance metadata in reach', 'acknowledge'),
    preflight(4, 15, 'Reach of the DNS proxy', 'acknowledge'),
    preflight(4, 27, 'Istio sidecars', 'acknowledge'),
    preflight(4, 31, 'Load balancers with local traffic policy', 'acknowledge'),
  ],
  rollback: {
    effort: 'hard',
    startedBy: ['approver', 'breakglass'],
    trigger: 'Nodes stay not ready, addresses run out, or services cannot be reached on the new nodes.',
    steps: [
      {
        title: 'Reinstall the VPC CNI and kube-proxy',
        text: 'aws eks create-addon --region {region} --cluster-name {cluster} --addon-name vpc-cni\naws eks create-addon --region {region} --cluster-name {cluster} --addon-name kube-proxy',
      },
      {
        title: 'Cilium back to chaining',
        text: 'helm upgrade cilium cilium/cilium --version {version} --namespace kube-system --values values-chaining.yaml',
      },
      {
        title: 'Rotate the nodes: new ones come with the VPC CNI',
        text: 'kubectl delete nodepool cilium\nkubectl get nodes --watch',
      },
      {
        title: 'Restart the workloads',
        text: 'for ns in $(kubectl get namespaces -o name | cut -d/ -f2); do kubectl -n "$ns" rollout restart deployment,statefulset,daemonset; done',
      },
    ],
    after: ['aws-node runs on every node', 'every node is ready', 'no pod waits for a network', 'services answer as before'],
  },
};
