import { describe, expect, test } from 'vitest';
import { aWorld, ccnp, expectFindings, findingsOf, knp, policyWith } from '#lib/testing/lint.ts';
import { LINT_RULES } from './rules.ts';

const web = (rest = '') => ({
  id: `web${rest}`,
  namespace: 'shop',
  labels: { app: 'web' },
  ip: '10.1.0.10',
  namedPorts: [{ name: 'http', port: 8080, protocol: 'TCP' }],
});
const api = {
  id: 'api',
  namespace: 'shop',
  labels: { app: 'api' },
  ip: '10.1.0.11',
  namedPorts: [{ name: 'http', port: 9090, protocol: 'TCP' }],
};
const namespaces = { shop: { labels: {} }, 'kube-system': { labels: {} } };

describe('refused', () => {
  test('both layers are told once, the schema alone as such', () => {
    expectFindings('refused', policyWith('endpointSelector: {}\ningress:\n  - fromEntities: [internet]\n'), [
      'error spec.ingress[0].fromEntities[0]: there is no entity "internet"',
    ]);
    expectFindings('refused', policyWith('endpointSelector: {}\negress:\n  - toCIDR: ["10.0.0.1"]\n'), [
      'error spec.egress[0].toCIDR[0]: "10.0.0.1" is not an address with its prefix length, e.g. 10.0.0.0/8 (for the API server; the agent would take it)',
    ]);
  });

  test('a refused policy has no part in what other rules say', () => {
    const yaml = policyWith('endpointSelector: {}\negressDeny:\n  - toPorts:\n      - ports:\n          - port: "99999"\n');
    expectFindings('deny-only', yaml, []);
  });
});

test('unknown-field suggests the field that is meant', () => {
  expectFindings('unknown-field', policyWith('endpointSelector: {}\ningress:\n  - fromEndpoint: [{}]\n'), [
    'error spec.ingress[0].fromEndpoint: there is no field "fromEndpoint" here: it is dropped without a word; did you mean fromEndpoints?',
  ]);
  expectFindings('unknown-field', policyWith('podSelector: {}\ningres: []\n', knp), [
    'error spec.ingres: there is no field "ingres" here: it is dropped without a word; did you mean ingress?',
  ]);
});

test('reported-invalid repeats what the cluster says', () => {
  const status = 'status:\n  conditions:\n    - type: Valid\n      status: "False"\n      message: no such listener\n';
  expectFindings('reported-invalid', `${policyWith('endpointSelector: {}\ningress: [{}]\n')}${status}`, [
    'error status.conditions: the cluster says: no such listener',
  ]);
  expectFindings(
    'reported-invalid',
    `${policyWith('endpointSelector: {}\ningress: [{}]\n')}${status.replace('"False"', '"True"')}`,
    [],
  );
});

test('duplicate-name speaks of the second of a name', () => {
  const yaml = policyWith('endpointSelector: {}\ningress: [{}]\n');
  expectFindings('duplicate-name', `${yaml}---\n${yaml}`, [
    'error metadata.name: a policy of this name comes before it: only one of them can be in force',
  ]);
  expectFindings('duplicate-name', `${yaml}---\n${policyWith('podSelector: {}\n', knp)}`, []);
});

test('api-server-refuses knows what Kubernetes checks of a NetworkPolicy', () => {
  const spec = `podSelector: {}
policyTypes: [ingress]
ingress:
  - from: [{}]
  - from:
      - ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}
        podSelector: {}
    ports:
      - port: http
        endPort: 90
      - {port: 0}
      - {port: 90, endPort: 80}
      - {port: "80"}
`;
  expectFindings('api-server-refuses', policyWith(spec, knp), [
    'error spec.policyTypes[0]: "ingress" is neither Ingress nor Egress',
    'error spec.ingress[0].from[0]: a peer needs podSelector, namespaceSelector or ipBlock',
    'error spec.ingress[1].from[0]: ipBlock cannot stand beside another selector',
    'error spec.ingress[1].from[0].ipBlock.except[0]: an exception must be smaller than 10.0.0.0/8',
    'error spec.ingress[1].ports[0].endPort: endPort needs a port by number',
    'error spec.ingress[1].ports[1].port: port 0 is not possible in a NetworkPolicy: leave the port out for all of them',
    'error spec.ingress[1].ports[2].endPort: endPort 80 is below port 90',
    'error spec.ingress[1].ports[3].port: "80" is not the name of a port: numbers stand without quotes',
  ]);
});

test('policy-types: rules in a direction that is left out', () => {
  const spec = 'podSelector: {}\npolicyTypes: [Ingress]\negress:\n  - to: [{podSelector: {}}]\n';
  expectFindings('policy-types', policyWith(spec, knp), [
    'warning spec.egress: policyTypes has no Egress: Cilium enforces these rules, other engines do not',
  ]);
  expectFindings('policy-types', policyWith(spec.replace('[Ingress]', '[Ingress, Egress]'), knp), []);
});

describe('service-missing', () => {
  const spec = (ports: string) =>
    `endpointSelector: {}\negress:\n  - toServices:\n      - k8sService: {serviceName: db, namespace: shop}\n${ports}`;
  const ports = '    toPorts:\n      - ports:\n          - port: "5432"\n';
  test('with ports it opens them to everyone, without it opens nothing', () => {
    expectFindings(
      'service-missing',
      policyWith(spec(ports)),
      ['error spec.egress[0].toServices: no such service: these ports are open to everyone'],
      { world: aWorld() },
    );
    expectFindings(
      'service-missing',
      policyWith(spec('')),
      ['warning spec.egress[0].toServices: no such service: this entry opens nothing'],
      { world: aWorld() },
    );
  });
  test('a service that is there is none, and without a world nobody can tell', () => {
    const world = aWorld({ services: [{ name: 'db', namespace: 'shop', selector: { app: 'db' } }] });
    expectFindings('service-missing', policyWith(spec(ports)), [], { world });
    expectFindings('service-missing', policyWith(spec(ports)), []);
    expectFindings('service-missing', policyWith(spec(ports)), [], { world: aWorld({ missing: ['services'] }) });
  });
});

describe('egress-named-port', () => {
  const yaml = policyWith(
    'endpointSelector: {}\negress:\n  - toPorts:\n      - ports:\n          - {port: http, protocol: TCP}\n',
  );
  test.each([
    ['without a world', undefined, 'warning spec.egress[0]: TCP port http is looked up over all pods of the cluster'],
    [
      'one number',
      aWorld({ endpoints: [web()] }),
      'note spec.egress[0]: TCP port http stands for 8080, as long as no pod gives it another number',
    ],
    [
      'two numbers',
      aWorld({ endpoints: [web(), api] }),
      'error spec.egress[0]: TCP port http opens nothing: no pod has it, or two pods give it different numbers',
    ],
  ])('%s', (_, world, finding) => expectFindings('egress-named-port', yaml, [finding], world && { world }));
  test('on ingress a name is the pod’s own', () => {
    expectFindings(
      'egress-named-port',
      policyWith('endpointSelector: {}\ningress:\n  - toPorts:\n      - ports:\n          - {port: http}\n'),
      [],
    );
  });
});

describe('http-bypassed', () => {
  const http = '    toPorts:\n      - ports: [{port: "80", protocol: TCP}]\n        rules:\n          http: [{method: GET}]\n';
  const guarded = (peer: string) =>
    `endpointSelector: {matchLabels: {app: api}}\ningress:\n  - fromEndpoints: [{matchLabels: {app: ${peer}}}]\n${http}`;
  const other = (spec: string) => policyWith(spec, 'kind: CiliumNetworkPolicy\nmetadata:\n  name: other\n  namespace: shop');
  test('by a policy for more pods, peers and ports', () => {
    expectFindings(
      'http-bypassed',
      `${policyWith(guarded('web'))}---\n${other('endpointSelector: {}\ningress:\n  - fromEntities: [cluster]\n    toPorts: [{ports: [{port: "1", endPort: 1024}]}]\n')}`,
      ['error spec.ingress[0]: spec.ingress[0] of cnp:shop/other allows the same peers without HTTP rules: every request passes'],
    );
  });
  test.each([
    ['of other pods', 'endpointSelector: {matchLabels: {app: db}}\ningress:\n  - fromEndpoints: [{}]\n'],
    ['for other peers', 'endpointSelector: {}\ningress:\n  - fromEndpoints: [{matchLabels: {app: other}}]\n'],
    ['for other ports', 'endpointSelector: {}\ningress:\n  - fromEndpoints: [{}]\n    toPorts: [{ports: [{port: "81"}]}]\n'],
    ['of the other direction', 'endpointSelector: {}\negress:\n  - toEndpoints: [{}]\n'],
    ['that denies', 'endpointSelector: {}\ningressDeny:\n  - fromEndpoints: [{}]\n'],
    ['with HTTP rules of its own', guarded('web')],
  ])('not by a rule %s', (_, spec) => expectFindings('http-bypassed', `${policyWith(guarded('web'))}---\n${other(spec)}`, []));
});

describe('shadowed-rule', () => {
  test('of two equal rules the later, wherever it stands', () => {
    const spec = 'endpointSelector: {}\ningress:\n  - fromEndpoints: [{matchLabels: {app: web}}]\n';
    const second = policyWith(spec, 'kind: CiliumNetworkPolicy\nmetadata:\n  name: second\n  namespace: shop');
    expectFindings('shadowed-rule', `${policyWith(spec)}---\n${second}`, [
      'note spec.ingress[0]: spec.ingress[0] of cnp:shop/example allows all of this already',
    ]);
  });
  test.each([
    ['a wider prefix', 'toCIDR: [10.1.0.0/16]', 'toCIDR: [10.0.0.0/8]', true],
    ['a prefix with a hole in it', 'toCIDR: [10.1.0.0/16]', 'toCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.2.0/24]}]', false],
    ['a prefix with a hole elsewhere', 'toCIDR: [10.1.0.0/16]', 'toCIDRSet: [{cidr: 10.0.0.0/8, except: [10.2.0.0/16]}]', true],
    ['the world over names', 'toFQDNs: [{matchName: a.example}]', 'toEntities: [world]', true],
    ['everybody', 'toEntities: [cluster]', 'toEntities: [all]', true],
    [
      'In over one of its values',
      'toEndpoints: [{matchLabels: {app: a}}]',
      'toEndpoints: [{matchExpressions: [{key: app, operator: In, values: [a, b]}]}]',
      true,
    ],
    [
      'Exists over a value',
      'toEndpoints: [{matchLabels: {app: a}}]',
      'toEndpoints: [{matchExpressions: [{key: app, operator: Exists}]}]',
      true,
    ],
    [
      'NotIn over another value, which may be one of several',
      'toEndpoints: [{matchLabels: {app: a}}]',
      'toEndpoints: [{matchExpressions: [{key: app, operator: NotIn, values: [b]}]}]',
      false,
    ],
    ['another label', 'toEndpoints: [{matchLabels: {app: a}}]', 'toEndpoints: [{matchLabels: {app: b}}]', false],
    ['fewer peers', 'toCIDR: [10.0.0.0/8, 192.0.2.0/24]', 'toCIDR: [10.0.0.0/8]', false],
  ])('%s', (_, narrow, wide, isCovered) => {
    const yaml = policyWith(`endpointSelector: {}\negress:\n  - ${wide}\n  - ${narrow}\n`);
    expect(findingsOf('shadowed-rule', yaml).filter((finding) => finding.includes('spec.egress[1]:')).length).toBe(
      isCovered ? 1 : 0,
    );
  });
});

describe('denied-rule', () => {
  test('a deny for everyone of these ports', () => {
    const yaml = policyWith(
      'endpointSelector: {}\ningress:\n  - fromEndpoints: [{}]\n    toPorts: [{ports: [{port: "80", protocol: TCP}]}]\ningressDeny:\n  - toPorts: [{ports: [{port: "1", endPort: 90}]}]\n',
    );
    expectFindings('denied-rule', yaml, [
      'warning spec.ingress[0]: spec.ingressDeny[0] denies all of this: the allow has no effect',
    ]);
  });
  test('not a deny of a part of it', () => {
    expectFindings(
      'denied-rule',
      policyWith(
        'endpointSelector: {}\ningress:\n  - fromEndpoints: [{}]\ningressDeny:\n  - fromEndpoints: [{matchLabels: {app: a}}]\n',
      ),
      [],
    );
  });
});

test('fqdn-without-dns counts DNS rules of other policies for the same pods', () => {
  const names = policyWith('endpointSelector: {matchLabels: {app: a}}\negress:\n  - toFQDNs: [{matchName: a.example}]\n');
  const dns = (subject: string) =>
    `---\n${policyWith(`endpointSelector: ${subject}\negress:\n  - toEntities: [cluster]\n    toPorts: [{ports: [{port: "53"}], rules: {dns: [{matchPattern: "*"}]}}]\n`, 'kind: CiliumNetworkPolicy\nmetadata:\n  name: dns\n  namespace: shop')}`;
  expectFindings('fqdn-without-dns', `${names}${dns('{}')}`, []);
  expectFindings('fqdn-without-dns', `${names}${dns('{matchLabels: {app: b}}')}`, [
    'error spec.egress[0].toFQDNs: no DNS rule for these pods among these policies: no name is learned, this opens nothing',
  ]);
  expectFindings('fqdn-without-dns', `${names}${dns('{matchLabels: {app: a, tier: web}}')}`, [
    'warning spec.egress[0].toFQDNs: only some of the pods it selects have a DNS rule: for the others this opens nothing',
  ]);
});

test('clusterwide-everything speaks of what closes health endpoints', () => {
  const spec = (selector: string, more = '') => policyWith(`endpointSelector: ${selector}\n${more}ingress: [{}]\n`, ccnp);
  expectFindings('clusterwide-everything', spec('{}'), [
    'warning spec.endpointSelector: this closes ingress of health, init and ingress endpoints too, beside every pod it selects',
  ]);
  expectFindings(
    'clusterwide-everything',
    spec('{matchExpressions: [{key: io.kubernetes.pod.namespace, operator: Exists}]}'),
    [],
  );
  expectFindings('clusterwide-everything', spec('{}', 'enableDefaultDeny: {ingress: false}\n'), []);
});

describe('with a world', () => {
  const world = aWorld({ namespaces, endpoints: [web(), api], nodes: [{ id: 'n1', local: true, ip: '10.0.0.5' }] });

  test('selectors that nobody meets, of subjects and of peers', () => {
    const yaml = policyWith(
      'endpointSelector: {matchLabels: {app: wbe}}\ningress:\n  - fromEndpoints: [{matchLabels: {app: web}}]\n  - fromEndpoints: [{matchLabels: {app: api, io.kubernetes.pod.namespace: other}}]\n',
    );
    expectFindings(
      'subject-matches-nothing',
      yaml,
      ['warning spec.endpointSelector: nobody in the cluster meets this selector'],
      { world },
    );
    expectFindings(
      'peer-matches-nothing',
      yaml,
      ['note spec.ingress[1]: nobody in the cluster meets the selectors of this rule'],
      { world },
    );
    expectFindings('subject-matches-nothing', yaml, [], { world: { ...world, missing: ['endpoints'] } });
    const byNamespace = policyWith(
      'endpointSelector: {matchLabels: {app: web}}\ningress:\n  - fromEndpoints: [{matchLabels: {io.cilium.k8s.namespace.labels.env: prod}}]\n',
    );
    expect(findingsOf('peer-matches-nothing', byNamespace, { world }).length).toBe(1);
    expectFindings('peer-matches-nothing', byNamespace, [], { world: { ...world, namespaces: {}, missing: ['namespaces'] } });
  });

  test('addresses of pods and nodes in CIDR rules', () => {
    const yaml = policyWith(
      'endpointSelector: {}\negress:\n  - toCIDR: [10.0.0.0/8]\n  - toCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}]\n  - toCIDR: [192.0.2.0/24]\n',
    );
    expectFindings(
      'cidr-never-matches',
      yaml,
      [
        'warning spec.egress[0]: 2 pods and 1 node in 10.0.0.0/8: this rule does not select them',
        'warning spec.egress[1]: 1 node in 10.0.0.0/8: this rule does not select them',
      ],
      { world },
    );
    expectFindings('cidr-never-matches', yaml, ['warning spec.egress[0]: 2 pods in 10.0.0.0/8: this rule does not select them'], {
      world: { ...world, config: { policyCIDRMatchMode: ['nodes'] } },
    });
  });

  test('the policy map of pods that are told of too many identities and ports', () => {
    const many = aWorld({
      namespaces,
      endpoints: Array.from({ length: 300 }, (_, at) => ({ ...web(`${at}`), labels: { app: 'web', shard: `${at}` } })),
    });
    const yaml = policyWith(
      'endpointSelector: {}\ningress:\n  - fromEndpoints: [{}]\n    toPorts: [{ports: [{port: "1", endPort: 32766, protocol: TCP}]}]\n',
    );
    expectFindings(
      'policy-map-budget',
      yaml,
      [
        'warning spec.ingress[0]: pods that it selects need about 8,400 of 16,384 entries of their policy map, 8,400 by this rule',
      ],
      { world: many },
    );
    expect(findingsOf('policy-map-budget', yaml, { world: many, cluster: { policyMapMax: 8192 } })[0]).toMatch(/^error/);
    expectFindings('policy-map-budget', yaml, [], { world });
  });
});

test('pod-identity wants the host on port 80 where egress is closed', () => {
  const cluster = { podIdentity: true };
  const closed = 'endpointSelector: {}\negress:\n  - toEndpoints: [{}]\n';
  expectFindings(
    'pod-identity',
    policyWith(closed),
    ['warning spec.egress[0]: egress is closed here, and no rule for these pods opens the host on port 80'],
    { cluster },
  );
  expectFindings(
    'pod-identity',
    policyWith(`${closed}  - toEntities: [host]\n    toPorts: [{ports: [{port: "80", protocol: TCP}]}]\n`),
    [],
    { cluster },
  );
  expectFindings('pod-identity', policyWith(closed), []);
});

test('l7-under-chaining lists all that needs a proxy', () => {
  const yaml = policyWith(
    'endpointSelector: {}\negress:\n  - toFQDNs: [{matchName: a.example}]\n    toPorts: [{ports: [{port: "443", protocol: TCP}], serverNames: [a.example]}]\n',
  );
  expectFindings(
    'l7-under-chaining',
    yaml,
    [
      'error spec.egress[0].toFQDNs: names cannot be allowed in a chained cluster',
      'error spec.egress[0].toPorts[0].serverNames: serverNames is not possible in a chained cluster',
    ],
    { cluster: { chaining: true } },
  );
  expectFindings('l7-under-chaining', yaml, []);
});

test('every rule is made to speak by an example or by a test here', () => {
  const here = [
    'reported-invalid',
    'duplicate-name',
    'api-server-refuses',
    'policy-types',
    'service-missing',
    'clusterwide-everything',
    'subject-matches-nothing',
    'peer-matches-nothing',
    'cidr-never-matches',
    'policy-map-budget',
    'pod-identity',
    'l7-under-chaining',
  ];
  expect(
    LINT_RULES.filter(({ example }) => !example)
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(here.toSorted());
});
