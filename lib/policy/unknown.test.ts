import { expect, test } from 'vitest';
import { aClusterPolicy, aPolicy, aWorld } from '#lib/testing/policies.ts';
import { compilePolicies } from './compile.ts';
import { decide } from './decide.ts';
import type { Peer, PolicyObject, Question, SeenPeer, World, WorldPart } from './model.ts';

const OF_SHOP = [
  'k8s:io.kubernetes.pod.namespace=shop',
  'k8s:io.cilium.k8s.policy.cluster=default',
  'k8s:io.cilium.k8s.policy.serviceaccount=default',
];
const OF_NAMESPACE = [
  'k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=shop',
  'k8s:io.cilium.k8s.namespace.labels.team=retail',
];
const seenPod = (app: string, more: Partial<SeenPeer> = {}): Peer => ({
  seen: { labels: [`k8s:app=${app}`, ...OF_SHOP, ...OF_NAMESPACE], ...more },
});
const seen = (label: string, more: Partial<SeenPeer> = {}): Peer => ({ seen: { labels: [label], ...more } });
const db: Peer = { endpoint: 'db' };

const ask = (
  policies: readonly PolicyObject[],
  src: Peer,
  dst: Peer,
  port: number,
  more: Partial<Question> = {},
  world: World = aWorld(),
) => decide(compilePolicies(world, policies), { src, dst, protocol: 'TCP', port, ...more });
const lacking = (...missing: WorldPart[]): World => aWorld({ missing });
const codes = (direction: { readonly unknown?: readonly { readonly code: string }[] }) =>
  direction.unknown?.map(({ code }) => code);

test('a pod seen in flows is judged by its labels, listed or not', () => {
  const policies = [aPolicy({ ingress: [{ fromEndpoints: [{ matchLabels: { app: 'web' } }] }] })];
  expect(ask(policies, seenPod('web'), seenPod('db'), 80)).toMatchObject({
    verdict: 'allowed',
    ingress: { reason: 'allow-rule' },
  });
  expect(ask(policies, seenPod('gone'), seenPod('db'), 80)).toMatchObject({
    verdict: 'denied',
    ingress: { reason: 'default-deny' },
  });
  expect(ask(policies, seenPod('web'), seenPod('gone'), 80)).toMatchObject({
    verdict: 'allowed',
    ingress: { reason: 'no-policy' },
  });
});

test('a pod of another cluster is no subject', () => {
  const east: Peer = {
    seen: { labels: ['k8s:app=db', 'k8s:io.kubernetes.pod.namespace=shop', 'k8s:io.cilium.k8s.policy.cluster=east'] },
  };
  expect(ask([aPolicy({ ingress: [{}] })], { endpoint: 'web' }, east, 80).ingress.reason).toBe('not-subject');
});

const cidrOnly = [aPolicy({ egress: [{ toCIDR: ['203.0.113.0/24'] }] })];

test('an outside address that was not recorded leaves a CIDR rule open', () => {
  const answer = ask(cidrOnly, db, seen('reserved:world'), 443);
  expect(answer).toMatchObject({ verdict: 'unknown', egress: { verdict: 'unknown', reason: 'unknown' } });
  expect(answer.egress.unknown).toEqual([
    { code: 'address-not-known', detail: expect.any(String) as string, rule: { policy: 'cnp:shop/p', path: 'spec.egress[0]' } },
  ]);
});

test('a recorded address answers it, and so does a label of a prefix inside or beside the rule’s', () => {
  expect(ask(cidrOnly, db, seen('reserved:world', { ip: '203.0.113.9' }), 443).verdict).toBe('allowed');
  expect(ask(cidrOnly, db, seen('reserved:world', { ip: '198.51.100.9' }), 443).verdict).toBe('denied');
  expect(ask(cidrOnly, db, { seen: { labels: ['cidr:203.0.113.8/30', 'reserved:world'] } }, 443).verdict).toBe('allowed');
  expect(ask(cidrOnly, db, { seen: { labels: ['cidr:198.51.0.0/16', 'reserved:world'] } }, 443).verdict).toBe('denied');
  expect(ask(cidrOnly, db, { seen: { labels: ['cidr:203.0.0.0/8', 'reserved:world'] } }, 443).verdict).toBe('unknown');
});

test('every rule in doubt is a reason, up to eight', () => {
  const rules = (count: number) => Array.from({ length: count }, (_, index) => ({ toCIDR: [`203.0.${index}.0/24`] }));
  const reasons = (count: number) =>
    codes(ask([aPolicy({ egress: rules(count) })], db, seen('reserved:world'), 443).egress)?.length;
  expect([reasons(1), reasons(3), reasons(12)]).toEqual([1, 3, 8]);
});

test('what is not known does not matter where another rule answers', () => {
  const world = [...cidrOnly, aPolicy({ egress: [{ toEntities: ['world'] }] }, 'open')];
  expect(ask(world, db, seen('reserved:world'), 443)).toMatchObject({
    verdict: 'allowed',
    egress: { matchAllow: ['cnp:shop/open'] },
  });
  const denied = [...cidrOnly, aPolicy({ egressDeny: [{ toEntities: ['world'] }] }, 'closed')];
  expect(ask(denied, db, seen('reserved:world'), 443)).toMatchObject({ verdict: 'denied', egress: { reason: 'deny-rule' } });
  expect(ask(cidrOnly, db, { endpoint: 'web' }, 443).verdict).toBe('denied');
});

test('a deny that may cover leaves an allow open, and a denial as it is', () => {
  const deny = aPolicy({ egressDeny: [{ toCIDR: ['203.0.113.0/24'] }] }, 'deny');
  const allow = aPolicy(
    { egress: [{ toEntities: ['world'], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] }] },
    'allow',
  );
  expect(ask([deny, allow], db, seen('reserved:world'), 443)).toMatchObject({
    verdict: 'unknown',
    egress: { matchAllow: ['cnp:shop/allow'] },
  });
  expect(ask([deny, allow], db, seen('reserved:world'), 80)).toMatchObject({
    verdict: 'denied',
    egress: { reason: 'default-deny' },
  });
});

test('the other direction can deny for sure: then the whole is no question', () => {
  const closed = aPolicy({ endpointSelector: { matchLabels: { app: 'cart' } }, ingress: [{}] }, 'closed');
  const either: PolicyObject[] = [
    aPolicy({ egress: [{ toServices: [{ k8sService: { serviceName: 'cart', namespace: 'shop' } }] }] }),
    closed,
  ];
  expect(ask(either, db, { endpoint: 'cart' }, 80, {}, lacking('services'))).toMatchObject({
    verdict: 'denied',
    egress: { verdict: 'unknown' },
  });
});

test('names: those of the flow and those learned count; unknown ones leave the rule open', () => {
  const policies = [aPolicy({ egress: [{ toFQDNs: [{ matchPattern: '*.example.com' }] }] })];
  const address = (ip: string, names?: readonly string[]): Peer => seen('reserved:world', { ip, ...(names && { names }) });
  expect(ask(policies, db, address('192.0.2.1', ['www.example.com']), 443).verdict).toBe('allowed');
  expect(ask(policies, db, address('192.0.2.1', ['www.example.org']), 443, {}, lacking('names')).verdict).toBe('denied');
  expect(ask(policies, db, address('203.0.113.10'), 443, {}, lacking('names')).verdict).toBe('allowed');
  const open = ask(policies, db, address('192.0.2.1'), 443, {}, lacking('names'));
  expect([open.verdict, codes(open.egress)]).toEqual(['unknown', ['names-not-known']]);
});

test('groups, services and groups of the cloud that nobody listed leave their rules open', () => {
  const office: Peer = seen('reserved:world', { ip: '198.51.100.7' });
  const group = [aPolicy({ egress: [{ toCIDRSet: [{ cidrGroupRef: 'office' }] }] })];
  expect(ask(group, db, office, 443).verdict).toBe('allowed');
  expect(codes(ask(group, db, office, 443, {}, lacking('cidrGroups')).egress)).toEqual(['cidr-groups-not-known']);
  const service = [aPolicy({ egress: [{ toServices: [{ k8sService: { serviceName: 'db', namespace: 'shop' } }] }] })];
  expect(codes(ask(service, db, { endpoint: 'web' }, 80, {}, lacking('services')).egress)).toEqual(['services-not-known']);
  const cloud = [aPolicy({ egress: [{ toGroups: [{ aws: { securityGroupsIds: ['sg-1'] } }] }] })];
  expect(codes(ask(cloud, db, office, 443).egress)).toEqual(['cloud-group']);
  expect(ask(cloud, db, { endpoint: 'web' }, 443).verdict).toBe('denied');
});

test('named ports: of a pod seen by those that have its labels, else unknown', () => {
  const policies = [
    aPolicy({
      endpointSelector: {},
      ingress: [{ fromEntities: ['all'], toPorts: [{ ports: [{ port: 'http', protocol: 'TCP' }] }] }],
    }),
  ];
  expect(ask(policies, seenPod('cart'), seenPod('web'), 8080).verdict).toBe('allowed');
  expect(ask(policies, seenPod('cart'), seenPod('web'), 80).verdict).toBe('denied');
  const gone = ask(policies, seenPod('cart'), seenPod('gone'), 8080);
  expect([gone.verdict, codes(gone.ingress)]).toEqual(['unknown', ['named-port-not-known']]);
  expect(ask(policies, seenPod('cart'), seenPod('gone'), 8080, { protocol: 'UDP' }).verdict).toBe('denied');
});

test('named ports of egress need all pods of the cluster', () => {
  const policies = [aPolicy({ egress: [{ toEntities: ['all'], toPorts: [{ ports: [{ port: 'http', protocol: 'TCP' }] }] }] })];
  expect(ask(policies, db, { endpoint: 'web' }, 8080).verdict).toBe('allowed');
  expect(codes(ask(policies, db, { endpoint: 'web' }, 8080, {}, lacking('endpoints')).egress)).toEqual(['named-port-not-known']);
});

test('a node is the local host or a remote node: not known which, it matters only where they differ', () => {
  const node = (more: Partial<SeenPeer> = {}) => seen('reserved:remote-node', { ip: '10.0.0.2', ...more });
  const closed = [aPolicy({ ingress: [{}] })];
  expect(ask(closed, node({ local: true }), db, 80)).toMatchObject({ verdict: 'allowed', ingress: { reason: 'localhost' } });
  expect(ask(closed, node({ local: false }), db, 80).verdict).toBe('denied');
  const open = ask(closed, node(), db, 80);
  expect([open.verdict, codes(open.ingress)]).toEqual(['unknown', ['local-or-remote-node']]);
  expect(ask([aPolicy({ ingress: [{ fromEntities: ['cluster'] }] })], node(), db, 80).verdict).toBe('allowed');
  expect(ask([aPolicy({ ingressDeny: [{ fromEntities: ['host', 'remote-node'] }] })], node(), db, 80).verdict).toBe('denied');
  expect(
    ask([aPolicy({ ingressDeny: [{ fromEntities: ['host'] }], ingress: [{ fromEntities: ['remote-node'] }] })], node(), db, 80)
      .verdict,
  ).toBe('unknown');
  expect(ask(closed, node(), db, 80, {}, aWorld({ config: { allowLocalhost: 'policy' } })).verdict).toBe('denied');
});

test('a request of a node that may be the local host: the local host passes a section open to everybody', () => {
  const policies = [
    aPolicy({ ingress: [{ toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], rules: { http: [{ method: 'GET' }] } }] }] }),
  ];
  const http = (method: string, local?: boolean) =>
    ask(policies, seen('reserved:remote-node', { ip: '10.0.0.2', ...(local !== undefined && { local }) }), db, 80, {
      l7: { http: { method, path: '/' } },
    }).verdict;
  expect([http('GET'), http('PUT', true), http('PUT', false), http('PUT')]).toEqual(['allowed', 'allowed', 'denied', 'unknown']);
});

test('without the settings of the agents a refused local host is a question', () => {
  expect(codes(ask([aPolicy({ ingress: [{}] })], { node: 'node-a' }, db, 80, {}, lacking('config')).ingress)).toEqual([
    'settings-not-known',
  ]);
});

test('with the host firewall a node that the world has is judged by its labels, another cannot be', () => {
  const world = aWorld({ config: { hostFirewall: true } });
  const policies = [
    aClusterPolicy({ nodeSelector: { matchLabels: { role: 'worker' } }, ingress: [{ fromEntities: ['cluster'] }] }),
  ];
  const node = (ip: string) => seen('reserved:remote-node', { ip, local: false });
  expect(ask(policies, seen('reserved:world', { ip: '203.0.113.1' }), node('10.0.0.2'), 22, {}, world).verdict).toBe('denied');
  expect(codes(ask(policies, seenPod('web'), node('10.9.9.9'), 22, {}, world).ingress)).toEqual(['subject-not-known']);
  expect(ask([], seenPod('web'), node('10.9.9.9'), 22, {}, world).verdict).toBe('allowed');
  expect(ask(policies, seenPod('web'), node('10.9.9.9'), 22).ingress.reason).toBe('not-subject');
});

test('labels of namespaces that nobody told leave selectors on them open', () => {
  const world = aWorld({ namespaces: {}, missing: ['namespaces'] });
  const policies = [
    aPolicy({ ingress: [{ fromEndpoints: [{ matchLabels: { 'k8s:io.cilium.k8s.namespace.labels.team': 'retail' } }] }] }),
  ];
  expect(codes(ask(policies, { endpoint: 'web' }, db, 80, {}, world).ingress)).toEqual(['namespace-labels-not-known']);
  expect(ask(policies, seenPod('web'), db, 80, {}, world).verdict).toBe('allowed');
});

test('somebody of whom nothing was recorded leaves all but rules for everybody open', () => {
  const nobody: Peer = { seen: { labels: [] } };
  expect(ask([], nobody, db, 80).verdict).toBe('allowed');
  const byLabel = ask([aPolicy({ ingress: [{ fromEndpoints: [{}] }] })], nobody, db, 80);
  expect([byLabel.verdict, new Set(codes(byLabel.ingress))]).toEqual(['unknown', new Set(['identity-not-known'])]);
  expect(ask([aPolicy({ ingress: [{ fromEntities: ['all'] }] })], nobody, db, 80).verdict).toBe('allowed');
  expect(codes(ask([aPolicy({ ingress: [{}] })], { endpoint: 'web' }, nobody, 80).ingress)).toEqual(['subject-not-known']);
});

test('headers that were not recorded leave a rule on them open, unless another lets the request pass', () => {
  const section = (http: unknown) => ({
    fromEndpoints: [{}],
    toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], rules: { http } }],
  });
  const l7 = { http: { method: 'GET', path: '/' }, notSeen: ['headers'] } as const;
  const byHeader = [aPolicy({ ingress: [section([{ method: 'GET', headers: ['X-Env: a'] }])] })];
  const open = ask(byHeader, { endpoint: 'web' }, db, 80, { l7 });
  expect(open).toMatchObject({ verdict: 'unknown', ingress: { verdict: 'allowed', l7: 'unknown' } });
  expect(codes(open.ingress)).toEqual(['request-not-seen']);
  expect(
    ask(
      [aPolicy({ ingress: [section([{ method: 'GET', headers: ['X-Env: a'] }, { path: '/' }])] })],
      { endpoint: 'web' },
      db,
      80,
      { l7 },
    ).verdict,
  ).toBe('allowed');
  expect(
    ask([aPolicy({ ingress: [section([{ method: 'PUT', headers: ['X-Env: a'] }])] })], { endpoint: 'web' }, db, 80, { l7 })
      .verdict,
  ).toBe('denied');
});

test('a selector that happens to cover the local host: Cilium’s own answer to a refused request varies', () => {
  const policies = [
    aPolicy({
      ingress: [
        {
          fromEndpoints: [{ matchExpressions: [{ key: 'reserved:world', operator: 'DoesNotExist' }] }],
          toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], rules: { http: [{ method: 'GET' }] } }],
        },
      ],
    }),
  ];
  const http = (method: string) => ask(policies, { entity: 'host' }, db, 80, { l7: { http: { method, path: '/' } } });
  expect(http('GET').verdict).toBe('allowed');
  expect(http('PUT')).toMatchObject({
    verdict: 'unknown',
    ingress: { l7: 'unknown', unknown: [{ code: 'host-by-expression' }] },
  });
});

test('a DNS rule in doubt may refuse what a plain rule lets pass', () => {
  const policies = [
    aPolicy({
      egress: [
        { toEntities: ['world'] },
        {
          toCIDR: ['203.0.113.0/24'],
          toPorts: [{ ports: [{ port: '53', protocol: 'UDP' }], rules: { dns: [{ matchName: 'a.io' }] } }],
        },
      ],
    }),
  ];
  const query = (dns: string, ip?: string) =>
    ask(policies, db, seen('reserved:world', ip ? { ip } : {}), 53, { protocol: 'UDP', l7: { dns } });
  expect([query('b.io').verdict, query('b.io', '203.0.113.1').verdict, query('b.io', '192.0.2.1').verdict]).toEqual([
    'unknown',
    'denied',
    'allowed',
  ]);
  // What the rule in doubt lets pass too is no question, and a sure question names that rule alone.
  expect(query('a.io').verdict).toBe('allowed');
  expect(query('b.io').egress.unknown?.map(({ code, rule }) => [code, rule?.path])).toEqual([
    ['address-not-known', 'spec.egress[1]'],
  ]);
});

test('an HTTP rule in doubt matters for requests that it would let pass', () => {
  const section = (path: string) => ({ toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], rules: { http: [{ path }] } }] });
  const policies = [
    aPolicy({
      egress: [
        { toEntities: ['world'], ...section('/a') },
        { toCIDR: ['203.0.113.0/24'], ...section('/b') },
      ],
    }),
  ];
  const get = (path: string) => ask(policies, db, seen('reserved:world'), 80, { l7: { http: { method: 'GET', path } } });
  expect([get('/a').verdict, get('/b').verdict, get('/c').verdict]).toEqual(['allowed', 'unknown', 'denied']);
  expect(codes(get('/b').egress)).toEqual(['address-not-known']);
});

test('without the settings of the agents a request of the local host is a question where localhost always passes', () => {
  const section = { toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], rules: { http: [{ method: 'GET' }] } }] };
  const put = (rule: object) =>
    ask(
      [aPolicy({ ingress: [{ ...rule, ...section }] })],
      { node: 'node-a' },
      db,
      80,
      { l7: { http: { method: 'PUT', path: '/' } } },
      lacking('config'),
    );
  expect(codes(put({}).ingress)).toEqual(['settings-not-known']);
  expect(put({ fromEntities: ['host'] }).verdict).toBe('denied');
});

test('a DNS rule in doubt beside a sure one matters for names that it would let pass', () => {
  const section = (matchName: string) => ({
    toPorts: [{ ports: [{ port: '53', protocol: 'UDP' }], rules: { dns: [{ matchName }] } }],
  });
  const policies = [
    aPolicy({
      egress: [
        { toEntities: ['world'], ...section('a.io') },
        { toCIDR: ['203.0.113.0/24'], ...section('b.io') },
      ],
    }),
  ];
  const query = (dns: string) => ask(policies, db, seen('reserved:world'), 53, { protocol: 'UDP', l7: { dns } }).verdict;
  expect([query('a.io'), query('b.io'), query('c.io')]).toEqual(['allowed', 'unknown', 'denied']);
});
