import type { Phase } from '#lib/migration/model.ts';
import { factsOfVersion } from '../version-facts.ts';
import { minorText } from '../versions.ts';
import type { Setting, SettingValue, Stage, ValuesRequest } from './model.ts';
import type { Placeholders } from './placeholders.ts';

const DOCS = 'https://docs.cilium.io/en/stable';
const CHAINING = `${DOCS}/installation/cni-chaining-aws-cni/`;
const HUBBLE = `${DOCS}/observability/hubble/setup/`;
const MIGRATION = `${DOCS}/installation/k8s-install-migration/`;
const WIREGUARD = `${DOCS}/security/network/encryption-wireguard/`;

/** What a phase sets; a later phase has all of the phases before it, the newest word for each path. */
export function settingsOf(request: ValuesRequest, names: Placeholders): Setting[] {
  const { phase, stage = 'begin' } = request;
  const settings = new Map<string, Setting>();
  const put = (more: readonly Setting[]): void => {
    for (const setting of more) settings.set(setting.path, setting);
  };
  const ofPhase: Readonly<Record<Phase, (stage: Stage) => Setting[]>> = {
    0: () => prepare(names),
    1: () => chaining(request, names),
    2: policies,
    3: () => identity(request, names),
    4: (step) => fullIpam(request, names, step),
  };
  for (const at of [0, 1, 2, 3, 4] as const) if (at <= phase) put(ofPhase[at](at < phase ? 'finish' : stage));
  return [...settings.values()];
}

const set = (path: string, value: SettingValue, why: string, url?: string): Setting => ({
  path,
  value,
  why,
  ...(url !== undefined && { url }),
});

const prepare = (names: Placeholders): Setting[] => [
  set(
    'cluster.name',
    names.fill('cluster', names.facts.clusterName),
    'Flows and identities carry it; it cannot be changed later without new identities.',
  ),
  set(
    'agent',
    false,
    'Phase 0 runs no agent: VPC CNI stays as it is.',
    `${DOCS}/operations/upgrade/#running-pre-flight-check-required`,
  ),
  set('operator.enabled', false, 'Nothing to operate yet.'),
  set(
    'preflight.enabled',
    true,
    'A DaemonSet pulls the agent’s image onto every node: what cannot be pulled is known before it matters.',
    `${DOCS}/operations/upgrade/#running-pre-flight-check-required`,
  ),
  set('preflight.validateCNPs', false, 'Its resource definitions are not installed yet.'),
];

function chaining({ target }: ValuesRequest, names: Placeholders): Setting[] {
  const { nodeCount } = names.facts;
  return [
    set('agent', true, 'The agent runs on every node from phase 1 on.'),
    set('operator.enabled', true, 'It garbage-collects identities and endpoints.'),
    set('preflight.enabled', false, 'The images are on the nodes: the release of phase 0 goes.'),
    set('preflight.validateCNPs', true, 'Before an upgrade the pre-flight runs again, and looks at the policies too.'),
    set(
      'cni.chainingMode',
      'aws-cni',
      'VPC CNI keeps giving out addresses; Cilium is chained behind it for visibility and policy.',
      CHAINING,
    ),
    set('cni.exclusive', false, 'VPC CNI’s file in /etc/cni/net.d must stay: Cilium would rename what is not its own.', CHAINING),
    set(
      'cni.enableRouteMTUForCNIChaining',
      true,
      'Pods keep VPC CNI’s MTU otherwise, which is too large once packets between nodes are wrapped by WireGuard.',
      'https://github.com/cilium/cilium/issues/28413',
    ),
    set('routingMode', 'native', 'Pod addresses are VPC addresses: no tunnel.', CHAINING),
    set('enableIPv4Masquerade', false, 'VPC CNI does it, or a NAT gateway.', CHAINING),
    set('kubeProxyReplacement', 'false', 'kube-proxy stays until phase 4.', `${DOCS}/network/kubernetes/kubeproxy-free/`),
    set(
      'policyEnforcementMode',
      'default',
      'A pod is closed only by the policies that select it.',
      `${DOCS}/security/policy/intro/`,
    ),
    set(
      'agentNotReadyTaintKey',
      'node.cilium.io/agent-not-ready',
      'Node groups and NodePools declare the same startup taint; the agent takes it away when it is ready.',
      `${DOCS}/installation/taints/`,
    ),
    set('operator.replicas', nodeCount === 1 ? 1 : 2, 'One more than needed; they do not share a node.'),
    ...(target
      ? [
          set(
            'upgradeCompatibility',
            minorText(target),
            'The version first installed: later upgrades keep its defaults until you change them.',
            `${DOCS}/operations/upgrade/`,
          ),
        ]
      : []),
    set('hubble.enabled', true, 'All evidence about traffic comes from it.', HUBBLE),
    set('hubble.relay.enabled', true, 'One stream of all nodes, which this console reads.', HUBBLE),
    set(
      'hubble.tls.auto.enabled',
      true,
      'Certificates between agents and relay.',
      `${DOCS}/observability/hubble/configuration/tls/`,
    ),
    set(
      'hubble.tls.auto.method',
      'cronJob',
      'Certificates made by Helm are renewed only when the chart is rendered again: they expire unseen.',
      `${DOCS}/observability/hubble/configuration/tls/`,
    ),
    set(
      'hubble.eventBufferCapacity',
      '65535',
      'Flows that an agent remembers: at 4,095 a busy node forgets within seconds.',
      `${DOCS}/observability/hubble/configuration/`,
    ),
    set(
      'hubble.redact.enabled',
      true,
      'Once L7 policies are on, flows carry Authorization and Cookie headers as they are.',
      'https://github.com/cilium/cilium/issues/23887',
    ),
    set(
      'hubble.redact.http.urlQuery',
      true,
      'Query strings hold tokens too.',
      `${DOCS}/observability/hubble/configuration/redaction/`,
    ),
    set(
      'hubble.redact.http.userInfo',
      true,
      'User names and passwords in addresses.',
      `${DOCS}/observability/hubble/configuration/redaction/`,
    ),
    set(
      'hubble.metrics.enabled',
      ['dns:query', 'drop:labelsContext=source_namespace,destination_namespace', 'tcp', 'flow', 'icmp', 'port-distribution'],
      'The metrics that dashboards and long ranges read.',
      `${DOCS}/observability/metrics/`,
    ),
    set(
      'hubble.export.static.enabled',
      true,
      'Flows as files of the node: what was lost on the way can be imported.',
      `${DOCS}/observability/hubble/configuration/export/`,
    ),
    set(
      'hubble.export.static.filePath',
      '/var/run/cilium/hubble/events.log',
      'Rotated by the agent.',
      `${DOCS}/observability/hubble/configuration/export/`,
    ),
    set('prometheus.enabled', true, 'Metrics of the agents: map pressure, drops, lost events.', `${DOCS}/observability/metrics/`),
    set('operator.prometheus.enabled', true, 'Metrics of the operator: addresses left.', `${DOCS}/observability/metrics/`),
    set(
      'rollOutCiliumPods',
      true,
      'Agents restart when their settings change; otherwise a changed value waits for a chance restart.',
    ),
  ];
}

const policies = (stage: Stage): Setting[] => [
  stage === 'begin'
    ? set(
        'policyAuditMode',
        true,
        'First step: what policy would deny is reported as AUDIT and let through. It is global and for L3/L4 only, and an endpoint reports nothing before a policy selects it. Second step: false.',
        `${DOCS}/security/policy-creation/`,
      )
    : set(
        'policyAuditMode',
        false,
        'The AUDIT flows are explained: what policy denies is dropped from now on.',
        `${DOCS}/security/policy-creation/`,
      ),
];

function identity({ choices: { method }, target }: ValuesRequest, names: Placeholders): Setting[] {
  const facts = target && factsOfVersion(target);
  const wireGuard = [
    set('encryption.enabled', true, 'Packets between pods of different nodes are encrypted.', WIREGUARD),
    set(
      'encryption.type',
      'wireguard',
      `Needs kernel 5.6 and UDP 51871 between all nodes. ${mtuText(names.facts.nodeMtu)}`,
      WIREGUARD,
    ),
    set(
      'encryption.nodeEncryption',
      false,
      'Traffic of the nodes themselves (kubelet, host network) stays plain: it is not what the phase claims.',
      WIREGUARD,
    ),
  ];
  const off = set('authentication.mutual.spire.enabled', false, 'Not with this method.');
  switch (method) {
    case 'mutual-auth':
      return [
        ...wireGuard,
        set(
          'authentication.enabled',
          true,
          'Without it a policy that asks for authentication drops what it would allow.',
          `${DOCS}/network/servicemesh/mutual-authentication/mutual-authentication/`,
        ),
        set(
          'authentication.mutual.spire.enabled',
          true,
          mutualAuthText(facts?.mutualAuth),
          'https://github.com/cilium/cilium/issues/47132',
        ),
        set(
          'authentication.mutual.spire.install.enabled',
          false,
          'The platform’s own SPIRE is used; the chart’s would be a second one.',
        ),
        set(
          'authentication.mutual.spire.serverAddress',
          names.fill('spire-server', names.facts.spireServer),
          'The operator registers an entry for each identity there.',
        ),
        set(
          'authentication.mutual.spire.trustDomain',
          names.fill('trust-domain', names.facts.trustDomain),
          'The same at agents, server and entries.',
        ),
        set(
          'authentication.mutual.spire.adminSocketPath',
          names.fill('spire-admin-socket', names.facts.spireAdminSocket),
          'The delegated identity API: in a directory of its own, apart from the workload socket.',
        ),
      ];
    case 'ztunnel':
      return [
        set(
          'encryption.enabled',
          true,
          'Connections of enrolled namespaces are encrypted and authenticated.',
          `${DOCS}/security/network/encryption-ztunnel/`,
        ),
        set('encryption.type', 'ztunnel', ztunnelText(facts), `${DOCS}/security/network/encryption-ztunnel/`),
        off,
      ];
    case 'wireguard':
      return [...wireGuard, off];
  }
}

const mtuText = (mtu: number | undefined): string =>
  mtu === undefined
    ? 'It takes 60 bytes of every packet: 9001 becomes 8941.'
    : `It takes 60 bytes of every packet: ${mtu} becomes ${mtu - 60}.`;

function mutualAuthText(state: 'available' | 'deprecated' | 'removed' | undefined): string {
  if (state === 'removed')
    return 'This version has no mutual authentication by SPIRE any more: choose ztunnel or WireGuard alone.';
  if (state === 'deprecated') return 'Deprecated in this version and gone in the next: plan ztunnel.';
  return 'Beta, and deprecated from 1.20 on; ztunnel is named as its successor.';
}

const ztunnelText = (facts: { readonly ztunnel: boolean } | undefined): string =>
  facts && !facts.ztunnel
    ? 'This version has no ztunnel: it comes with 1.19.'
    : 'Beta. TCP only; namespaces are enrolled by the label io.cilium/mtls-enabled=true; not with Cluster Mesh; L4 policy on the real port no longer works for enrolled pods.';

function fullIpam({ choices: { route }, target }: ValuesRequest, names: Placeholders, stage: Stage): Setting[] {
  const { facts } = names;
  const isHybrid = stage === 'begin' && route === 'per-node';
  const flip = target && factsOfVersion(target)?.eniMasquerade === false;
  const common = [
    set('ipam.mode', 'eni', 'Cilium’s operator gives out addresses of the VPC.', `${DOCS}/network/concepts/ipam/eni/`),
    set(
      'eni.enabled',
      true,
      'It attaches interfaces and addresses by the EC2 API: its role needs those rights.',
      `${DOCS}/network/concepts/ipam/eni/`,
    ),
    set(
      'ipv4NativeRoutingCIDR',
      names.fill('vpc-cidr', facts.vpcCidr),
      'What is reached without a tunnel: the whole VPC.',
      `${DOCS}/network/concepts/routing/`,
    ),
    set(
      'enableIPv4Masquerade',
      false,
      flip
        ? 'The default of this version with ENI. Pods leave by the NAT gateway of their subnet; without one set it to true.'
        : 'Pods leave by the NAT gateway of their subnet; without one set it to true. It was the default before 1.18.',
      'https://github.com/cilium/cilium/pull/38663',
    ),
    set(
      'kubeProxyReplacement',
      'true',
      'kube-proxy goes with this phase, after the last node is new.',
      `${DOCS}/network/kubernetes/kubeproxy-free/`,
    ),
    set(
      'k8sServiceHost',
      names.fill('api-server-host', isAddress(facts.apiServerHost) ? undefined : facts.apiServerHost),
      'Without kube-proxy the agent cannot use the service kubernetes. A host name: addresses of an EKS control plane change.',
      'https://github.com/cilium/cilium/issues/22039',
    ),
    set('k8sServicePort', '443', 'Of the API server.'),
  ];
  if (isHybrid)
    return [
      ...common,
      set(
        'cni.chainingMode',
        'none',
        'Nodes that have moved have Cilium alone; the CiliumNodeConfig beside this decides which.',
        MIGRATION,
      ),
      set('cni.exclusive', false, 'Nodes that have not moved keep VPC CNI’s file.', MIGRATION),
      set('cni.enableRouteMTUForCNIChaining', false, 'For chaining only.'),
      set('cni.customConf', true, 'No node gets Cilium’s file before its turn.', MIGRATION),
      set(
        'operator.unmanagedPodWatcher.restart',
        false,
        'Pods of nodes that have not moved are not managed, and must not be restarted for it.',
        MIGRATION,
      ),
      set(
        'policyEnforcementMode',
        'never',
        'Policy cannot be enforced across both plugins. The time it is off is recorded: the gate stays closed until it is default again.',
        MIGRATION,
      ),
      set('bpf.hostLegacyRouting', true, 'Packets between both plugins go through the kernel’s own routing.', MIGRATION),
    ];
  return [
    ...common,
    set('cni.chainingMode', 'none', 'Cilium is the only plugin.', `${DOCS}/network/concepts/ipam/eni/`),
    facts.multus
      ? set('cni.exclusive', false, 'Multus writes a file beside Cilium’s.')
      : set(
          'cni.exclusive',
          true,
          'No other plugin’s file is left to be picked up by the kubelet.',
          'https://github.com/cilium/cilium/pull/23159',
        ),
    set('cni.enableRouteMTUForCNIChaining', false, 'For chaining only.'),
    ...(route === 'per-node' || stage === 'finish'
      ? [
          set('cni.customConf', false, 'Every node has Cilium’s file.', MIGRATION),
          set('operator.unmanagedPodWatcher.restart', true, 'No pod is left that Cilium does not manage.', MIGRATION),
        ]
      : []),
    set('policyEnforcementMode', 'default', 'Policies are enforced.', `${DOCS}/security/policy/intro/`),
    set(
      'bpf.hostLegacyRouting',
      false,
      'eBPF host routing, from kernel 5.10 on.',
      `${DOCS}/operations/performance/tuning/#ebpf-host-routing`,
    ),
    stage === 'begin'
      ? set(
          'updateStrategy.type',
          'OnDelete',
          'Agents of old nodes keep their settings until their node goes: do not restart them.',
          'https://github.com/cilium/cilium/pull/22620',
        )
      : set('updateStrategy.type', 'RollingUpdate', 'All nodes are new: agents roll again by themselves.'),
  ];
}

const isAddress = (host: string | undefined): boolean => host !== undefined && /^[\d.]+$|:/.test(host);
