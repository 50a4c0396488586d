import type { Endpoint } from '#lib/flow/flow.ts';

/** An end of a flow that is no pod: the internet, a name outside, a node, the API server. */
export interface Outsider {
  readonly endpoint: Endpoint;
  /** With `%d` for a number of 1 to 200; none for what each node has an address of. */
  readonly ip?: string;
  readonly at?: 'node' | 'health';
  readonly name?: string;
}

const outsider = (identity: number, labels: readonly string[], rest: Omit<Outsider, 'endpoint'>, namespace = ''): Outsider => ({
  endpoint: { id: 0, identity, clusterName: '', namespace, podName: '', labels, workload: undefined },
  ...rest,
});

/** Those of the recorded world: documentation addresses only (RFC 5737). `apiServer` differs by cluster. */
export const outsiders = (cluster: string, nodeNet: string) => ({
  'world-client': outsider(9, ['reserved:world-ipv4'], { ip: '198.51.100.%d' }),
  bot: outsider(9, ['reserved:world-ipv4'], { ip: '203.0.113.%d' }),
  'risk-api': outsider(16_777_301, ['fqdn:api.riskdata.example', 'reserved:world-ipv4'], {
    ip: '192.0.2.44',
    name: 'api.riskdata.example',
  }),
  'card-net': outsider(16_777_302, ['cidr:192.0.2.88/29', 'reserved:world-ipv4'], {
    ip: '192.0.2.90',
    name: 'auth.cardnet.example',
  }),
  'unknown-c2': outsider(9, ['reserved:world-ipv4'], { ip: '203.0.113.250' }),
  resolver: outsider(16_777_303, [`cidr:${nodeNet}.0.2/32`, 'reserved:world-ipv4'], { ip: `${nodeNet}.0.2` }),
  'kube-apiserver': outsider(16_777_304, ['reserved:kube-apiserver', 'reserved:world-ipv4'], { ip: `${nodeNet}.9.5` }),
  'gone-pod': outsider(9, ['reserved:world-ipv4'], { ip: '10.0.3.231' }),
  // A pod that no CiliumIdentity knows, with a label key made to hurt.
  ghost: outsider(
    60_417,
    [
      'container:__proto__=polluted',
      'k8s:app=batch-export',
      `k8s:io.cilium.k8s.policy.cluster=${cluster}`,
      'k8s:io.kubernetes.pod.namespace=payments',
    ],
    { ip: '10.0.3.199' },
    'payments',
  ),
  host: outsider(1, ['reserved:host'], { at: 'node' }),
  'remote-node': outsider(6, ['reserved:remote-node'], { at: 'node' }),
  health: outsider(4, ['reserved:health'], { at: 'health' }),
});

export type OutsiderName = keyof ReturnType<typeof outsiders>;

/** Names that pods look up, and what the cluster's DNS answers for those outside; those of services it knows itself. */
export const LOOKED_UP = [
  'ledger.payments.svc.cluster.local.',
  'checkout-api.payments.svc.cluster.local.',
  'api.riskdata.example.',
  'auth.cardnet.example.',
  'spire-server.spire-server.svc.cluster.local.',
  'does-not-exist.gateway.svc.cluster.local.',
];
export const CNAMES: ReadonlyMap<string, string> = new Map([['auth.cardnet.example.', 'edge.cardnet.example.']]);
