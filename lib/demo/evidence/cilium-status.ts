import { seededRandom } from '../random.ts';
import type { DemoNode, World } from '../world.ts';

const IMAGE = 'registry.aegis.example/cilium/cilium:v1.19.0';
const OPERATOR = 'registry.aegis.example/cilium/operator-generic:v1.19.0';
const RELAY = 'registry.aegis.example/kube-system/hubble-relay:1.0.0';
const RING = 32_767;

/** `cilium status --wait -o json` of the cilium CLI. */
export function ciliumStatus(world: World): string {
  const { nodes } = world;
  const pods = [...world.workloads.values()].reduce((sum, workload) => sum + workload.pods.length, 0);
  const random = seededRandom(nodes.length + 31);
  const agents = nodes.map((node) => [`cilium-${random.tag(5)}`, agentStatus(world, node)] as const);
  const state = (type: string, desired: number): object => ({
    Type: type,
    Desired: desired,
    Ready: desired,
    Available: desired,
    Unavailable: 0,
  });
  return print({
    image_count: {
      cilium: { [IMAGE]: nodes.length },
      'cilium-operator': { [OPERATOR]: 2 },
      'hubble-relay': { [RELAY]: 1 },
    },
    phase_count: {
      cilium: { Running: nodes.length },
      'cilium-operator': { Running: 2 },
      'hubble-relay': { Running: 1 },
    },
    pod_state: {
      cilium: state('DaemonSet', nodes.length),
      'cilium-operator': state('Deployment', 2),
      'hubble-relay': state('Deployment', 1),
    },
    pods_count: { all: pods, by_cilium: pods },
    cilium_status: Object.fromEntries(agents),
    errors: {},
    config_errors: [],
    collection_errors: [],
  });
}

/** `StatusResponse` of an agent, as much as a person looks at. */
function agentStatus({ cluster, nodes }: World, node: DemoNode): object {
  return {
    cilium: { msg: '1.19.0 (v1.19.0-2f0b1a7c)', state: 'Ok' },
    cluster: {
      ciliumHealth: { msg: '', state: 'Ok' },
      nodes: nodes.map((each) => ({
        name: `${cluster}/${each.shortName}`,
        'primary-address': { ipv4: { 'address-type': 'InternalIP', enabled: true, ip: each.ip }, ipv6: { enabled: true } },
        'health-endpoint-address': { ipv4: { enabled: true, ip: each.healthIp } },
      })),
      self: `${cluster}/${node.shortName}`,
    },
    'cni-chaining': { mode: 'none' },
    'cni-file': { msg: 'CNI configuration written to /host/etc/cni/net.d/05-cilium.conflist', state: 'Ok' },
    encryption: {
      mode: 'Wireguard',
      wireguard: {
        interfaces: [{ name: 'cilium_wg0', 'listen-port': 51_871, 'peer-count': nodes.length - 1 }],
        'node-encryption': 'Disabled',
      },
    },
    'host-routing': { mode: 'Legacy' },
    hubble: {
      observer: { 'current-flows': RING, 'max-flows': RING, 'seen-flows': 4_211_907, uptime: 777_600_000_000_000 },
      state: 'Ok',
    },
    ipam: { status: 'IPv4: 14/254 allocated, IPv6: 14/18446744073709551614 allocated' },
    'kube-proxy-replacement': { mode: 'False', features: { nodePort: { enabled: false }, socketLB: { enabled: true } } },
    kubernetes: { msg: '1.32+ (v1.32.9-eks-113cf36) [linux/arm64]', state: 'Ok' },
    masquerading: { enabled: true, mode: 'iptables' },
    proxy: {
      ip: node.healthIp,
      'port-range': '10000-20000',
      'total-ports': 2,
      'total-redirects': 6,
      'envoy-deployment-mode': 'external',
    },
    routing: { 'inter-host-routing-mode': 'Tunnel [vxlan]', 'tunnel-protocol': 'vxlan' },
    nodeMonitor: { cpus: 4, lost: 0, npages: 64, pagesize: 4096, unknown: 0 },
    stale: {},
  };
}

const print = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
