import type { World } from '../world.ts';

/** `helm get values cilium -n kube-system -o yaml` of a demo cluster: what its cilium-config was made of. */
export const helmValues = ({ cluster, nodes }: World): string => `agentNotReadyTaintKey: node.cilium.io/agent-not-ready
authentication:
  enabled: true
  mutual:
    spire:
      adminSocketPath: /run/spire/admin-sockets/admin.sock
      enabled: true
      install:
        enabled: false
      serverAddress: spire-server.spire-server.svc:8081
      trustDomain: aegis.local
bpf:
  policyMapMax: 16384
cluster:
  id: 0
  name: ${cluster}
cni:
  chainingMode: none
  exclusive: true
enableNonDefaultDenyPolicies: true
encryption:
  enabled: true
  nodeEncryption: false
  type: wireguard
hubble:
  enabled: true
  eventBufferCapacity: "32767"
  networkPolicyCorrelation:
    enabled: true
  redact:
    enabled: true
    http:
      headers:
        deny:
          - authorization
          - cookie
          - set-cookie
      urlQuery: true
      userInfo: true
  relay:
    enabled: true
  tls:
    auto:
      enabled: true
      method: cronJob
      schedule: 0 0 1 */2 *
    enabled: true
ipam:
  mode: cluster-pool
  operator:
    clusterPoolIPv4MaskSize: 24
    clusterPoolIPv4PodCIDRList:
      - ${podRange(nodes[0]?.healthIp ?? '')}
ipv6:
  enabled: true
kubeProxyReplacement: "false"
l7Proxy: true
operator:
  replicas: 2
policyAuditMode: false
policyEnforcementMode: default
prometheus:
  enabled: true
rollOutCiliumPods: true
routingMode: tunnel
socketLB:
  enabled: true
tunnelProtocol: vxlan
updateStrategy:
  rollingUpdate:
    maxUnavailable: 1
  type: RollingUpdate
upgradeCompatibility: "1.19"
`;

const podRange = (ip: string): string => `${ip.split('.').slice(0, 2).join('.')}.0.0/16`;
