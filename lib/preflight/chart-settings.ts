type Value = string | number | boolean | undefined;

/** A setting of the chart: its path in the values, the agents' option that it becomes, and what it is when nobody sets it. */
export interface ChartSetting {
  readonly path: string;
  /** Key in `cilium-config`; absent for what does not stand there. */
  readonly key?: string;
  /** Where the chart decides by other settings, a function of them. */
  readonly byDefault: Value | ((read: (path: string) => unknown) => Value);
  /** Where the ConfigMap says it in other words than by the key's value. */
  readonly fromConfig?: (config: ReadonlyMap<string, string>) => Value;
}

const isTrue = (text: string | undefined): boolean => /^(1|t|true)$/i.test(text?.trim() ?? '');
const isChained = (read: (path: string) => unknown): boolean => {
  const mode = read('cni.chainingMode');
  return typeof mode === 'string' && mode !== '' && mode !== 'none';
};

/** Cilium 1.19: install/kubernetes/cilium/values.yaml and templates/cilium-configmap.yaml. */
export const CHART_SETTINGS: readonly ChartSetting[] = [
  // CNI
  { path: 'cni.chainingMode', key: 'cni-chaining-mode', byDefault: 'none' },
  { path: 'cni.exclusive', key: 'cni-exclusive', byDefault: true },
  { path: 'cni.customConf', key: 'custom-cni-conf', byDefault: false },
  { path: 'cni.externalRouting', key: 'cni-external-routing', byDefault: false },
  { path: 'cni.enableRouteMTUForCNIChaining', key: 'enable-route-mtu-for-cni-chaining', byDefault: false },
  { path: 'cni.uninstall', key: 'cni-uninstall', byDefault: false },
  { path: 'MTU', key: 'mtu', byDefault: 0 },
  { path: 'endpointRoutes.enabled', key: 'enable-endpoint-routes', byDefault: (read) => read('eni.enabled') === true },
  // Addresses and routing
  { path: 'ipam.mode', key: 'ipam', byDefault: (read) => (String(read('eni.enabled')) === 'true' ? 'eni' : 'cluster-pool') },
  { path: 'eni.enabled', key: 'ipam', byDefault: false, fromConfig: (config) => config.get('ipam')?.trim() === 'eni' },
  { path: 'eni.awsEnablePrefixDelegation', key: 'aws-enable-prefix-delegation', byDefault: false },
  { path: 'eni.awsReleaseExcessIPs', key: 'aws-release-excess-ips', byDefault: false },
  { path: 'eni.nodeSpec.firstInterfaceIndex', key: 'eni-first-interface-index', byDefault: 0 },
  { path: 'eni.nodeSpec.usePrimaryAddress', key: 'eni-use-primary-address', byDefault: false },
  { path: 'eni.nodeSpec.disablePrefixDelegation', key: 'eni-disable-prefix-delegation', byDefault: false },
  {
    path: 'routingMode',
    key: 'routing-mode',
    byDefault: (read) => (String(read('eni.enabled')) === 'true' ? 'native' : 'tunnel'),
  },
  { path: 'tunnelProtocol', key: 'tunnel-protocol', byDefault: 'vxlan' },
  { path: 'tunnelPort', key: 'tunnel-port', byDefault: 0 },
  { path: 'ipv4.enabled', key: 'enable-ipv4', byDefault: true },
  { path: 'ipv6.enabled', key: 'enable-ipv6', byDefault: false },
  { path: 'enableIPv4Masquerade', key: 'enable-ipv4-masquerade', byDefault: true },
  { path: 'enableIPv6Masquerade', key: 'enable-ipv6-masquerade', byDefault: true },
  { path: 'bpf.masquerade', key: 'enable-bpf-masquerade', byDefault: false },
  { path: 'egressMasqueradeInterfaces', key: 'egress-masquerade-interfaces', byDefault: '' },
  { path: 'ipMasqAgent.enabled', key: 'enable-ip-masq-agent', byDefault: false },
  { path: 'ipv4NativeRoutingCIDR', key: 'ipv4-native-routing-cidr', byDefault: '' },
  {
    path: 'ipam.operator.clusterPoolIPv4PodCIDRList',
    key: 'cluster-pool-ipv4-cidr',
    byDefault: '10.0.0.0/8',
  },
  { path: 'bpf.hostLegacyRouting', key: 'enable-host-legacy-routing', byDefault: isChained },
  { path: 'bpf.vlanBypass', key: 'vlan-bpf-bypass', byDefault: '' },
  { path: 'bpf.policyMapMax', key: 'bpf-policy-map-max', byDefault: 16_384 },
  // Services
  { path: 'kubeProxyReplacement', key: 'kube-proxy-replacement', byDefault: 'false' },
  { path: 'k8sServiceHost', byDefault: '' },
  { path: 'k8sServicePort', byDefault: '' },
  { path: 'loadBalancer.mode', key: 'bpf-lb-mode', byDefault: 'snat' },
  { path: 'loadBalancer.acceleration', key: 'bpf-lb-acceleration', byDefault: 'disabled' },
  { path: 'loadBalancer.algorithm', key: 'bpf-lb-algorithm', byDefault: 'random' },
  { path: 'socketLB.enabled', key: 'bpf-lb-sock', byDefault: false },
  { path: 'socketLB.hostNamespaceOnly', key: 'bpf-lb-sock-hostns-only', byDefault: false },
  // Encryption
  {
    path: 'encryption.enabled',
    key: 'enable-wireguard',
    byDefault: false,
    fromConfig: (config) => ['enable-wireguard', 'enable-ipsec', 'enable-ztunnel'].some((key) => isTrue(config.get(key))),
  },
  {
    path: 'encryption.type',
    key: 'enable-wireguard',
    byDefault: 'ipsec',
    fromConfig: (config) => {
      if (isTrue(config.get('enable-wireguard'))) return 'wireguard';
      if (isTrue(config.get('enable-ztunnel'))) return 'ztunnel';
      return 'ipsec';
    },
  },
  { path: 'encryption.nodeEncryption', key: 'encrypt-node', byDefault: false },
  // No value of its own: set below `extraConfig`.
  {
    path: 'nodeEncryptionOptOutLabels',
    key: 'node-encryption-opt-out-labels',
    byDefault: 'node-role.kubernetes.io/control-plane',
  },
  // Authentication
  { path: 'authentication.enabled', key: 'mesh-auth-enabled', byDefault: true },
  { path: 'authentication.mutual.spire.enabled', key: 'mesh-auth-mutual-enabled', byDefault: false },
  { path: 'authentication.mutual.spire.install.enabled', byDefault: true },
  { path: 'authentication.mutual.spire.trustDomain', key: 'mesh-auth-spiffe-trust-domain', byDefault: 'spiffe.cilium' },
  { path: 'authentication.mutual.spire.serverAddress', key: 'mesh-auth-spire-server-address', byDefault: '' },
  {
    path: 'authentication.mutual.spire.adminSocketPath',
    key: 'mesh-auth-spire-admin-socket',
    byDefault: '/run/spire/sockets/admin.sock',
  },
  // Policies
  { path: 'policyEnforcementMode', key: 'enable-policy', byDefault: 'default' },
  { path: 'policyAuditMode', key: 'policy-audit-mode', byDefault: false },
  { path: 'policyCIDRMatchMode', key: 'policy-cidr-match-mode', byDefault: '' },
  { path: 'hostFirewall.enabled', key: 'enable-host-firewall', byDefault: false },
  { path: 'identityAllocationMode', key: 'identity-allocation-mode', byDefault: 'crd' },
  { path: 'labels', key: 'labels', byDefault: '' },
  // Proxies
  { path: 'l7Proxy', key: 'enable-l7-proxy', byDefault: true },
  { path: 'envoy.enabled', key: 'external-envoy-proxy', byDefault: true },
  { path: 'dnsProxy.enableTransparentMode', key: 'dnsproxy-enable-transparent-mode', byDefault: true },
  { path: 'dnsProxy.proxyPort', key: 'tofqdns-proxy-port', byDefault: 0 },
  // Hubble
  { path: 'hubble.enabled', key: 'enable-hubble', byDefault: true },
  { path: 'hubble.relay.enabled', byDefault: false },
  {
    path: 'hubble.tls.enabled',
    key: 'hubble-disable-tls',
    byDefault: true,
    fromConfig: (config) => (config.has('hubble-disable-tls') ? !isTrue(config.get('hubble-disable-tls')) : undefined),
  },
  { path: 'hubble.tls.auto.enabled', byDefault: true },
  { path: 'hubble.tls.auto.method', byDefault: 'helm' },
  { path: 'hubble.tls.auto.certValidityDuration', byDefault: 365 },
  { path: 'hubble.redact.enabled', key: 'hubble-redact-enabled', byDefault: false },
  { path: 'hubble.redact.http.urlQuery', key: 'hubble-redact-http-urlquery', byDefault: false },
  { path: 'hubble.redact.http.headers.allow', key: 'hubble-redact-http-headers-allow', byDefault: '' },
  { path: 'hubble.redact.http.headers.deny', key: 'hubble-redact-http-headers-deny', byDefault: '' },
  { path: 'hubble.eventBufferCapacity', key: 'hubble-event-buffer-capacity', byDefault: 4095 },
  // Rollout
  { path: 'agentNotReadyTaintKey', key: 'agent-not-ready-taint-key', byDefault: 'node.cilium.io/agent-not-ready' },
  {
    path: 'operator.unmanagedPodWatcher.restart',
    key: 'unmanaged-pod-watcher-interval',
    byDefault: true,
    fromConfig: (config) => {
      const interval = config.get('unmanaged-pod-watcher-interval')?.trim();
      return interval === undefined ? undefined : !/^0+[a-z]*$/.test(interval);
    },
  },
  { path: 'updateStrategy.type', byDefault: 'RollingUpdate' },
  { path: 'updateStrategy.rollingUpdate.maxUnavailable', byDefault: 2 },
  { path: 'upgradeCompatibility', byDefault: '' },
  // Cluster
  { path: 'cluster.name', key: 'cluster-name', byDefault: 'default' },
  { path: 'cluster.id', key: 'cluster-id', byDefault: 0 },
  { path: 'clustermesh.useAPIServer', byDefault: false },
  { path: 'clustermesh.config.enabled', byDefault: false },
];
