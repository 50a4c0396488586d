import type { PolicyKind } from '#lib/policy/model.ts';

/** The fields of policies by structure, as far as a person writes them: what completion offers. CRDs of Cilium 1.19 and networking.k8s.io/v1. */

/** Kinds of values that the cluster knows. */
export type Known = 'label-key' | 'label-value' | 'namespace' | 'port' | 'name' | 'service' | 'cidr' | 'cidr-group';

export interface Field {
  /** For a person, one line. */
  readonly doc: string;
  readonly keys?: Fields;
  readonly list?: Field;
  /** What it may be, in so many words, or a kind of thing that the cluster knows. */
  readonly values?: readonly string[] | Known;
  /** Its keys are chosen by people: labels. */
  readonly labels?: true;
}
export type Fields = Readonly<Record<string, Field>>;

const text = (doc: string, values?: Field['values']): Field => (values === undefined ? { doc } : { doc, values });
const list = (doc: string, of: Field): Field => ({ doc, list: of });
const map = (doc: string, keys: Fields): Field => ({ doc, keys });

const BOOLEAN = ['true', 'false'];
const selectorKeys: Fields = {
  matchLabels: { doc: 'Labels that must all be there with these values', labels: true },
  matchExpressions: list(
    'Requirements on labels, all of which must hold',
    map('A requirement', {
      key: text('Label key', 'label-key'),
      operator: text('How it is compared', ['In', 'NotIn', 'Exists', 'DoesNotExist']),
      values: list('Values, for In and NotIn', text('A value', 'label-value')),
    }),
  ),
};
const selector = (doc: string): Field => map(doc, selectorKeys);

const http = map('A request that may pass', {
  method: text('Regular expression on the method', ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']),
  path: text('Regular expression on path and query, anchored at both ends'),
  host: text('Regular expression on the Host header, its port included'),
  headers: list('Headers that must be there: "Name" or "Name value"', text('A header')),
  headerMatches: list(
    'Headers with what happens when they do not match',
    map('A header', {
      name: text('Header name'),
      value: text('The exact value'),
      mismatch: text('What happens when it does not match', ['LOG', 'ADD', 'DELETE', 'REPLACE']),
    }),
  ),
});
const dnsRule = map('A name that may be asked for', {
  matchName: text('The exact name', 'name'),
  matchPattern: text('A pattern: * is part of one label, **. any labels', 'name'),
});
const fqdn = map('A name whose addresses are allowed', dnsRule.keys ?? {});
const ports = (deny: boolean): Field =>
  list(
    'Ports; without them every port',
    map('Ports and the requests on them', {
      ports: list(
        'Ports of this entry',
        map('A port', {
          port: text('Number as text, or the name of a container port', 'port'),
          endPort: text('Last port of a range'),
          protocol: text('Without it TCP, UDP and SCTP', ['TCP', 'UDP', 'SCTP', 'ANY']),
        }),
      ),
      ...(deny
        ? {}
        : {
            rules: map('Requests that may pass; all others are refused by the proxy', {
              http: list('HTTP requests', http),
              dns: list('DNS names', dnsRule),
            }),
            serverNames: list('TLS server names', text('A server name', 'name')),
          }),
    }),
  );
const icmps = list(
  'ICMP types',
  map('ICMP', {
    fields: list(
      'Types',
      map('A type', {
        family: text('Address family', ['IPv4', 'IPv6']),
        type: text('Number or name', ['EchoRequest', 'EchoReply', 'DestinationUnreachable', 'TimeExceeded']),
      }),
    ),
  }),
);
const ENTITY_NAMES = [
  'all',
  'cluster',
  'health',
  'host',
  'ingress',
  'init',
  'kube-apiserver',
  'none',
  'remote-node',
  'unmanaged',
  'world',
];
const peers = (side: 'from' | 'to'): Fields => ({
  [`${side}Endpoints`]: list('Pods by their labels; without a namespace those of the own one', selector('A selector of pods')),
  [`${side}Entities`]: list('Classes of peers', text('An entity', ENTITY_NAMES)),
  [`${side}CIDR`]: list('Prefixes outside the cluster; never pods or nodes', text('A prefix', 'cidr')),
  [`${side}CIDRSet`]: list(
    'Prefixes outside the cluster, with exceptions',
    map('A prefix', {
      cidr: text('The prefix', 'cidr'),
      except: list('Prefixes inside it that are left out', text('A prefix', 'cidr')),
      cidrGroupRef: text('Name of a CiliumCIDRGroup', 'cidr-group'),
      cidrGroupSelector: selector('Groups by their labels'),
    }),
  ),
  [`${side}Nodes`]: list('Nodes by their labels, where the agents allow it', selector('A selector of nodes')),
});
const authentication = map('Mutual authentication', { mode: text('Mode', ['required', 'disabled', 'test-always-fail']) });
const toServices = list(
  'Kubernetes services',
  map('A service', {
    k8sService: map('By name', { serviceName: text('Name', 'service'), namespace: text('Namespace', 'namespace') }),
    k8sServiceSelector: map('By labels', {
      selector: selector('A selector of services'),
      namespace: text('Namespace', 'namespace'),
    }),
  }),
);

const rule: Fields = {
  description: text('For people'),
  endpointSelector: selector('Pods that the policy is for; {} is all of the namespace'),
  ingress: list('Who may come in', map('An allow rule', { ...peers('from'), toPorts: ports(false), icmps, authentication })),
  ingressDeny: list('Who may never come in', map('A deny rule', { ...peers('from'), toPorts: ports(true), icmps })),
  egress: list(
    'Where it may go',
    map('An allow rule', {
      ...peers('to'),
      toFQDNs: list('Names outside; needs a DNS rule that lets them be asked for', fqdn),
      toServices,
      toPorts: ports(false),
      icmps,
      authentication,
    }),
  ),
  egressDeny: list('Where it may never go', map('A deny rule', { ...peers('to'), toPorts: ports(true), icmps })),
  enableDefaultDeny: map('Whether a direction is closed by this policy', {
    ingress: text('Close ingress', BOOLEAN),
    egress: text('Close egress', BOOLEAN),
  }),
};
const clusterwideRule: Fields = { ...rule, nodeSelector: selector('Nodes, as hosts, that the policy is for') };

const knpPorts = list(
  'Ports; without them every port',
  map('A port', {
    port: text('Number, or the name of a container port', 'port'),
    endPort: text('Last port of a range'),
    protocol: text('Without it TCP', ['TCP', 'UDP', 'SCTP']),
  }),
);
const knpPeers = (doc: string) =>
  list(
    doc,
    map('A peer', {
      podSelector: selector('Pods; alone those of the own namespace'),
      namespaceSelector: selector('Namespaces by their labels'),
      ipBlock: map('Addresses outside the cluster', {
        cidr: text('The prefix', 'cidr'),
        except: list('Prefixes inside it that are left out', text('A prefix', 'cidr')),
      }),
    }),
  );

const metadata = (namespaced: boolean) =>
  map('Name and place', {
    name: text('Name of the policy'),
    ...(namespaced ? { namespace: text('Namespace of the policy', 'namespace') } : {}),
    labels: { doc: 'Labels of the policy itself', keys: {} },
    annotations: { doc: 'Notes for programs', keys: {} },
  });
const top = (kind: PolicyKind, apiVersion: string, spec: Fields, more: Fields = {}): Fields => ({
  apiVersion: text('Version of the API', [apiVersion]),
  kind: text('Kind of the object', [kind]),
  metadata: metadata(kind !== 'CiliumClusterwideNetworkPolicy'),
  spec: map('The policy', spec),
  ...more,
});

/** The fields of each kind of policy. */
export const FIELDS: Readonly<Record<PolicyKind, Fields>> = {
  CiliumNetworkPolicy: top('CiliumNetworkPolicy', 'cilium.io/v2', rule, {
    specs: list('Several at once', map('The policy', rule)),
  }),
  CiliumClusterwideNetworkPolicy: top('CiliumClusterwideNetworkPolicy', 'cilium.io/v2', clusterwideRule, {
    specs: list('Several at once', map('The policy', clusterwideRule)),
  }),
  NetworkPolicy: top('NetworkPolicy', 'networking.k8s.io/v1', {
    podSelector: selector('Pods that the policy is for; {} is all of the namespace'),
    policyTypes: list('Directions that it closes', text('A direction', ['Ingress', 'Egress'])),
    ingress: list('Who may come in', map('An allow rule', { from: knpPeers('Peers; without them everybody'), ports: knpPorts })),
    egress: list('Where it may go', map('An allow rule', { to: knpPeers('Peers; without them everywhere'), ports: knpPorts })),
  }),
};

/** What a document may begin with while it does not say its kind. */
export const START: Fields = {
  apiVersion: text('Version of the API', ['cilium.io/v2', 'networking.k8s.io/v1']),
  kind: text('Kind of the object', Object.keys(FIELDS)),
  metadata: metadata(true),
  spec: map('The policy', {}),
};
