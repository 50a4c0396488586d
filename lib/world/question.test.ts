import { describe, expect, test } from 'vitest';
import { aDnsFlow, aFlow, anEndpoint, anHttpFlow, host, ledger, world } from '#lib/testing/flows.ts';
import { questionOf, requestTargetOf, type QuestionContext } from './question.ts';
import { factsOf } from './world-builder.ts';

const pod = (name: string, identity: number) => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumEndpoint',
  metadata: { name, namespace: 'payments' },
  status: { identity: { id: identity, labels: ['k8s:app=x'] }, networking: { addressing: [{ ipv4: '10.0.2.40' }] } },
});
const node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1', labels: { pool: 'blue' } },
  status: { addresses: [{ type: 'InternalIP', address: '10.0.4.33' }] },
};
const config = (data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cilium-config' }, data });
const identity = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumIdentity',
  metadata: { name: '24110' },
  'security-labels': { 'k8s:app': 'checkout-api' },
};

const contextOf = (objects: readonly unknown[], names?: Readonly<Record<string, string[]>>): QuestionContext => ({
  inventory: factsOf(objects).inventory,
  ...(names && { namesOf: (address: string) => names[address] ?? [] }),
});
const nobody = contextOf([]);

function asked(flow: Parameters<typeof questionOf>[0], context = nobody) {
  const question = questionOf(flow, context);
  if (!question.ok) throw new Error(question.detail);
  return question.question;
}

describe('a pod', () => {
  test('that the world has, with the identity of the flow, is that endpoint', () => {
    expect(asked(aFlow(), contextOf([pod(ledger.podName, 24587)])).dst).toEqual({ endpoint: `payments/${ledger.podName}` });
  });

  test('that has another identity by now, or is not known, is what the flow says of it', () => {
    const seen = { seen: { labels: ledger.labels, ip: '10.0.2.40' } };
    expect(asked(aFlow(), contextOf([pod(ledger.podName, 999)])).dst).toEqual(seen);
    expect(asked(aFlow()).dst).toEqual(seen);
  });

  test('of a stream without labels has those of its CiliumIdentity', () => {
    const flow = aFlow({ source: anEndpoint({ labels: [] }) });
    expect(asked(flow, contextOf([identity])).src).toEqual({ seen: { labels: ['k8s:app=checkout-api'], ip: '10.0.4.33' } });
    expect(asked(flow).src).toEqual({ seen: { labels: [], ip: '10.0.4.33' } });
  });
});

describe('a node', () => {
  const remote = { ...host, identity: 6, labels: ['reserved:remote-node'] };

  test('is local as host, and not as remote node', () => {
    expect(asked(aFlow({ source: host })).src).toEqual({ seen: { labels: ['reserved:host'], ip: '10.0.4.33', local: true } });
    expect(asked(aFlow({ source: remote })).src).toEqual({
      seen: { labels: ['reserved:remote-node'], ip: '10.0.4.33', local: false },
    });
  });

  test('with an API server is a remote node', () => {
    const { src } = asked(aFlow({ source: { ...host, identity: 7, labels: [] } }));
    expect(src).toEqual({ seen: { labels: ['reserved:kube-apiserver', 'reserved:remote-node'], ip: '10.0.4.33', local: false } });
  });

  test('that is remote and known is that node', () => {
    expect(asked(aFlow({ source: remote }), contextOf([node])).src).toEqual({ node: 'n1' });
  });

  test('has its node’s labels where host policies may select it', () => {
    const labels = (objects: readonly unknown[]) => {
      const { src } = asked(aFlow({ source: host }), contextOf(objects));
      return 'seen' in src ? src.seen.labels : [];
    };
    expect(labels([node, config({ 'enable-host-firewall': 'true' })])).toEqual(['reserved:host', 'k8s:pool=blue']);
    expect(labels([node, config({})])).toEqual(['reserved:host']);
  });

  test('whose flow has no labels is known by its number', () => {
    const { src } = asked(aFlow({ source: { ...host, labels: [] } }));
    expect(src).toEqual({ seen: { labels: ['reserved:host'], ip: '10.0.4.33', local: true } });
  });
});

describe('an outside address', () => {
  const names = { '10.0.2.40': ['api.example.com'] };
  const namesIn = (flow: Parameters<typeof questionOf>[0], context: QuestionContext) => {
    const { dst } = asked(flow, context);
    return 'seen' in dst ? dst.seen.names : 'not seen';
  };

  test('has the names that were learned, resolved and labelled, each once', () => {
    const destination = { ...world, labels: ['fqdn:API.example.com', 'fqdn:*.example.org', 'reserved:world'] };
    const flow = aFlow({ destination, destinationNames: ['www.example.com.'] });
    expect(namesIn(flow, contextOf([], names))).toEqual(['api.example.com', 'www.example.com']);
  });

  test('without any name has none: its identity would say so', () => {
    expect(namesIn(aFlow({ destination: world }), contextOf([], {}))).toEqual([]);
  });

  test('of an identity made for a pattern has a name that nobody told us', () => {
    const destination = { ...world, labels: ['fqdn:*.example.org', 'reserved:world'] };
    expect(namesIn(aFlow({ destination }), contextOf([], {}))).toBeUndefined();
  });

  test('has unknown names where lookups were not seen', () => {
    expect(namesIn(aFlow({ destination: world }), nobody)).toBeUndefined();
  });
});

describe('the connection', () => {
  test('of a reply is the one it answers', () => {
    const reply = aFlow({
      isReply: true,
      source: ledger,
      destination: anEndpoint(),
      ip: { source: '10.0.2.40', destination: '10.0.4.33', sourceXlated: '', version: 4, encrypted: false },
      l4: { protocol: 'TCP', sourcePort: 9090, destinationPort: 32984 },
    });
    expect(asked(reply)).toEqual(asked(aFlow()));
  });

  test.each([
    ['ICMPv4', 'ICMP', 8],
    ['ICMPv6', 'ICMPv6', 135],
  ] as const)('%s is asked about by its type', (protocol, named, icmpType) => {
    const flow = aFlow({ l4: { protocol, sourcePort: 0, destinationPort: 0, icmpType } });
    expect(asked(flow)).toMatchObject({ protocol: named, port: icmpType });
  });

  test('that has no protocol, or one no policy can name, cannot be asked about', () => {
    expect(questionOf(aFlow({ l4: undefined }), nobody)).toMatchObject({ ok: false, code: 'no-protocol' });
    const vrrp = aFlow({ l4: { protocol: 'VRRP', sourcePort: 0, destinationPort: 0 } });
    expect(questionOf(vrrp, nobody)).toMatchObject({ ok: false, code: 'protocol-not-judged' });
  });
});

describe('the request', () => {
  test('of HTTP has method, authority and path as sent; headers may not all be there', () => {
    expect(asked(anHttpFlow('GET', 'http://ledger:9090/a%2e?x=1#y')).l7).toEqual({
      http: { method: 'GET', host: 'ledger:9090', path: '/a%2e?x=1#y' },
      notSeen: ['headers'],
    });
  });

  test('of DNS is the name', () => expect(asked(aDnsFlow('api.example.com.')).l7).toEqual({ dns: 'api.example.com.' }));

  test('of Kafka is not asked about', () => {
    const kafka = { errorCode: 0, apiVersion: 9, apiKey: 'fetch', correlationId: 1, topic: 't' };
    expect(asked(aFlow({ l7: { type: 'REQUEST', latencyNs: 0, kafka } }))).not.toHaveProperty('l7');
  });

  test.each([
    ['http://a:80/b', { host: 'a:80', path: '/b' }],
    ['https://a', { host: 'a', path: '' }],
    ['http://a?b', { host: 'a', path: '?b' }],
    ['/b?c', { path: '/b?c' }],
    ['', { path: '' }],
    ['http://a/b\r\nX: 1', { host: 'a', path: '/b\r\nX: 1' }],
  ])('%j is asked for at %j', (url, target) => expect(requestTargetOf(url)).toEqual(target));
});
