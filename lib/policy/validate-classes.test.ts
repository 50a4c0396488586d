import { describe, expect, test } from 'vitest';
import { cpuMs } from '#lib/testing/cpu.ts';
import { ccnp, knp, policyWith } from '#lib/testing/lint.ts';
import type { AgentConfig } from './model.ts';
import { parsePolicies } from './parse.ts';
import { problemsOf } from './validate.ts';

/** Problems of a policy as `layers class path`, layers of the same place and class together. */
function problemsIn(yaml: string, settings?: AgentConfig): string[] {
  const parsed = parsePolicies(yaml);
  expect(parsed.problems).toEqual([]);
  const found = new Map<string, string[]>();
  for (const { layer, class: problem, path } of problemsOf(parsed.objects[0]?.object, settings)) {
    const key = `${problem} ${path}`;
    found.set(key, [...(found.get(key) ?? []), layer]);
  }
  return [...found].map(([key, layers]) => `${[...new Set(layers)].join('+')} ${key}`);
}

const ingress = (entry: string): string => `endpointSelector: {}\ningress:\n  - ${entry}\n`;
const egress = (entry: string): string => `endpointSelector: {}\negress:\n  - ${entry}\n`;
const ports = (port: string, more = ''): string => `{toPorts: [{ports: [${port}]${more}}]}`;

describe('form of a policy', () => {
  test.each([
    ['specs alone', policyWith('').replace('spec:\n', 'specs:\n  - endpointSelector: {}\n    ingress: [{}]\n'), []],
    ['all sections empty', policyWith('endpointSelector: {}\ningress: []\n'), ['engine no-rules spec']],
    ['a null section is as good as none', policyWith('endpointSelector: {}\ningress:\n'), ['schema+engine no-rules spec']],
    ['a null selector', policyWith('endpointSelector:\ningress: [{}]\n'), ['schema null-selector spec.endpointSelector']],
    ['a null peer', policyWith(ingress('fromEndpoints: [null]')), ['schema null-selector spec.ingress[0].fromEndpoints[0]']],
    [
      'a node selector where nodes have none',
      policyWith('nodeSelector: {}\ningress: [{}]\n'),
      ['engine node-selector-in-namespaced spec.nodeSelector'],
    ],
    ['a node selector of a clusterwide policy', policyWith('nodeSelector: {}\ningress: [{}]\n', ccnp), []],
    [
      'two subjects, one of them null',
      policyWith('nodeSelector: {}\nendpointSelector:\ningress: [{}]\n', ccnp),
      ['schema null-selector spec.endpointSelector', 'schema+engine two-subjects spec'],
    ],
    [
      'a text where a list belongs',
      policyWith('endpointSelector: {}\ningress: all\n'),
      ['schema+engine wrong-type spec.ingress', 'engine no-rules spec'],
    ],
    [
      'a text where a mapping belongs',
      policyWith('endpointSelector: web\ningress: [{}]\n'),
      ['schema+engine bad-selector spec.endpointSelector'],
    ],
    [
      'a word where true or false belongs',
      policyWith('endpointSelector: {}\nenableDefaultDeny: {ingress: "true"}\ningress: [{}]\n'),
      ['schema+engine wrong-type spec.enableDefaultDeny.ingress'],
    ],
  ])('%s', (_, yaml, problems) => expect(problemsIn(yaml)).toEqual(problems));
});

describe('selectors', () => {
  const selector = (text: string): string[] => problemsIn(policyWith(`endpointSelector: ${text}\ningress: [{}]\n`));
  test.each([
    ['sources before keys', '{matchLabels: {"k8s:app": a, "reserved:init": "", "any:app.kubernetes.io/name": b}}', []],
    [
      'a label value with a blank',
      '{matchLabels: {app: a b}}',
      ['schema+engine bad-selector spec.endpointSelector.matchLabels.app'],
    ],
    [
      'a label value of 64 characters',
      `{matchLabels: {app: ${'a'.repeat(64)}}}`,
      ['schema+engine bad-selector spec.endpointSelector.matchLabels.app'],
    ],
    [
      'a label value that is a number',
      '{matchLabels: {app: 1}}',
      ['schema+engine bad-selector spec.endpointSelector.matchLabels.app'],
    ],
    ['a key with a blank', '{matchLabels: {"a b": c}}', ['engine bad-selector spec.endpointSelector.matchLabels["a b"]']],
    [
      'In without values',
      '{matchExpressions: [{key: a, operator: In}]}',
      ['engine bad-selector spec.endpointSelector.matchExpressions[0]'],
    ],
    [
      'Exists with values',
      '{matchExpressions: [{key: a, operator: Exists, values: [b]}]}',
      ['engine bad-selector spec.endpointSelector.matchExpressions[0]'],
    ],
    [
      'an operator in lower case',
      '{matchExpressions: [{key: a, operator: in, values: [b]}]}',
      [
        'schema bad-selector spec.endpointSelector.matchExpressions[0].operator',
        'engine bad-selector spec.endpointSelector.matchExpressions[0]',
      ],
    ],
    [
      'no key',
      '{matchExpressions: [{operator: Exists}]}',
      [
        'schema bad-selector spec.endpointSelector.matchExpressions[0]',
        'engine bad-selector spec.endpointSelector.matchExpressions[0].key',
      ],
    ],
  ])('%s', (_, text, problems) => expect(selector(text)).toEqual(problems));
});

describe('peers', () => {
  test.each([
    ['two kinds in one entry', egress('{toEntities: [host], toCIDR: [10.0.0.0/8]}'), ['engine combined-peers spec.egress[0]']],
    ['one kind and an empty list of another', egress('{toEntities: [host], toCIDR: []}'), []],
    [
      'an entity in capitals',
      ingress('{fromEntities: [World]}'),
      ['schema+engine unknown-entity spec.ingress[0].fromEntities[0]'],
    ],
    [
      'the world of one family',
      ingress('{fromEntities: [world-ipv4]}'),
      ['schema unknown-entity spec.ingress[0].fromEntities[0]'],
    ],
    ['an address with a leading zero', egress('{toCIDR: [10.01.0.0/16]}'), ['schema+engine bad-cidr spec.egress[0].toCIDR[0]']],
    ['IPv6 prefixes', egress('{toCIDR: ["2001:db8::/32", "::/0", "::ffff:192.0.2.1/128"]}'), []],
    [
      'a bare address in a set',
      egress('{toCIDRSet: [{cidr: 10.0.0.1}]}'),
      ['schema+engine bad-cidr spec.egress[0].toCIDRSet[0].cidr'],
    ],
    [
      'an exception of the other family',
      egress('{toCIDRSet: [{cidr: 10.0.0.0/8, except: ["2001:db8::/32"]}]}'),
      ['engine bad-except spec.egress[0].toCIDRSet[0].except[0]'],
    ],
    [
      'an exception that is wider',
      egress('{toCIDRSet: [{cidr: 10.0.0.0/16, except: [10.0.0.0/8]}]}'),
      ['engine bad-except spec.egress[0].toCIDRSet[0].except[0]'],
    ],
    ['an exception that is the same', egress('{toCIDRSet: [{cidr: 10.0.0.0/16, except: [10.0.0.0/16]}]}'), []],
    [
      'a malformed exception',
      egress('{toCIDRSet: [{cidr: 10.0.0.0/16, except: [all]}]}'),
      ['schema+engine bad-except spec.egress[0].toCIDRSet[0].except[0]'],
    ],
    [
      'a prefix and a group',
      egress('{toCIDRSet: [{cidr: 10.0.0.0/16, cidrGroupRef: g}]}'),
      ['schema+engine cidr-one-of spec.egress[0].toCIDRSet[0]'],
    ],
    [
      'a name with a star',
      egress('{toFQDNs: [{matchName: "*.example.com"}]}'),
      ['schema+engine bad-fqdn spec.egress[0].toFQDNs[0].matchName'],
    ],
    [
      'a name with two dots in a row',
      egress('{toFQDNs: [{matchName: a..b}]}'),
      ['schema bad-fqdn spec.egress[0].toFQDNs[0].matchName'],
    ],
    ['no name at all', egress('{toFQDNs: [{}]}'), ['schema bad-fqdn spec.egress[0].toFQDNs[0]']],
    ['requirements of strings', egress('{toRequires: [a]}'), ['schema requires-removed spec.egress[0].toRequires']],
    [
      'names in a deny section are dropped',
      `endpointSelector: {}\negressDeny:\n  - {toFQDNs: [{matchName: a.b}], toEntities: [world]}\n`,
      ['lint unknown-field spec.egressDeny[0].toFQDNs'],
    ],
  ])('%s', (_, spec, problems) => expect(problemsIn(policyWith(spec))).toEqual(problems));

  test('nodes are peers with the setting only', () => {
    const yaml = policyWith(egress('{toNodes: [{}]}'));
    expect(problemsIn(yaml)).toEqual(['engine nodes-disabled spec.egress[0].toNodes']);
    expect(problemsIn(yaml, { nodeSelectorLabels: true })).toEqual([]);
  });
});

describe('ports', () => {
  const place = 'spec.ingress[0].toPorts[0].ports[0]';
  test.each([
    ['a name', '{port: http-8080}', []],
    ['a hexadecimal number, which is a name', '{port: "0x10"}', []],
    ['a name of 16 characters', '{port: abcdefghijklmnop}', [`engine bad-port ${place}.port`]],
    ['a name with two dashes', '{port: a--b}', [`engine bad-port ${place}.port`]],
    ['no more than signs', '{port: "--"}', [`schema+engine bad-port ${place}.port`]],
    ['an empty port', '{port: ""}', [`schema+engine bad-port ${place}.port`]],
    ['a number above 65535', '{port: "70000"}', [`engine bad-port ${place}.port`]],
    ['a number below 0', '{port: "-1"}', [`schema+engine bad-port ${place}.port`]],
    ['an end below the port', '{port: "80", endPort: 70}', []],
    ['an end above all ports', '{port: "80", endPort: 65536}', [`schema bad-end-port ${place}.endPort`]],
    ['an end that is a text', '{port: "80", endPort: "90"}', [`schema+engine bad-end-port ${place}.endPort`]],
    ['a protocol in lower case', '{port: "80", protocol: tcp}', [`schema bad-protocol ${place}.protocol`]],
    ['a protocol without ports', '{port: "0", protocol: VRRP}', [`engine bad-protocol ${place}.protocol`]],
    ['ICMP', '{port: "8", protocol: ICMP}', [`schema+engine bad-protocol ${place}.protocol`]],
  ])('%s', (_, port, problems) => expect(problemsIn(policyWith(ingress(ports(port))))).toEqual(problems));

  test('40 ports and no more', () => {
    const many = (count: number) =>
      policyWith(ingress(ports(Array.from({ length: count }, (_, at) => `{port: "${at + 1}"}`).join(', '))));
    expect(problemsIn(many(40))).toEqual([]);
    expect(problemsIn(many(41))).toEqual(['schema+engine too-many-ports spec.ingress[0].toPorts[0].ports']);
  });
});

describe('ICMP', () => {
  const place = 'spec.ingress[0].icmps[0].fields[0]';
  test.each([
    ['a number above 255', '{type: 300}', []],
    ['a number as text above 255', '{type: "300"}', [`schema icmp-bad-type ${place}.type`]],
    ['a name of the other family', '{type: PacketTooBig}', [`engine icmp-bad-type ${place}.type`]],
    ['the same with its family', '{type: PacketTooBig, family: IPv6}', []],
    ['a name the schema misspells', '{type: ExtendedEchoReply}', [`schema icmp-bad-type ${place}.type`]],
    ['no type', '{family: IPv4}', [`schema+engine icmp-bad-type ${place}`]],
    ['an unknown family', '{type: 8, family: ipv4}', [`schema+engine icmp-bad-family ${place}.family`]],
  ])('%s', (_, field, problems) => expect(problemsIn(policyWith(ingress(`{icmps: [{fields: [${field}]}]}`)))).toEqual(problems));

  test('beside ports', () => {
    expect(problemsIn(policyWith(ingress('{icmps: [{fields: [{type: 8}]}], toPorts: [{ports: [{port: "80"}]}]}')))).toEqual([
      'engine icmp-with-ports spec.ingress[0]',
    ]);
  });
});

describe('L7', () => {
  const tcp = '{port: "80", protocol: TCP}';
  const section = 'spec.ingress[0].toPorts[0]';
  const dns = '{dns: [{matchPattern: "*"}]}';
  test.each([
    [
      'HTTP for every protocol',
      ingress(ports('{port: "80"}', ', rules: {http: [{}]}')),
      [`engine l7-not-tcp ${section}.ports[0]`],
    ],
    ['an empty list is no L7', ingress(ports('{port: "53", protocol: UDP}', ', rules: {http: []}')), []],
    [
      'port 0',
      ingress(ports('{port: "0", protocol: TCP}', ', rules: {http: [{}]}')),
      [`engine l7-port-zero ${section}.ports[0].port`],
    ],
    ['no kind of rules', ingress(ports(tcp, ', rules: {}')), [`schema l7-mixed ${section}.rules`]],
    [
      'an expression of JavaScript only',
      ingress(ports(tcp, ', rules: {http: [{method: "(?<=a)b"}]}')),
      [`engine bad-regex ${section}.rules.http[0].method`],
    ],
    ['a host is not compiled', ingress(ports(tcp, ', rules: {http: [{host: "a["}]}')), []],
    [
      'an unknown action for headers',
      ingress(ports(tcp, ', rules: {http: [{headerMatches: [{name: a, mismatch: log}]}]}')),
      [`schema+engine bad-header ${section}.rules.http[0].headerMatches[0].mismatch`],
    ],
    [
      'a secret without a name',
      ingress(ports(tcp, ', rules: {http: [{headerMatches: [{name: a, secret: {}}]}]}')),
      [`schema+engine bad-header ${section}.rules.http[0].headerMatches[0].secret`],
    ],
    [
      'a range of ports for DNS',
      egress(ports('{port: "53", endPort: 54}', `, rules: ${dns}`)),
      ['engine dns-port-range spec.egress[0].toPorts[0].ports[0].endPort'],
    ],
    ['DNS for every protocol', egress(ports('{port: "53"}', `, rules: ${dns}`)), []],
    [
      'server names with TLS termination',
      egress(ports(tcp, ', serverNames: [a.b], terminatingTLS: {secret: {name: s}}, rules: {http: [{}]}')),
      [],
    ],
    [
      'an empty server name',
      egress(ports(tcp, ', serverNames: [""]')),
      ['schema+engine sni-empty spec.egress[0].toPorts[0].serverNames[0]'],
    ],
    [
      'a listener with HTTP rules',
      egress(ports(tcp, ', listener: {name: l, envoyConfig: {name: c}}, rules: {http: [{}]}')),
      ['engine listener-with-l7 spec.egress[0].toPorts[0].listener'],
    ],
    ['parsers of proxylib', ingress(ports(tcp, ', rules: {l7proto: r2d2, l7: [{cmd: READ}]}')), []],
    [
      'role and key of Kafka',
      ingress(ports(tcp, ', rules: {kafka: [{role: produce, apiKey: fetch}]}')),
      [`engine bad-kafka ${section}.rules.kafka[0]`],
    ],
  ])('%s', (_, spec, problems) => expect(problemsIn(policyWith(spec))).toEqual(problems));

  test('of the host: DNS on egress, nothing else', () => {
    const host = (spec: string) => problemsIn(policyWith(spec.replace('endpointSelector', 'nodeSelector'), ccnp));
    expect(host(egress(ports('{port: "53"}', `, rules: ${dns}`)))).toEqual([]);
    expect(host(egress(ports(tcp, ', rules: {http: [{}]}')))).toEqual(['engine l7-on-host spec.egress[0].toPorts[0].rules']);
    expect(host(ingress(ports(tcp, ', rules: {kafka: [{topic: t}]}')))).toEqual([`engine l7-on-host ${section}.rules`]);
  });
});

describe('Kubernetes NetworkPolicy', () => {
  test.each([
    ['nothing but a name', 'podSelector: {}\n', []],
    ['a port by number as text', 'podSelector: {}\ningress: [{ports: [{port: "80"}]}]\n', []],
    [
      'a port above 65535',
      'podSelector: {}\ningress: [{ports: [{port: 65536}]}]\n',
      ['engine bad-port spec.ingress[0].ports[0].port'],
    ],
    ['a protocol in lower case', 'podSelector: {}\ningress: [{ports: [{port: 80, protocol: tcp}]}]\n', []],
    [
      'ANY',
      'podSelector: {}\ningress: [{ports: [{port: 80, protocol: ANY}]}]\n',
      ['engine bad-knp-protocol spec.ingress[0].ports[0].protocol'],
    ],
    [
      'a malformed prefix',
      'podSelector: {}\negress: [{to: [{ipBlock: {cidr: all}}]}]\n',
      ['engine bad-cidr spec.egress[0].to[0].ipBlock.cidr'],
    ],
    [
      'an exception outside',
      'podSelector: {}\negress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/8]}}]}]\n',
      ['engine bad-except spec.egress[0].to[0].ipBlock.except[0]'],
    ],
    [
      'In without values',
      'podSelector: {matchExpressions: [{key: a, operator: In}]}\n',
      ['engine bad-selector spec.podSelector.matchExpressions[0]'],
    ],
    [
      'fields of Cilium',
      'podSelector: {}\ningress: [{fromEndpoints: [{}]}]\n',
      ['lint unknown-field spec.ingress[0].fromEndpoints'],
    ],
  ])('%s', (_, spec, problems) => expect(problemsIn(policyWith(spec, knp))).toEqual(problems));
});

test('whatever is no policy is refused, and nothing is thrown', () => {
  for (const value of [undefined, null, 1, 'a', [], {}, { kind: 'Pod' }, { kind: '__proto__' }])
    expect(problemsOf(value).map(({ layer, class: problem }) => `${layer} ${problem}`)).toEqual([
      'schema wrong-type',
      'engine wrong-type',
    ]);
});

test('a field __proto__ is unknown like any other', () => {
  const object: unknown = JSON.parse(
    '{"kind":"CiliumNetworkPolicy","metadata":{"name":"a"},"spec":{"endpointSelector":{},"ingress":[{}],"__proto__":{"egress":[{}]}}}',
  );
  expect(problemsOf(object).map(({ layer, path }) => `${layer} ${path}`)).toEqual(['lint spec.__proto__']);
});

test('2,000 policies are checked in far less than half a second', () => {
  const object = parsePolicies(
    policyWith(
      `${ingress(ports('{port: "80", protocol: TCP}', ', rules: {http: [{path: "/v1/.*"}]}'))}egress:\n  - toFQDNs: [{matchPattern: "*.example.com"}]\n`,
    ),
  ).objects[0]?.object;
  const check = (): void => {
    for (let count = 0; count < 2000; count++) problemsOf(object);
  };
  expect(cpuMs(check)).toBeLessThan(500);
});
