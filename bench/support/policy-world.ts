import type { PolicyObject, Question, World, WorldEndpoint } from '#lib/policy/model.ts';
import { mulberry32 } from '#lib/testing/random.ts';

/** How large a made-up cluster is. */
export interface WorldSize {
  readonly namespaces: number;
  readonly workloads: number;
  /** Pods of a workload; they have one identity. */
  readonly podsPerWorkload: number;
  readonly policies: number;
}

export interface MadeWorld {
  readonly world: World;
  readonly policies: PolicyObject[];
  /** L3/L4 questions between pods, and from pods to outside. */
  readonly questions: Question[];
}

const OUTSIDE = ['203.0.113.10', '198.51.100.7', '10.20.1.5', '192.0.2.44', '54.160.1.9'];
const PORTS = [80, 443, 5432, 8080, 9090, 53];

/** A cluster like those of platform teams: policies by namespace and workload, DNS, entities, CIDRs, some denies; always the same for a size. */
export function policyWorld(size: WorldSize, questions: number): MadeWorld {
  const random = mulberry32(7);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const namespaces = Array.from({ length: size.namespaces }, (_, index) => `team-${index}`);
  const workloads = Array.from({ length: size.workloads }, (_, index) => ({
    namespace: namespaces[index % namespaces.length] as string,
    app: `app-${index}`,
    tier: pick(['front', 'back', 'data']),
  }));
  const endpoints = workloads.flatMap(({ namespace, app, tier }, workload) =>
    Array.from({ length: size.podsPerWorkload }, (_, pod): WorldEndpoint => {
      const number = workload * size.podsPerWorkload + pod;
      return {
        id: `${namespace}/${app}-${pod}`,
        namespace,
        labels: { app, tier, 'app.kubernetes.io/name': app, 'pod-template-hash': `h${workload}` },
        serviceAccount: app,
        ip: `10.${64 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`,
        namedPorts: [{ name: 'http', port: pick([8080, 3000]), protocol: 'TCP' }],
      };
    }),
  );
  const policies = Array.from({ length: size.policies }, (_, index): PolicyObject => {
    const { namespace, app } = workloads[index % workloads.length] as (typeof workloads)[number];
    const peer = pick(workloads);
    const ingress = [
      {
        fromEndpoints: [{ matchLabels: { app: peer.app, 'k8s:io.kubernetes.pod.namespace': peer.namespace } }],
        toPorts: [{ ports: [{ port: '8080', protocol: 'TCP' }] }],
      },
      {
        fromEndpoints: [{ matchLabels: { tier: 'front' } }],
        toPorts: [
          {
            ports: [
              { port: String(pick(PORTS)), protocol: 'TCP' },
              { port: '9000', endPort: 9100, protocol: 'TCP' },
            ],
          },
        ],
      },
      { fromEntities: ['host', 'kube-apiserver'] },
    ];
    const egress = [
      {
        toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'team-0', 'k8s-app': 'kube-dns' } }],
        toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } }],
      },
      {
        toFQDNs: [{ matchPattern: `*.svc-${index % 20}.example.com` }],
        toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }],
      },
      { toCIDRSet: [{ cidr: `10.20.${index % 250}.0/24`, except: [`10.20.${index % 250}.128/25`] }] },
      {
        toEndpoints: [
          {
            matchExpressions: [
              { key: 'app', operator: 'In', values: [peer.app, app] },
              { key: 'k8s:io.kubernetes.pod.namespace', operator: 'Exists' },
            ],
          },
        ],
      },
    ];
    const kind = index % 10;
    if (kind === 0)
      return {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: `policy-${index}`, namespace },
        spec: {
          podSelector: { matchLabels: { app } },
          policyTypes: ['Ingress'],
          ingress: [
            {
              from: [{ podSelector: {} }, { namespaceSelector: { matchLabels: { team: peer.namespace } } }],
              ports: [{ port: 8080, protocol: 'TCP' }],
            },
          ],
        },
      };
    return {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      metadata: { name: `policy-${index}`, namespace },
      spec: {
        endpointSelector: { matchLabels: kind === 1 ? {} : { app } },
        ...((kind % 3 !== 0 || kind === 9) && { ingress }),
        ...(kind % 2 === 0 && { egress }),
        ...(kind === 3 && { ingressDeny: [{ fromEntities: ['world'] }] }),
      },
    };
  });
  return {
    world: {
      config: {},
      namespaces: Object.fromEntries(
        namespaces.map((name) => [name, { labels: { 'kubernetes.io/metadata.name': name, team: name } }]),
      ),
      endpoints,
      nodes: [
        { id: 'node-a', local: true, ip: '10.0.0.1' },
        { id: 'node-b', ip: '10.0.0.2' },
      ],
      ips: [],
      fqdnCache: { 'api.svc-3.example.com': ['54.160.1.9'] },
      cidrGroups: [],
      services: [],
    },
    policies,
    questions: Array.from({ length: questions }, (): Question => ({
      src: { endpoint: pick(endpoints).id },
      dst: random() < 0.1 ? { ip: pick(OUTSIDE) } : { endpoint: pick(endpoints).id },
      protocol: random() < 0.9 ? 'TCP' : 'UDP',
      port: pick(PORTS),
    })),
  };
}
