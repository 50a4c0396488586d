import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UPLOAD_KINDS } from '#lib/migration/model.ts';
import { readAgentConf } from './agent-conf.ts';
import { readCiliumStatus } from './cilium-status.ts';
import { readEncryptionStatus } from './encryption-status.ts';
import { readHubbleStatus } from './hubble-status.ts';
import { readIperf3 } from './iperf3.ts';
import { readJUnit } from './junit.ts';
import type { Reading } from './reading.ts';
import { sniff } from './sniff.ts';
import { readSpireEntries } from './spire-entries.ts';
import { readUpload, uploadSummary } from './upload.ts';

const valueOf = <T>(reading: Reading<T>): T => {
  if (!reading.ok) throw new Error(JSON.stringify(reading.problem));
  return reading.value;
};
const problemOf = (reading: Reading<unknown>): string => {
  if (reading.ok) throw new Error('it was read');
  return `${reading.problem.line ?? '-'} ${reading.problem.message}`;
};

/** As the CLI prints it: Go names without tags outside, the agent's own JSON inside. */
const CILIUM_STATUS = {
  ImageCount: { cilium: { 'quay.io/cilium/cilium:v1.19.5@sha256:aa': 2 } },
  PhaseCount: { cilium: { Running: 2 } },
  PodState: { cilium: { Type: 'DaemonSet', Desired: 3, Ready: 2, Available: 2, Unavailable: 1 } },
  PodsCount: { All: 60, ByCilium: 58 },
  CiliumStatus: {
    'cilium-abcde': {
      cilium: { state: 'Ok', msg: '1.19.5 (v1.19.5-0123abcd)' },
      'kube-proxy-replacement': { mode: 'False' },
      'cni-chaining': { mode: 'aws-cni' },
      'host-routing': { mode: 'Legacy' },
      encryption: {
        mode: 'Wireguard',
        wireguard: {
          'node-encryption': 'Disabled',
          interfaces: [{ name: 'cilium_wg0', 'peer-count': 2, 'listen-port': 51_871 }],
        },
      },
      cluster: {
        ciliumHealth: { state: 'Ok' },
        nodes: [{ name: 'a/n1' }, { name: 'a/n2', host: { 'primary-address': { icmp: { status: 'timeout' } } } }],
      },
      hubble: { state: 'Ok', observer: { 'current-flows': 4095, 'max-flows': 4095, 'seen-flows': 99_000 } },
    },
  },
  Errors: { cilium: { cilium: { Errors: [{}], Warnings: null, Disabled: false } } },
  CollectionErrors: [],
};

describe('cilium status', () => {
  test('tells pods, images, workloads and what each agent says', () => {
    const status = valueOf(readCiliumStatus(JSON.stringify(CILIUM_STATUS)));
    expect(status).toMatchObject({
      pods: { all: 60, managed: 58 },
      images: [{ component: 'cilium', image: 'quay.io/cilium/cilium:v1.19.5@sha256:aa', count: 2 }],
      workloads: [{ name: 'cilium', type: 'DaemonSet', desired: 3, ready: 2, unavailable: 1 }],
      errors: [{ component: 'cilium', pod: 'cilium', errors: ['{}'], warnings: [] }],
    });
    expect(status.agents).toEqual([
      {
        pod: 'cilium-abcde',
        kubeProxyReplacement: 'False',
        encryptionMode: 'Wireguard',
        nodeEncryption: 'Disabled',
        wireGuardPeers: 2,
        hostRouting: 'Legacy',
        chainingMode: 'aws-cni',
        unreachable: ['a/n2'],
        probedNodes: 1,
        health: 'Ok',
        hubble: { state: 'Ok', currentFlows: 4095, maxFlows: 4095, seenFlows: 99_000 },
        version: '1.19.5',
      },
    ]);
  });

  test('is the same in the spelling of other versions, and of one agent alone', () => {
    const snake = JSON.stringify(CILIUM_STATUS).replaceAll(
      /"(ImageCount|PodState|PodsCount|ByCilium|All|CiliumStatus)":/g,
      (_, name: string) => `"${name.replaceAll(/(?<!^)[A-Z]/g, '_$&').toLowerCase()}":`,
    );
    expect(valueOf(readCiliumStatus(snake)).pods).toEqual({ all: 60, managed: 58 });
    const one = JSON.stringify({ ...CILIUM_STATUS.CiliumStatus['cilium-abcde'], kubernetes: { state: 'Ok' } });
    expect(valueOf(readCiliumStatus(one)).agents[0]?.chainingMode).toBe('aws-cni');
  });

  test.each([
    ['{"a": 1}', '- this is not what cilium status'],
    ['[]', '1 the output of cilium status -o json is a JSON object'],
    ['', '- the file is empty'],
    ['{"PodState": {\n "a": nonsense', '2 not JSON from here on: "nonsense"'],
    ['{"PodState": {', '1 the JSON ends too soon'],
    ['['.repeat(200_000), '1 '],
  ])('refuses %.20s', (text, problem) => {
    expect(problemOf(readCiliumStatus(text))).toContain(problem);
  });
});

describe('cilium encryption status', () => {
  test('counts nodes over the cluster', () => {
    expect(
      valueOf(readEncryptionStatus('{"total-node-count": 6, "enc-wireguard-node-count": 5, "enc-disabled-node-count": 1}')),
    ).toEqual({
      nodes: 6,
      disabled: 1,
      wireGuard: 5,
      ipsec: 0,
      details: [],
    });
  });

  test('of several nodes is one object after the other, or one mapping', () => {
    const node = { mode: 'Wireguard', wireguard: { 'node-encryption': 'Enabled', interfaces: [{ 'peer-count': 5 }] } };
    const lines = [node, { mode: 'Disabled' }].map((each) => JSON.stringify(each, null, 1)).join('\n');
    expect(valueOf(readEncryptionStatus(lines))).toMatchObject({ nodes: 2, disabled: 1, wireGuard: 1 });
    expect(valueOf(readEncryptionStatus(JSON.stringify({ n1: node, n2: node }))).details).toEqual([
      { node: 'n1', mode: 'Wireguard', peers: 5, nodeEncryption: 'Enabled' },
      { node: 'n2', mode: 'Wireguard', peers: 5, nodeEncryption: 'Enabled' },
    ]);
  });

  test('is refused where it says nothing of nodes', () => {
    expect(problemOf(readEncryptionStatus('{}'))).toContain('- this is not what cilium encryption status');
  });
});

const AGENT_CONF = `# SPIRE agent
agent {
  data_dir = "/run/spire"
  log_level = "DEBUG" // loud
  trust_domain = "aegis.local"
  server_address = "spire-server.spire" /* of the
  cluster */
  server_port = "8081"
  socket_path = "/run/spire/sockets/agent.sock"
  admin_socket_path = "/run/spire/admin/admin.sock"
  authorized_delegates = [
    "spiffe://aegis.local/cilium-agent", # the agent
  ]
}
plugins {
  NodeAttestor "k8s_psat" { plugin_data { cluster = "prd" } }
  KeyManager "memory" { plugin_data {} }
}
`;

describe('hubble status', () => {
  test('tells which nodes the relay reaches and for how long they remember', () => {
    const status = {
      num_flows: '8190',
      max_flows: '8190',
      num_connected_nodes: 2,
      num_unavailable_nodes: 1,
      unavailable_nodes: ['c/ip-3'],
      flows_rate: 13.65,
    };
    const facts = {
      connected: 2,
      expected: 3,
      missing: ['c/ip-3'],
      heldFlows: 8190,
      mostFlows: 8190,
      rate: 13.65,
      horizonMs: 600_000,
    };
    expect(valueOf(readHubbleStatus(JSON.stringify(status)))).toEqual(facts);
    const camel = {
      numFlows: '8190',
      maxFlows: '8190',
      numConnectedNodes: { value: 2 },
      unavailableNodes: ['c/ip-3'],
      flowsRate: 13.65,
    };
    expect(valueOf(readHubbleStatus(JSON.stringify(camel)))).toEqual(facts);
  });

  test('of one node, or of something else, is refused', () => {
    expect(problemOf(readHubbleStatus('{"max_flows": "4095"}'))).toContain('the status of one node');
    expect(problemOf(readHubbleStatus('{}'))).toContain('- this is not what hubble status -o json prints');
  });
});

describe('agent.conf', () => {
  test('is read from HCL, from JSON and from the ConfigMap that holds it', () => {
    const map = `apiVersion: v1\nkind: ConfigMap\ndata:\n  agent.conf: |\n${AGENT_CONF.replaceAll(/^/gm, '    ')}`;
    const json = JSON.stringify({
      agent: {
        trust_domain: 'aegis.local',
        server_address: 'spire-server.spire',
        server_port: 8081,
        socket_path: '/run/spire/sockets/agent.sock',
        admin_socket_path: '/run/spire/admin/admin.sock',
        authorized_delegates: ['spiffe://aegis.local/cilium-agent'],
      },
    });
    for (const text of [AGENT_CONF, map, json])
      expect(valueOf(readAgentConf(text))).toMatchObject({
        trustDomain: 'aegis.local',
        serverAddress: 'spire-server.spire',
        serverPort: '8081',
        socketPath: '/run/spire/sockets/agent.sock',
        adminSocketPath: '/run/spire/admin/admin.sock',
        authorizedDelegates: ['spiffe://aegis.local/cilium-agent'],
      });
  });

  test('keeps labelled blocks of one name beside each other', () => {
    expect(valueOf(readAgentConf(AGENT_CONF)).json['plugins']).toEqual({
      NodeAttestor: { k8s_psat: { plugin_data: { cluster: 'prd' } } },
      KeyManager: { memory: { plugin_data: {} } },
    });
  });

  test('reads escapes, texts of several lines and numbers', () => {
    const conf = valueOf(
      readAgentConf('agent {\n trust_domain = "a\\"b"\n x = <<EOF\nfirst\nsecond\nEOF\n y = 1.5\n z = true\n}'),
    );
    expect(conf.trustDomain).toBe('a"b');
    expect(conf.json['agent']).toEqual({ trust_domain: 'a"b', x: 'first\nsecond', y: 1.5, z: true });
  });

  test.each([
    ['server { }', '- there is no block agent'],
    ['agent {\n  a = \n}', '3 expected a value'],
    ['agent {\n  a "b" = 1\n}', '2 expected = or {'],
    ['agent {\n  a = 1', '2 the file ends too soon'],
    ['agent {\n  a = "x\n}', '2 not HCL from here on'],
    ['agent { x = <<EOF\nno end', 'goes on to the end'],
    ['a { '.repeat(1000), '1 nested deeper than 20 levels'],
    [`agent { a = ${'['.repeat(5000)}`, '1 nested deeper than 20 levels'],
  ])('is refused with its place: %.24s', (text, problem) => {
    expect(problemOf(readAgentConf(text))).toContain(problem);
  });

  test('sets keys of any name as data', () => {
    const conf = valueOf(readAgentConf('agent { __proto__ { polluted = true } }'));
    expect(Object.keys(conf.json['agent'] as object)).toEqual(['__proto__']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('SPIRE entries', () => {
  const sample = '../shared/peers/spire/sample-entry-show.json';

  test('are read with id, parent and selectors', () => {
    const entry = {
      admin: true,
      spiffe_id: { trust_domain: 'aegis.local', path: '/cilium-agent' },
      parent_id: { trust_domain: 'aegis.local', path: '/spire/agent/x' },
      selectors: [
        { type: 'k8s', value: 'sa:cilium' },
        { type: 'k8s', value: 'ns:kube-system' },
      ],
    };
    expect(valueOf(readSpireEntries(JSON.stringify({ entries: [entry] })))).toEqual([
      {
        spiffeId: 'spiffe://aegis.local/cilium-agent',
        parentId: 'spiffe://aegis.local/spire/agent/x',
        selectors: ['k8s:ns:kube-system', 'k8s:sa:cilium'],
        admin: true,
      },
    ]);
    expect(problemOf(readSpireEntries('{"entries": 3}'))).toContain('- there is no list of entries');
  });

  test.skipIf(!existsSync(sample) && process.env['CI'] !== 'true')('of a real server are read', () => {
    const entries = valueOf(readSpireEntries(readFileSync(sample, 'utf8')));
    expect(entries.find(({ spiffeId }) => spiffeId === 'spiffe://aegis.local/cilium-operator')?.selectors).toEqual([
      'k8s:ns:kube-system',
      'k8s:sa:cilium-operator',
    ]);
  });
});

const JUNIT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1">
 <testsuite name="connectivity test" timestamp="2026-11-23T10:00:00" tests="3">
  <testcase name="no-policies" classname="connectivity test" status="passed" time="1"/>
  <testcase name="to-entities-world" status="failed"><failure message="curl &lt;timeout&gt;" type="failure">log &amp; log</failure></testcase>
  <testcase name="north-south-loadbalancing" status="skipped"><skipped message="needs a node outside"/></testcase>
 </testsuite>
</testsuites>`;

describe('the JUnit file of a connectivity test', () => {
  test('tells tests, failures and what was skipped', () => {
    expect(valueOf(readJUnit(JUNIT))).toEqual({
      tests: 3,
      passed: 1,
      failed: 1,
      skipped: 1,
      failures: [{ name: 'to-entities-world', message: 'curl <timeout>' }],
      skippedNames: ['north-south-loadbalancing'],
      at: Date.parse('2026-11-23T10:00:00'),
    });
  });

  test('with an entity bomb is refused with the line', () => {
    const bomb = `<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>\n<testsuites><testcase name="&b;"/></testsuites>`;
    expect(problemOf(readJUnit(bomb))).toBe('2 a document type is not read: it could declare entities');
    expect(problemOf(readJUnit('<testsuites>\n<testcase name="&b;"/></testsuites>'))).toMatch(/^2 undefined entity/);
  });

  test.each([
    ['<testsuites><testcase', /^1 /],
    ['<html></html>', /^- a JUnit file begins with testsuites/],
    ['<testsuites/>', /^- there is no test/],
    ['<a>'.repeat(1000), /^1 nested deeper than 50 levels/],
  ])('is refused: %.20s', (text, problem) => {
    expect(problemOf(readJUnit(text))).toMatch(problem);
  });
});

const IPERF3 = {
  start: { tcp_mss_default: 8881, timestamp: { timesecs: 1_763_900_000 }, test_start: { protocol: 'TCP' } },
  end: { sum_sent: { retransmits: 12 }, sum_received: { bits_per_second: 9_410_000_000, seconds: 30.1 } },
};

describe('iperf3', () => {
  test('tells what was received, and the segments it took', () => {
    expect(valueOf(readIperf3(JSON.stringify(IPERF3)))).toEqual({
      bitsPerSecond: 9_410_000_000,
      seconds: 30.1,
      protocol: 'TCP',
      retransmits: 12,
      mss: 8881,
      at: 1_763_900_000_000,
    });
  });

  test('that failed, or that measured nothing, is refused', () => {
    expect(problemOf(readIperf3('{"start": {}, "error": "unable to connect"}'))).toBe('- iperf3 failed: unable to connect');
    expect(problemOf(readIperf3('{"end": {"sum_received": {"bits_per_second": 0}}}'))).toContain(
      '- there is no end.sum_received',
    );
  });
});

describe('what a file is', () => {
  const files = [
    ['values.yaml', 'cni:\n  chainingMode: aws-cni\n', 'helm-values'],
    ['values.json', '{"kubeProxyReplacement": false}', 'helm-values'],
    ['app.yaml', 'apiVersion: argoproj.io/v1alpha1\nkind: Application\n', 'argocd-application'],
    ['status.json', JSON.stringify(CILIUM_STATUS), 'cilium-status'],
    ['enc.json', '{"total-node-count": 3}', 'encryption-status'],
    ['agent.conf', AGENT_CONF, 'agent-conf'],
    ['cm.yaml', 'apiVersion: v1\nkind: ConfigMap\ndata:\n  agent.conf: |\n    agent {}\n', 'agent-conf'],
    ['entries.json', '{"entries": []}', 'spire-entries'],
    ['junit.xml', JUNIT, 'connectivity-junit'],
    ['iperf3.json', JSON.stringify(IPERF3), 'iperf3-before'],
    ['iperf3-after.json', JSON.stringify(IPERF3), 'iperf3-after'],
    ['nodes.json', '{"apiVersion": "v1", "kind": "NodeList", "items": []}', 'objects'],
    ['pods.yaml', 'apiVersion: v1\nkind: List\nitems: []\n', 'objects'],
    ['notes.txt', 'just some words', undefined],
    ['page.html', '<html></html>', undefined],
    ['other.json', '{"a": [1, 2]}', undefined],
    ['other.yaml', 'foo: bar\n', undefined],
    ['broken.json', '{"a": ', undefined],
    ['empty', '', undefined],
  ] as const;

  test.each(files)('%s', (name, text, kind) => {
    expect(sniff(name, text)).toBe(kind);
  });

  test.each(files.filter(([, , kind]) => kind !== undefined && kind !== 'objects'))(
    '%s is read as that, with a line about it',
    (name, text) => {
      const kind = sniff(name, text);
      if (kind === undefined || kind === 'objects') throw new Error(name);
      const reading = readUpload(kind, name === 'app.yaml' ? `${text}spec: {source: {chart: cilium, helm: {values: ""}}}` : text);
      expect(uploadSummary(valueOf(reading))).toMatch(/^[\w ,./]+$/);
    },
  );
});

describe('files that are cut, spoilt or made to hurt', () => {
  const valid: readonly string[] = [
    JSON.stringify(CILIUM_STATUS),
    AGENT_CONF,
    JUNIT,
    JSON.stringify(IPERF3),
    'cni:\n  exclusive: false\n',
    '{"entries": [{"selectors": [{}]}]}',
  ];
  const kinds = UPLOAD_KINDS.filter((kind) => kind !== 'objects');
  const spoilt = fc
    .tuple(
      fc.nat(),
      fc.nat(),
      fc.nat(),
      fc.constantFrom('', '{', '[', '"', '<', '&a;', '<!DOCTYPE x [', '\0', '\u202e', '*a', '- ', ': ', '}'.repeat(50)),
    )
    .map(([which, from, to, by]) => {
      const text = valid[which % valid.length] ?? '';
      const [start, end] = [from % (text.length + 1), to % (text.length + 1)].toSorted((a, b) => a - b);
      return text.slice(0, start) + by + text.slice(end);
    });

  test('are read or refused with a reason, by every reader, and never throw', () => {
    fc.assert(
      fc.property(fc.oneof(spoilt, fc.string()), (text) => {
        sniff('a file', text);
        for (const kind of kinds) {
          const reading = readUpload(kind, text);
          expect([kind, reading.ok || reading.problem.message.length > 0]).toEqual([kind, true]);
        }
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['brackets without end', '['.repeat(300_000)],
    ['braces of JSON without end', '{"a":'.repeat(100_000)],
    ['blocks of HCL without end', 'a {'.repeat(100_000)],
    ['comments without end', `/*${' /*'.repeat(100_000)}`],
    ['elements without end', '<a>'.repeat(100_000)],
    ['dashes without end', '- '.repeat(100_000)],
    ['quotes', '"\\'.repeat(100_000)],
    ['lines', '\n'.repeat(500_000)],
  ])('%s are refused soon by every reader', (_, text) => {
    const began = performance.now();
    for (const kind of kinds) expect([kind, readUpload(kind, text).ok]).toEqual([kind, false]);
    expect(performance.now() - began).toBeLessThan(4000);
  });
});
