import { expect, test } from 'vitest';
import { aClusterPolicy, aNetworkPolicy, aPolicy, aWorld } from '#lib/testing/policies.ts';
import { compilePolicies } from './compile.ts';
import { decide, peerOf, verdictOf } from './decide.ts';
import { type Peer, POLICY_PROTOCOLS, type PolicyObject, type Question, type World } from './model.ts';
import { protocolIndex } from './protocols.ts';

const pod = (endpoint: string): Peer => ({ endpoint });
const outside: Peer = { ip: '203.0.113.10' };

function asked(policies: readonly PolicyObject[], world: World = aWorld()) {
  const compiled = compilePolicies(world, policies);
  return (src: Peer, dst: Peer, port: number, more: Partial<Question> = {}) => {
    return decide(compiled, { src, dst, protocol: 'TCP', port, ...more });
  };
}

// The examples of Cilium's policy language guide, by what they are said to do.
test('simple ingress allow: what is named comes in, everybody else is closed out', () => {
  const ask = asked([aPolicy({ ingress: [{ fromEndpoints: [{ matchLabels: { app: 'web' } }] }] })]);
  const allowed = ask(pod('web'), pod('db'), 5432);
  expect(allowed).toMatchObject({
    verdict: 'allowed',
    egress: { enforced: false, reason: 'no-policy' },
    ingress: {
      enforced: true,
      defaultDeny: true,
      reason: 'allow-rule',
      matchAllow: ['cnp:shop/p'],
      allowRules: [{ policy: 'cnp:shop/p', path: 'spec.ingress[0]' }],
    },
  });
  expect(ask(pod('cart'), pod('db'), 5432)).toMatchObject({
    verdict: 'denied',
    ingress: { reason: 'default-deny', matchAllow: [] },
  });
});

test('ingress default deny: an empty rule names nobody and closes the endpoint', () => {
  const ask = asked([aPolicy({ ingress: [{}] })]);
  expect(ask(pod('web'), pod('db'), 80)).toMatchObject({ verdict: 'denied', ingress: { reason: 'default-deny' } });
  expect(ask({ node: 'node-a' }, pod('db'), 80)).toMatchObject({ verdict: 'allowed', ingress: { reason: 'localhost' } });
});

test('allow all: an empty selector names every pod of the namespace, not of others', () => {
  const ask = asked([aPolicy({ ingress: [{ fromEndpoints: [{}] }] })]);
  expect(ask(pod('cart'), pod('db'), 80).verdict).toBe('allowed');
  expect(ask(pod('api'), pod('db'), 80).verdict).toBe('denied');
  expect(ask(outside, pod('db'), 80).verdict).toBe('denied');
});

test('L4 and L3 together: the named peer on the named port', () => {
  const ask = asked([
    aPolicy({
      ingress: [{ fromEndpoints: [{ matchLabels: { app: 'web' } }], toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }] }] }],
    }),
  ]);
  expect(ask(pod('web'), pod('db'), 80).verdict).toBe('allowed');
  expect(ask(pod('web'), pod('db'), 81).verdict).toBe('denied');
  expect(ask(pod('web'), pod('db'), 80, { protocol: 'UDP' }).verdict).toBe('denied');
  expect(ask(pod('cart'), pod('db'), 80).verdict).toBe('denied');
});

test('deny policy: it wins over every allow, from whatever policy, and tells both', () => {
  const ask = asked([
    aPolicy({ ingress: [{ fromEntities: ['all'] }] }, 'open'),
    aClusterPolicy({ ingressDeny: [{ fromEndpoints: [{ matchLabels: { app: 'web' } }] }] }),
  ]);
  expect(ask(pod('web'), pod('db'), 80)).toMatchObject({
    verdict: 'denied',
    ingress: {
      reason: 'deny-rule',
      matchAllow: ['cnp:shop/open'],
      matchDeny: ['ccnp:c'],
      denyRules: [{ policy: 'ccnp:c', path: 'spec.ingressDeny[0]' }],
    },
  });
  expect(ask(pod('cart'), pod('db'), 80).verdict).toBe('allowed');
});

test('a deny of the host wins over the host being always allowed', () => {
  const ask = asked([aPolicy({ ingressDeny: [{ fromEntities: ['host'] }] })]);
  expect(ask({ node: 'node-a' }, pod('db'), 80)).toMatchObject({ verdict: 'denied', ingress: { reason: 'deny-rule' } });
});

test('HTTP: GET /public passes, the rest gets a refusal from the proxy', () => {
  const rules = { http: [{ method: 'GET', path: '/public' }] };
  const ask = asked([
    aPolicy({
      ingress: [
        { fromEndpoints: [{ matchLabels: { app: 'web' } }], toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], rules }] },
      ],
    }),
  ]);
  const http = (method: string, path: string) => ask(pod('web'), pod('db'), 80, { l7: { http: { method, path } } });
  expect(http('GET', '/public')).toMatchObject({ verdict: 'allowed', ingress: { redirect: 'http', l7: 'allowed' } });
  expect(http('PUT', '/public')).toMatchObject({
    verdict: 'denied',
    ingress: { verdict: 'allowed', redirect: 'http', l7: 'denied' },
  });
  expect(ask(pod('web'), pod('db'), 80).ingress).not.toHaveProperty('l7');
});

test('DNS: the proxy looks at the section of this port only; a wider allow does not widen it', () => {
  const dns = [{ matchPattern: '*.example.com' }];
  const ask = asked([
    aPolicy({
      egress: [
        { toEntities: ['all'], toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns } }] },
        { toEntities: ['all'] },
      ],
    }),
  ]);
  const query = (name: string) => ask(pod('db'), pod('dns'), 53, { protocol: 'UDP', l7: { dns: name } });
  expect(query('api.example.com')).toMatchObject({ verdict: 'allowed', egress: { redirect: 'dns', l7: 'allowed' } });
  expect(query('example.org')).toMatchObject({ verdict: 'denied', egress: { l7: 'denied' } });
});

test.each([
  ['a range that begins there', { port: '53', endPort: 60 }, 'denied'],
  ['a range that ends there', { port: '50', endPort: 53 }, 'denied'],
  ['all ports', { port: '0' }, 'denied'],
  ['the very port', { port: '53' }, 'allowed'],
])('DNS: %s, plain, for the same server', (_, plain, verdict) => {
  const dns = { ports: [{ port: '53', protocol: 'UDP' }], rules: { dns: [{ matchName: 'a.io' }] } };
  const toPorts = [dns, { ports: [{ ...plain, protocol: 'UDP' }] }];
  const ask = asked([aPolicy({ egress: [{ toEntities: ['all'], toPorts }] })]);
  expect(ask(pod('db'), pod('dns'), 53, { protocol: 'UDP', l7: { dns: 'b.io' } }).verdict).toBe(verdict);
});

test.each([
  ['dns', { dns: [{ matchName: 'a.io' }] }, { http: { method: 'GET', path: '/' } }],
  ['http', { http: [{ method: 'PUT' }] }, { dns: 'b.io' }],
  ['kafka', { kafka: [{ topic: 't' }] }, { http: { method: 'GET', path: '/' } }],
  ['kafka', { kafka: [{ topic: 't' }] }, { dns: 'b.io' }],
])('a request that is not of the proxy’s kind (%s) is not judged by it', (redirect, rules, l7) => {
  const section = { ports: [{ port: '53', protocol: 'TCP' }], rules };
  const answer = asked([aPolicy({ egress: [{ toEntities: ['all'], toPorts: [section] }] })])(pod('db'), pod('web'), 53, { l7 });
  expect(answer).toMatchObject({ verdict: 'allowed', egress: { redirect } });
  expect(answer.egress).not.toHaveProperty('l7');
});

test('names: addresses learned for the name, and no others', () => {
  const ask = asked([
    aPolicy({
      egress: [{ toFQDNs: [{ matchName: 'api.example.com' }], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] }],
    }),
  ]);
  expect(ask(pod('db'), outside, 443).verdict).toBe('allowed');
  expect(ask(pod('db'), { ip: '203.0.113.11' }, 443).verdict).toBe('denied');
});

test('CIDR: inside and in no exception, outside addresses only', () => {
  const ask = asked([aPolicy({ egress: [{ toCIDRSet: [{ cidr: '10.0.0.0/8', except: ['10.96.0.0/12'] }] }] })]);
  expect(ask(pod('db'), { ip: '10.1.2.3' }, 80).verdict).toBe('allowed');
  expect(ask(pod('db'), { ip: '10.97.0.1' }, 80).verdict).toBe('denied');
  expect(ask(pod('db'), { node: 'node-b' }, 80).verdict).toBe('denied');
});

test('a service becomes its pods; one that is missing, with ports, opens them to everybody', () => {
  const service = (serviceName: string) => ({
    toServices: [{ k8sService: { serviceName, namespace: 'shop' } }],
    toPorts: [{ ports: [{ port: '5432', protocol: 'TCP' }] }],
  });
  const web = { endpointSelector: { matchLabels: { app: 'web' } } };
  const found = asked([aPolicy({ ...web, egress: [service('db')] })]);
  expect([found(pod('web'), pod('db'), 5432).verdict, found(pod('web'), pod('cart'), 5432).verdict]).toEqual([
    'allowed',
    'denied',
  ]);
  const missing = asked([aPolicy({ ...web, egress: [service('ghost')] })]);
  expect(missing(pod('web'), outside, 5432).verdict).toBe('allowed');
});

test('enableDefaultDeny false: rules add and close nothing; L7 rules only make requests visible', () => {
  const ask = asked([
    aPolicy({
      enableDefaultDeny: { ingress: false },
      ingress: [
        {
          fromEndpoints: [{ matchLabels: { app: 'web' } }],
          toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], rules: { http: [{ method: 'GET' }] } }],
        },
      ],
    }),
  ]);
  expect(ask(pod('cart'), pod('db'), 80)).toMatchObject({
    verdict: 'allowed',
    ingress: { enforced: true, defaultDeny: false, reason: 'default-allow' },
  });
  const put = ask(pod('web'), pod('db'), 80, { l7: { http: { method: 'PUT', path: '/' } } });
  expect(put).toMatchObject({ verdict: 'allowed', ingress: { redirect: 'http', l7: 'allowed' } });
});

test('Kubernetes: an empty podSelector closes the namespace; its rules name pods of the namespace and blocks outside', () => {
  const ask = asked([
    aNetworkPolicy({
      ingress: [
        {
          from: [{ podSelector: { matchLabels: { app: 'web' } } }, { ipBlock: { cidr: '203.0.113.0/24' } }],
          ports: [{ port: 'http' }, { port: 5432 }],
        },
      ],
    }),
  ]);
  expect(ask(pod('web'), pod('db'), 5432).verdict).toBe('allowed');
  expect(ask(pod('web'), pod('db'), 8080).verdict).toBe('denied');
  expect(ask(pod('web'), pod('cart'), 8080).verdict).toBe('allowed');
  expect(ask(outside, pod('db'), 5432).verdict).toBe('allowed');
  expect(ask(pod('api'), pod('db'), 5432).verdict).toBe('denied');
  expect(ask(pod('db'), outside, 443).verdict).toBe('allowed');
});

test('two modes of authentication for one peer and port cannot be merged: the subject has no policy, both ways', () => {
  const rule = (mode: string) => ({ fromEndpoints: [{}], authentication: { mode } });
  const ask = asked([aPolicy({ ingress: [rule('required')] }, 'a'), aPolicy({ ingress: [rule('disabled')] }, 'b')]);
  expect(ask(pod('web'), pod('db'), 80)).toMatchObject({
    verdict: 'error',
    ingress: { reason: 'resolve-error', enforced: false },
  });
  expect(ask(pod('db'), pod('web'), 80)).toMatchObject({ verdict: 'error', egress: { reason: 'resolve-error' } });
});

test('what Cilium refuses enforces nothing and is told', () => {
  const compiled = compilePolicies(aWorld(), [
    aPolicy({ ingress: [{ fromEntities: ['nobody'] }] }),
    aPolicy({ ingress: [{}] }, 'good'),
  ]);
  expect(compiled.rejected).toMatchObject([
    { policy: 'cnp:shop/p', problems: [{ class: 'unknown-entity' }, { class: 'unknown-entity' }] },
  ]);
  expect(compiled.entries.map(({ policy }) => policy)).toEqual(['cnp:shop/good']);
});

test('in audit mode a denial is told and lets the connection pass; a refused request stays refused', () => {
  const rules = { http: [{ method: 'GET' }] };
  const world = aWorld({ config: { policyAuditMode: true } });
  const ask = asked(
    [
      aPolicy({
        ingress: [
          { fromEndpoints: [{ matchLabels: { app: 'web' } }], toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], rules }] },
        ],
      }),
    ],
    world,
  );
  expect(ask(pod('cart'), pod('db'), 80)).toMatchObject({ verdict: 'allowed', ingress: { verdict: 'denied', audit: true } });
  expect(ask(pod('web'), pod('db'), 80, { l7: { http: { method: 'PUT', path: '/' } } }).verdict).toBe('denied');
});

test('an answer cannot be changed: it is shared', () => {
  const { ingress } = asked([aPolicy({ ingress: [{}] })])(pod('web'), pod('db'), 80);
  expect([ingress, ingress.matchAllow, ingress.allowRules].every(Object.isFrozen)).toBe(true);
});

test('somebody whom the world does not have is a mistake of the one who asks', () => {
  const ask = asked([]);
  expect(() => ask(pod('ghost'), pod('db'), 80)).toThrow(new RangeError('the world has no endpoint ghost'));
  expect(() => ask({ node: 'ghost' }, pod('db'), 80)).toThrow(RangeError);
});

test('the verdict alone, for many flows, is that of the whole answer', () => {
  const policies = [
    aPolicy({
      ingress: [{ fromEntities: ['cluster'], toPorts: [{ ports: [{ port: '80' }] }] }],
      ingressDeny: [{ fromEntities: ['host'] }],
    }),
  ];
  const compiled = compilePolicies(aWorld(), policies);
  const peers: Peer[] = [
    pod('web'),
    outside,
    { node: 'node-a' },
    { node: 'node-b' },
    { entity: 'health' },
    { seen: { labels: [] } },
  ];
  const answers = peers.flatMap((src) =>
    POLICY_PROTOCOLS.flatMap((protocol) =>
      [80, 81].map((port) => ({
        whole: decide(compiled, { src, dst: pod('db'), protocol, port }).verdict,
        alone: verdictOf(compiled, peerOf(compiled, src), peerOf(compiled, pod('db')), protocolIndex(protocol), port),
      })),
    ),
  );
  expect(answers.map(({ alone }) => alone)).toEqual(answers.map(({ whole }) => whole));
  expect(new Set(answers.map(({ whole }) => whole))).toEqual(new Set(['allowed', 'denied', 'unknown']));
});
