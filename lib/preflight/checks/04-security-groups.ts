// Threads: cilium/cilium #27152, #29922, #24946, #36803; aws/amazon-vpc-cni-k8s #3713 (same-node traffic to such pods fails even in standard mode).
import { counted } from '#lib/policy/lint/words.ts';
import type { InputName, PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { templateOf, variableOf } from '../pod-template.ts';
import { nodeAddresses } from '../pods.ts';
import { trafficName } from '../traffic.ts';

const AWS_NODE = 'DaemonSet kube-system/aws-node';

export const securityGroups: PreflightCheck = {
  number: 4,
  id: 'security-groups-for-pods',
  title: 'Security groups for pods behind Cilium',
  severity: 'error',
  subsystem: 'AWS',
  gates: [1],
  acknowledge: [],
  why: 'A pod with security groups of its own has a branch interface in a VLAN. In strict mode its traffic goes around Cilium; in standard mode Cilium has to let the VLAN through and leave routing to VPC CNI, and traffic between such pods of one node has been seen to fail.',
  fix: 'Replace SecurityGroupPolicies by network policies before Cilium comes; otherwise POD_SECURITY_GROUP_ENFORCING_MODE=standard, cni.externalRouting=true and bpf.vlanBypass={0}.',
  links: [
    ...threads('27152', '29922', '24946', '36803', 'aws/amazon-vpc-cni-k8s#3713'),
    ciliumDocs('Enabling security groups for pods', 'installation/cni-chaining-aws-cni/'),
  ],
  needs: ['security-group-policies', 'daemonsets', 'nodes', 'values', 'cilium-config', 'flows'],
  decide(inputs) {
    const { objects } = inputs;
    const missing: InputName[] = [
      ...(objects.known('SecurityGroupPolicy') ? [] : (['security-group-policies'] as const)),
      ...(objects.known('DaemonSet') ? [] : (['daemonsets'] as const)),
      ...(objects.known('Node') ? [] : (['nodes'] as const)),
    ];
    const policies = objects.all('SecurityGroupPolicy');
    const trunks = objects.all('Node').filter(({ labels }) => Object.hasOwn(labels, TRUNK) && labels[TRUNK] === 'true');
    const enabled = variable(inputs, 'ENABLE_POD_ENI') === 'true';
    if (policies.length === 0) {
      // Switched on without a policy, no pod has a branch interface.
      const off = enabled || trunks.length > 0 ? 'is switched on, and no SecurityGroupPolicy makes use of it' : 'is off';
      const said = objects.known('SecurityGroupPolicy') || (objects.known('DaemonSet') && !enabled && trunks.length === 0);
      return said ? outcomeOf([note(AWS_NODE, `security groups for pods ${off}`)]) : unknownWithout(...missing);
    }
    return inUse(inputs, missing);
  },
};

const TRUNK = 'vpc.amazonaws.com/has-trunk-attached';

function variable({ objects }: PreflightInputs, name: string): string | undefined {
  const daemonSet = objects.get('DaemonSet', 'kube-system', 'aws-node');
  return daemonSet && variableOf(templateOf(daemonSet), name);
}

function inUse(inputs: PreflightInputs, missing: InputName[]): ReturnType<PreflightCheck['decide']> {
  const { objects, settings, flows } = inputs;
  const policies = objects.all('SecurityGroupPolicy');
  const title = (at: number): string => `SecurityGroupPolicy ${policies[at]?.namespace ?? ''}/${policies[at]?.name ?? ''}`;
  const findings: PreflightFinding[] = policies.map((_, at) => note(title(at), 'pods that it selects have a branch interface'));
  const mode = variable(inputs, 'POD_SECURITY_GROUP_ENFORCING_MODE');
  if (objects.known('DaemonSet') && mode !== 'standard')
    findings.push(
      fail(
        AWS_NODE,
        `POD_SECURITY_GROUP_ENFORCING_MODE is ${mode ?? 'not set, which is strict'}: traffic of ${counted(policies.length, 'SecurityGroupPolicy', 'SecurityGroupPolicies')} goes around Cilium`,
        'Set it to standard, or replace the policies by network policies.',
      ),
    );
  const routing = settings.flag('cni.externalRouting');
  const vlans = settings.list('bpf.vlanBypass');
  if (routing === undefined || vlans === undefined) missing.push('values');
  if (routing === false)
    findings.push(
      fail(
        settings.nameOf('cni.externalRouting'),
        'routing is not left to VPC CNI: answers of such pods take the wrong interface',
      ),
    );
  if (vlans?.length === 0)
    findings.push(
      fail(
        settings.nameOf('bpf.vlanBypass'),
        'no VLAN is let through: frames of branch interfaces are dropped',
        'Set bpf.vlanBypass={0}.',
      ),
    );
  // Whether traffic on one node gets through is not told by settings.
  if (flows) findings.push(...seen(inputs));
  else missing.push('flows');
  return outcomeOf(findings, missing);
}

/** Frames dropped for their VLAN, and kubelets taken for the outside. */
function seen({ flows, objects }: PreflightInputs): PreflightFinding[] {
  const nodes = new Set(objects.all('Node').flatMap(nodeAddresses));
  return (flows?.traffic ?? []).flatMap((traffic) => {
    const name = trafficName(traffic);
    if (traffic.dropReason === 'VLAN_FILTERED') return [fail(name, `${counted(traffic.flows, 'flow')} dropped for their VLAN`)];
    const isWorld = traffic.source.identity === 2 || traffic.source.labels.includes('reserved:world');
    return isWorld && traffic.destination.namespace !== '' && traffic.source.addresses.some((address) => nodes.has(address))
      ? [fail(name, 'a node’s own packets arrive as from the world: probes of the kubelet fail once policies are enforced')]
      : [];
  });
}
