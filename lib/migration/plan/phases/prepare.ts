import { atLeast, preflight } from '../checks.ts';
import type { PlanPhase } from '../model.ts';

/** Phase 0. Nothing of the cluster changes: what is there becomes known. */
export const PREPARE: PlanPhase = {
  phase: 0,
  name: 'Prepare',
  summary: 'policies, services, kernels known',
  typicalLength: '1 week',
  leaves: 'The VPC CNI is untouched; policies, services and kernels are known, and the way back is written.',
  optional: false,
  steps: [
    {
      id: '0.controls',
      title: 'List the network controls that exist',
      why: 'Cilium begins to enforce every NetworkPolicy on its first day, also those that nothing enforces now. Security groups and network ACLs go on to hold beside it.',
      role: 'operator',
      commands: [
        {
          title: 'Policies of every kind',
          text: 'kubectl get networkpolicies,ciliumnetworkpolicies,ciliumclusterwidenetworkpolicies -A --ignore-not-found\nkubectl get globalnetworkpolicies.crd.projectcalico.org --ignore-not-found 2>/dev/null\nkubectl get policyendpoints.networking.k8s.aws -A --ignore-not-found 2>/dev/null',
        },
        {
          title: 'Security groups and network ACLs of the VPC',
          text: 'aws ec2 describe-security-groups --region {region} --filters Name=vpc-id,Values={vpc-id} --output json\naws ec2 describe-network-acls --region {region} --filters Name=vpc-id,Values={vpc-id} --output json',
        },
      ],
      undo: [],
      links: [
        { title: 'Cilium network policy', url: 'https://docs.cilium.io/en/stable/network/kubernetes/policy/' },
        {
          title: 'VPC CNI network policy',
          url: 'https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html',
        },
      ],
      evidence: 'typed',
      checks: ['0.controls', '0.preflight-19'],
    },
    {
      id: '0.baseline',
      title: 'Map the traffic with VPC Flow Logs',
      why: 'Before Cilium is there, the flow logs of the VPC are the only record of who talks to whom. Afterwards they are what the map is held against.',
      role: 'operator',
      commands: [
        {
          title: 'Write flow logs of the VPC to a log group',
          text: "aws ec2 create-flow-logs --region {region} --resource-type VPC --resource-ids {vpc-id} --traffic-type ALL \\\n  --max-aggregation-interval 60 --log-destination-type s3 --log-destination arn:aws:s3:::flow-logs-{cluster} \\\n  --log-format '${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status} ${pkt-srcaddr} ${pkt-dstaddr} ${tcp-flags} ${flow-direction}'",
        },
        {
          title: 'Import what was written',
          text: 'causeway import flow-logs ./flow-logs/*.log.gz --cluster {cluster}',
        },
      ],
      undo: [
        {
          title: 'Stop the flow logs',
          text: 'aws ec2 delete-flow-logs --region {region} --flow-log-ids $(aws ec2 describe-flow-logs --region {region} --filter Name=resource-id,Values={vpc-id} --query "FlowLogs[].FlowLogId" --output text)',
        },
      ],
      links: [{ title: 'VPC Flow Logs', url: 'https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html' }],
      evidence: 'automatic',
      checks: ['0.baseline'],
    },
    {
      id: '0.kernels',
      title: 'Check kernels and versions',
      why: 'WireGuard needs kernel 5.6, host routing in eBPF 5.10, the replacement of kube-proxy 4.19.57; Amazon Linux 2023 has 6.1. Kubernetes must be in the range the Cilium version supports.',
      role: 'operator',
      commands: [
        {
          title: 'Kernel, image and kubelet of each node',
          text: "kubectl get nodes -o custom-columns='NODE:.metadata.name,KERNEL:.status.nodeInfo.kernelVersion,IMAGE:.status.nodeInfo.osImage,KUBELET:.status.nodeInfo.kubeletVersion'",
        },
      ],
      undo: [],
      links: [
        { title: 'System requirements', url: 'https://docs.cilium.io/en/stable/operations/system_requirements/' },
        { title: 'Kubernetes compatibility', url: 'https://docs.cilium.io/en/stable/network/kubernetes/compatibility/' },
      ],
      evidence: 'automatic',
      checks: ['0.kernels', '0.kubernetes', '0.preflight-30', '0.preflight-21', '0.preflight-22'],
    },
    {
      id: '0.cni-version',
      title: 'Record the VPC CNI',
      why: 'Going back means going back to exactly this version and these settings.',
      role: 'operator',
      commands: [
        {
          title: 'Image and settings of aws-node',
          text: 'kubectl -n kube-system get daemonset aws-node -o yaml > aws-node-{cluster}.yaml\nkubectl -n kube-system get daemonset aws-node -o jsonpath="{.spec.template.spec.containers[*].image}"',
        },
      ],
      undo: [],
      links: [{ title: 'Amazon VPC CNI', url: 'https://docs.aws.amazon.com/eks/latest/userguide/managing-vpc-cni.html' }],
      evidence: 'automatic',
      checks: ['0.cni', '0.preflight-16', '0.preflight-11'],
    },
    {
      id: '0.tag',
      title: 'Tag the working state',
      why: 'The rollback names a commit, not a memory.',
      role: 'operator',
      commands: [
        {
          title: 'Tag the configuration that runs',
          text: 'git tag -a pre-cilium-{cluster} -m "before Cilium: {cluster}"\ngit push origin pre-cilium-{cluster}',
        },
      ],
      undo: [
        { title: 'Take the tag away', text: 'git push --delete origin pre-cilium-{cluster}\ngit tag -d pre-cilium-{cluster}' },
      ],
      links: [],
      evidence: 'typed',
      checks: ['0.tag'],
    },
    {
      id: '0.rollback',
      title: 'Write the rollback plan',
      why: 'Every later gate asks for it. It names who may start it and what is looked at afterwards.',
      role: 'operator',
      commands: [
        {
          title: 'Print the rollback of every phase as the plan has it',
          text: 'curl -fsS -H "Authorization: Bearer $CAUSEWAY_TOKEN" "$CAUSEWAY_URL/api/v1/clusters/{cluster}/migration/export?format=markdown" > migration-{cluster}.md',
        },
      ],
      undo: [],
      links: [],
      evidence: 'typed',
      checks: ['0.rollback', '0.preflight-23'],
    },
  ],
  checks: [
    {
      id: '0.baseline',
      title: 'Baseline from VPC Flow Logs',
      kind: 'traffic',
      source: 'flow logs',
      why: 'A day of traffic has most of what a service does; jobs that run by the month are not in it.',
      demand: 'must',
      threshold: atLeast(24, 'h'),
    },
    {
      id: '0.kernels',
      title: 'Kernels fit every phase',
      kind: 'cluster',
      source: 'nodes',
      why: 'One node with an old kernel runs without encryption, or not at all.',
      demand: 'must',
      threshold: atLeast(100, '%'),
    },
    {
      id: '0.kubernetes',
      title: 'Kubernetes in the supported range',
      kind: 'cluster',
      source: 'nodes',
      why: 'Outside the range that a Cilium version was tested with, nobody promises anything.',
      demand: 'must',
    },
    {
      id: '0.cni',
      title: 'VPC CNI version recorded',
      kind: 'cluster',
      source: 'cluster',
      why: 'The rollback reinstalls exactly this one.',
      demand: 'must',
    },
    {
      id: '0.controls',
      title: 'Network controls listed',
      kind: 'attestation',
      source: 'attested',
      why: 'Security groups and ACLs are not visible to the cluster: a person has to have looked.',
      demand: 'must',
      statement: 'Security groups, network ACLs and policies of this cluster are listed and understood; the list is at:',
    },
    {
      id: '0.tag',
      title: 'Working state tagged',
      kind: 'attestation',
      source: 'attested',
      why: 'The state to go back to has a name.',
      demand: 'must',
      statement: 'The configuration that works now is tagged as:',
    },
    {
      id: '0.rollback',
      title: 'Rollback plan written',
      kind: 'attestation',
      source: 'attested',
      why: 'No gate opens on the way out without the way back.',
      demand: 'must',
      statement: 'The rollback plan is written, reviewed by those who would run it, and is at:',
    },
    preflight(0, 19, 'Who enforces policies today'),
    preflight(0, 21, 'Addresses suffice in ENI mode'),
    preflight(0, 22, 'Masquerading and interface names'),
    preflight(0, 23, 'Admission webhooks in reach'),
    preflight(0, 30, 'No nodes where Cilium cannot go'),
    preflight(0, 11, 'Instance metadata in reach', 'acknowledge'),
    preflight(0, 16, 'Settings of kube-proxy replacement', 'acknowledge'),
  ],
  rollback: {
    effort: 'easy',
    startedBy: ['operator', 'approver'],
    trigger: 'Nothing has changed in the cluster yet: going back means to stop here.',
    steps: [
      {
        title: 'Stop the flow logs if nobody else reads them',
        text: 'aws ec2 describe-flow-logs --region {region} --filter Name=resource-id,Values={vpc-id}',
      },
    ],
    after: ['aws-node runs on every node', 'no object of Cilium is in the cluster'],
  },
};
