import type { InputName } from './check.ts';

/** What an input is and how to provide it. */
export interface InputHint {
  readonly what: string;
  /** A command that makes the file. */
  readonly command: string;
  /** Option of `causeway preflight` that takes it. */
  readonly option: string;
}

const get = (what: string, resources: string, option = '--objects'): InputHint => ({
  what,
  command: `kubectl get ${resources} -A -o json`,
  option,
});

/** One for each input, in the order in which they are told. */
export const INPUT_HINTS: Readonly<Record<InputName, InputHint>> = {
  values: { what: 'Helm values', command: 'helm get values cilium -n kube-system -o yaml', option: '--values' },
  'cilium-config': {
    what: 'the agents’ configuration',
    command: 'kubectl get configmap cilium-config -n kube-system -o json',
    option: '--objects',
  },
  nodes: get('nodes', 'nodes', '--nodes'),
  pods: get('pods', 'pods'),
  namespaces: get('namespaces', 'namespaces'),
  services: get('services', 'services,endpointslices'),
  endpoints: get('Cilium’s endpoints', 'ciliumendpoints'),
  identities: get('Cilium’s identities', 'ciliumidentities'),
  'cilium-nodes': get('Cilium’s nodes', 'ciliumnodes'),
  'node-configs': get('CiliumNodeConfigs', 'ciliumnodeconfigs'),
  daemonsets: {
    what: 'DaemonSets of kube-system',
    command: 'kubectl get daemonsets -n kube-system -o json --show-managed-fields',
    option: '--objects',
  },
  'node-pools': get('NodePools and EC2NodeClasses of Karpenter', 'nodepools,ec2nodeclasses'),
  webhooks: get('webhook configurations', 'validatingwebhookconfigurations,mutatingwebhookconfigurations'),
  'api-services': get('APIServices', 'apiservices'),
  'security-group-policies': get('SecurityGroupPolicies', 'securitygrouppolicies'),
  'policy-endpoints': get('PolicyEndpoints of the VPC CNI', 'policyendpoints'),
  policies: get(
    'policies',
    'networkpolicies,ciliumnetworkpolicies,ciliumclusterwidenetworkpolicies,ciliumcidrgroups',
    '--policies',
  ),
  'cilium-status': { what: 'status of the agents', command: 'cilium status -o json', option: '--cilium-status' },
  'encryption-status': {
    what: 'status of encryption',
    command: 'cilium encryption status -o json',
    option: '--encryption-status',
  },
  'agent-conf': {
    what: 'configuration of the SPIRE agent',
    command: 'kubectl get configmap spire-agent -n spire -o yaml',
    option: '--agent-conf',
  },
  entries: {
    what: 'registration entries of SPIRE',
    command: 'kubectl exec -n spire spire-server-0 -- spire-server entry show -output json',
    option: '--entries',
  },
  flows: { what: 'traffic seen', command: 'hubble observe --all -o jsonpb', option: '--flows' },
  relay: { what: 'state of Hubble Relay', command: 'hubble status -o json', option: '--relay-status' },
  'target-version': { what: 'Cilium version it goes to', command: '', option: '--target-version' },
  version: { what: 'Cilium version that runs', command: 'cilium version', option: '--cilium-version' },
};
