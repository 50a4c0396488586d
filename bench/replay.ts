import { hashOfSet } from '#lib/audit/candidate.ts';
import { compareSets, type JudgedSet } from '#lib/audit/compare.ts';
import {
  type JudgeInput,
  judgeInputOfJson,
  judgeInputToJson,
  type ReplayPeer,
  type ReplayTuple,
} from '#lib/audit/judge-input.ts';
import { compilePolicies, recompile } from '#lib/policy/compile.ts';
import type { PolicyObject, World } from '#lib/policy/model.ts';
import { percentile } from './support/measure.ts';
import type { Report } from './support/report.ts';

const NAMESPACES = 20;
const WORKLOADS = 200;
const POLICIES = 300;
const TUPLES = 30_000;

/** What-if over a week of a cluster of 200 workloads: 30,000 kinds of traffic, put to two sets of 300 policies. */
export async function replayCost(report: Report, { quick }: { readonly quick: boolean }): Promise<void> {
  report.section('what-if');
  const policies = Array.from({ length: POLICIES }, (_, index) => policyOf(index));
  const json = JSON.stringify(judgeInputToJson(anInput(policies)));
  report.add({ name: 'input of 30,000 tuples as JSON', value: json.length / 1e6, unit: 'MB', bound: { op: '<=', value: 8 } });
  const whole: number[] = [];
  const edits: number[] = [];
  let answer = '';
  for (let run = 0; run < (quick ? 3 : 9); run += 1) {
    const input = judgeInputOfJson(JSON.parse(json));
    const base = setOf(input.world, policies);
    const edited = policies.map((policy, index) => (index === 7 ? policyOf(7, 'v2') : policy));
    const candidate = setOf(input.world, edited);
    const first = cpuMs(() => compareSets(input, base, candidate));
    whole.push(first.ms);
    const edit = policyOf(11, 'v2');
    const next = cpuMs(() => {
      const compiled = recompile(base.compiled, { put: [edit] });
      const policiesOfEdit = policies.map((policy, index) => (index === 11 ? edit : policy));
      return compareSets(input, base, { compiled, policies: policiesOfEdit, hash: hashOfSet(policiesOfEdit) });
    });
    edits.push(next.ms);
    const { newlyDenied, newlyAllowed, unknown, unchanged } = first.result;
    answer = [newlyDenied, newlyAllowed, unknown, unchanged].map(({ tuples }) => tuples).join(' / ');
  }
  report.add({
    name: '30,000 tuples against two sets, nothing remembered',
    value: percentile(whole, 50),
    unit: 'CPU ms',
    ratio: `denied / allowed / unknown / unchanged: ${answer}`,
    bound: { op: '<=', value: 300 },
  });
  report.add({
    name: 'an edit of one policy: recompile and compare',
    value: percentile(edits, 50),
    unit: 'CPU ms',
    bound: { op: '<=', value: 100 },
  });
}

function cpuMs<T>(work: () => T): { readonly ms: number; readonly result: T } {
  const began = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(began);
  return { ms: (user + system) / 1000, result };
}

const namespaceOf = (workload: number): string => `team-${workload % NAMESPACES}`;
const labelsOf = (workload: number): string[] =>
  [
    `k8s:app=service-${workload}`,
    `k8s:tier=${workload % 3 === 0 ? 'core' : 'edge'}`,
    `k8s:io.kubernetes.pod.namespace=${namespaceOf(workload)}`,
    `k8s:io.cilium.k8s.policy.cluster=default`,
  ].toSorted();

/** A policy of one workload: whom it lets in or, of the last hundred, where it may go. `version` is the path of its HTTP rule. */
function policyOf(index: number, version = 'v1'): PolicyObject {
  const workload = index % WORKLOADS;
  const from = Array.from({ length: 6 }, (_, near) => ({
    matchLabels: {
      app: `service-${(workload + near * 20) % WORKLOADS}`,
      'k8s:io.kubernetes.pod.namespace': namespaceOf(workload + near * 20),
    },
  }));
  const http = index % 5 < 3 ? { rules: { http: [{ method: 'GET', path: `/${version}/.*` }] } } : {};
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name: `policy-${index}`, namespace: namespaceOf(workload) },
    spec: {
      endpointSelector: { matchLabels: { app: `service-${workload}` } },
      ...(index < WORKLOADS
        ? { ingress: [{ fromEndpoints: from, toPorts: [{ ports: [{ port: '8080', protocol: 'TCP' }], ...http }] }] }
        : {
            egress: [
              { toEndpoints: [{ matchExpressions: [{ key: 'k8s:io.kubernetes.pod.namespace', operator: 'Exists' }] }] },
              { toCIDRSet: [{ cidr: '198.51.0.0/16', except: ['198.51.100.0/24'] }] },
              { toFQDNs: [{ matchPattern: '*.example.com' }] },
            ],
          }),
    },
  };
}

function anInput(policies: readonly PolicyObject[]): JudgeInput {
  const peers = Array.from({ length: WORKLOADS }, (_, workload): ReplayPeer => ({
    name: `${namespaceOf(workload)}/service-${workload}`,
    namespace: namespaceOf(workload),
    workload: `service-${workload}`,
    identity: 10_000 + workload,
    labels: `set-${workload}`,
    addresses: [],
    moreAddresses: false,
    names: [],
  }));
  const outside = Array.from({ length: 300 }, (_, index): ReplayPeer => ({
    name: `fqdn:api-${index}.example.com`,
    namespace: '',
    workload: '',
    identity: 0,
    labels: '',
    addresses: [`198.51.${index % 250}.10`, `203.0.113.${index % 250}`],
    moreAddresses: false,
    names: [`api-${index}.example.com`],
  }));
  const tuples = Array.from({ length: TUPLES }, (_, index): ReplayTuple => {
    const source = (index * 7919) % WORKLOADS;
    const goesOut = index % 10 === 0;
    const destination = (source + 20 * (Math.floor(index / WORKLOADS) % 9)) % WORKLOADS;
    const request = !goesOut && index % 3 === 0;
    return {
      id: String(index),
      source: peers[source]!,
      destination: goesOut ? outside[index % outside.length]! : peers[destination]!,
      protocol: 'TCP',
      port: goesOut ? 443 : request || index % 7 < 5 ? 8080 : 8000 + (index % 40),
      icmpTypes: [],
      l7: request ? { kind: 'http', method: 'GET', host: 'service:8080', path: `/v1/things-${index}/{number}` } : null,
      paths: request ? [`/v1/things-${index}/1`, `/v1/things-${index}/22`, `/v1/things-${index}/333`] : [],
      other: false,
      oriented: true,
      flows: 1 + (index % 977),
      firstSeen: 1_772_460_000_000,
      lastSeen: 1_772_463_600_000,
      seen: [{ verdict: 'FORWARDED', dropReason: '', flows: 1 + (index % 977) }],
    };
  });
  const world: World = {
    config: {},
    namespaces: Object.fromEntries(Array.from({ length: NAMESPACES }, (_, index) => [`team-${index}`, {}])),
    endpoints: Array.from({ length: WORKLOADS * 3 }, (_, index) => ({
      id: `${namespaceOf(index % WORKLOADS)}/service-${index % WORKLOADS}-${index}`,
      namespace: namespaceOf(index % WORKLOADS),
      workload: `service-${index % WORKLOADS}`,
      labels: { app: `service-${index % WORKLOADS}`, tier: (index % WORKLOADS) % 3 === 0 ? 'core' : 'edge' },
    })),
    nodes: [],
    ips: [],
    fqdnCache: {},
    cidrGroups: [],
    services: [],
    missing: ['names'],
  };
  const labelSets = new Map(peers.map((peer, workload) => [peer.labels, labelsOf(workload)]));
  return { world, policies, setHash: hashOfSet(policies), tuples, labelSets, from: 0, to: 1, incompleteMinutes: 0 };
}

const setOf = (world: World, policies: readonly PolicyObject[]): JudgedSet => ({
  policies,
  hash: hashOfSet(policies),
  compiled: compilePolicies(world, policies),
});
