import type { SeenTraffic, TrafficFacts } from '#lib/preflight/traffic.ts';
import { anEnd, outside, someTraffic, trafficOf } from './preflight.ts';

export interface PreflightWorldSize {
  readonly nodes: number;
  readonly pods: number;
  readonly policies: number;
  /** Kinds of traffic seen. */
  readonly traffic: number;
}

/** The size that preflight has to judge in seconds. */
export const LARGE_WORLD: PreflightWorldSize = { nodes: 500, pods: 10_000, policies: 2_000, traffic: 20_000 };

const PODS_PER_WORKLOAD = 5;
const address = (net: number, number: number): string => `10.${net + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;

/** The objects of a cluster in phase 1, always the same for a size: everything that checks read, with a few things wrong. */
export function preflightWorld({ nodes, pods, policies, traffic }: PreflightWorldSize): {
  readonly objects: readonly object[];
  readonly flows: TrafficFacts;
  readonly values: Readonly<Record<string, unknown>>;
} {
  const workloads = Math.max(1, Math.floor(pods / PODS_PER_WORKLOAD));
  const namespaceOf = (workload: number): string => `team-${workload % 100}`;
  const nodeName = (number: number): string => `ip-${number}`;
  const count = <T>(length: number, make: (number: number) => T): T[] => Array.from({ length }, (_, number) => make(number));
  const objects: object[] = [
    ...count(100, (number) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: `team-${number}`, labels: { team: String(number) } },
    })),
    ...count(nodes, (number) => node(nodeName(number), number)),
    ...count(nodes, (number) => ciliumNode(nodeName(number), number)),
    ...count(nodes, (number) => agentPod(nodeName(number), number)),
    ...count(pods, (number) => pod(number, Math.floor(number / PODS_PER_WORKLOAD), nodeName(number % nodes))),
    // One in a hundred is not managed yet.
    ...count(pods, (number) => endpoint(number, Math.floor(number / PODS_PER_WORKLOAD))).filter(
      (_, number) => number % 100 !== 0,
    ),
    ...count(Math.floor(workloads / 2), (workload) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `app-${workload}`, namespace: namespaceOf(workload) },
      spec: {
        type: workload % 50 === 0 ? 'LoadBalancer' : 'ClusterIP',
        externalTrafficPolicy: 'Local',
        selector: { app: `app-${workload}` },
        ports: [{ port: 80 }],
      },
    })),
    ...count(policies, (number) => policy(number, workloads)),
    ...count(20, (number) => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: `hook-${number}` },
      webhooks: [
        {
          name: 'a',
          failurePolicy: 'Fail',
          clientConfig: { service: { name: `app-${number}`, namespace: namespaceOf(number) } },
        },
      ],
    })),
    ...daemonSets,
    {
      apiVersion: 'karpenter.sh/v1',
      kind: 'NodePool',
      metadata: { name: 'general' },
      spec: { template: { spec: { startupTaints: [{ key: 'node.cilium.io/agent-not-ready', effect: 'NoExecute' }] } } },
    },
    {
      apiVersion: 'karpenter.k8s.aws/v1',
      kind: 'EC2NodeClass',
      metadata: { name: 'general' },
      spec: { metadataOptions: { httpPutResponseHopLimit: 2 } },
    },
  ];
  return {
    objects,
    flows: trafficOf(...count(traffic, (number) => seen(number, workloads, namespaceOf))),
    values: {
      cni: { chainingMode: 'aws-cni', exclusive: false, enableRouteMTUForCNIChaining: true },
      routingMode: 'native',
      enableIPv4Masquerade: false,
      encryption: { enabled: true, type: 'wireguard' },
    },
  };
}

const daemonSets = ['aws-node', 'kube-proxy', 'cilium', 'eks-pod-identity-agent'].map((name) => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name, namespace: 'kube-system' },
  spec: {
    template: {
      spec: {
        hostNetwork: true,
        tolerations: [{ operator: 'Exists' }],
        containers: [{ name: name === 'cilium' ? 'cilium-agent' : name, image: `example/${name}:v1.19.5` }],
      },
    },
  },
}));

const node = (name: string, number: number): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    creationTimestamp: '2026-10-01T08:00:00Z',
    labels: {
      'karpenter.sh/nodepool': 'general',
      'node.kubernetes.io/instance-type': 'm7g.xlarge',
      'kubernetes.io/hostname': name,
    },
  },
  status: {
    addresses: [{ type: 'InternalIP', address: address(1, number) }],
    allocatable: { pods: '58' },
    nodeInfo: {
      kernelVersion: '6.1.158-180.294.amzn2023.aarch64',
      kubeletVersion: 'v1.31.9-eks-1',
      osImage: 'Amazon Linux 2023',
      bootID: `b${number}`,
    },
  },
});

const ciliumNode = (name: string, number: number): object => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNode',
  metadata: { name, creationTimestamp: '2026-10-01T08:01:00Z' },
  spec: {
    addresses: [{ type: 'InternalIP', ip: address(1, number) }],
    ipam: { podCIDRs: [`10.${8 + (number >> 8)}.${number & 255}.0/24`] },
  },
});

const agentPod = (nodeName: string, number: number): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `cilium-${number}`, namespace: 'kube-system', labels: { 'k8s-app': 'cilium' } },
  spec: { nodeName, hostNetwork: true, containers: [{ name: 'cilium-agent', image: 'quay.io/cilium/cilium:v1.19.5' }] },
  status: { phase: 'Running', podIP: address(1, number), startTime: '2026-10-01T08:01:00Z' },
});

const labelsOf = (workload: number): Record<string, string> => ({
  app: `app-${workload}`,
  tier: ['front', 'back', 'data'][workload % 3] ?? '',
});

const pod = (number: number, workload: number, nodeName: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `app-${workload}-${number}`, namespace: `team-${workload % 100}`, labels: labelsOf(workload) },
  spec: {
    nodeName,
    containers: [
      {
        name: 'main',
        image: 'example/main:1',
        ports: [{ containerPort: 8080, ...(workload % 200 === 0 && { hostPort: 8080 }) }],
        ...(workload % 10 === 0 && {
          env: [{ name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: 'http://169.254.170.23/v1/credentials' }],
        }),
      },
    ],
  },
  status: { phase: 'Running', podIP: address(64, number), startTime: '2026-10-01T09:00:00Z' },
});

const endpoint = (number: number, workload: number): object => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumEndpoint',
  metadata: { name: `app-${workload}-${number}`, namespace: `team-${workload % 100}` },
  status: {
    identity: {
      id: 1000 + workload,
      labels: [
        `k8s:app=app-${workload}`,
        'k8s:io.cilium.k8s.policy.cluster=default',
        `k8s:io.kubernetes.pod.namespace=team-${workload % 100}`,
        `k8s:tier=${labelsOf(workload)['tier']}`,
      ],
    },
    networking: { addressing: [{ ipv4: address(64, number) }], node: address(1, number % 500) },
  },
});

/** By workload: peers and ports, DNS, some addresses, some requests, some denies. */
function policy(number: number, workloads: number): object {
  const workload = number % workloads;
  const peer = (number * 7 + 3) % workloads;
  const ports = [{ ports: [{ port: '8080', protocol: 'TCP' }] }];
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name: `policy-${number}`, namespace: `team-${workload % 100}` },
    spec: {
      endpointSelector: { matchLabels: { app: `app-${workload}` } },
      ingress: [
        {
          fromEndpoints: [{ matchLabels: { app: `app-${peer}`, 'k8s:io.kubernetes.pod.namespace': `team-${peer % 100}` } }],
          toPorts: ports,
        },
        { fromEndpoints: [{ matchLabels: { tier: 'front' } }] },
      ],
      egress: [
        {
          toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s-app': 'kube-dns' } }],
          toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }] }],
        },
        ...(number % 4 === 0 ? [{ toCIDRSet: [{ cidr: number % 40 === 0 ? '10.64.0.0/16' : '198.51.100.0/24' }] }] : []),
        ...(number % 10 === 0 ? [{ toEntities: ['host'], toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }] }] }] : []),
        ...(number % 50 === 0 ? [{ toEndpoints: [{}], toPorts: [{ ...ports[0], rules: { http: [{ path: '/' }] } }] }] : []),
      ],
    },
  };
}

function seen(number: number, workloads: number, namespaceOf: (workload: number) => string): SeenTraffic {
  const [from, to] = [number % workloads, (number * 13 + 5) % workloads];
  const source = anEnd(namespaceOf(from), `app-${from}`, [`k8s:app=app-${from}`]);
  const destination =
    number % 20 === 0
      ? outside(`cidr:203.0.${number & 255}.0/24`, { addresses: [`203.0.${number & 255}.9`] })
      : anEnd(namespaceOf(to), `app-${to}`, [`k8s:app=app-${to}`]);
  return someTraffic({
    source,
    destination,
    port: 8080 + (number % 7),
    encryption: 'encrypted',
    nodes: [`c/ip-${number % 500}`],
  });
}
