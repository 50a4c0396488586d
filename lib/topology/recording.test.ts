import { describe, expect, test } from 'vitest';
import { recordedFlows, recordingMissing } from '#lib/testing/recording.ts';
import { RollingTopology } from './rolling.ts';
import type { Coverage, Level, MapEdge } from './topology.ts';

const coverage: Coverage = {
  nodesReporting: 4,
  nodesExpected: 4,
  missing: [],
  lost: {},
  lostTotal: 0,
  gaps: [],
  newestFlow: undefined,
};

describe.skipIf(recordingMissing() !== undefined)('the recorded cluster', () => {
  const topology = new RollingTopology({ cluster: 'aegis-production' });
  const flows = recordingMissing() === undefined ? recordedFlows() : [];
  for (const flow of flows) topology.add(flow);
  const [first, last] = [flows[0]?.time ?? 0, flows.at(-1)?.time ?? 0];
  const map = (level: Level) => topology.snapshot(level, first, last + 1, last, coverage);
  const sum = (count: (edge: MapEdge) => number) => map('workload').edges.reduce((total, edge) => total + count(edge), 0);

  test('every flow is counted, by verdict as the README of the recording says', () => {
    const verdicts = new Map<string, number>();
    for (const edge of map('namespace').edges) {
      for (const [verdict, count] of Object.entries(edge.verdicts)) verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + count);
    }
    expect(Object.fromEntries(verdicts)).toEqual({
      FORWARDED: 4262,
      DROPPED: 355,
      REDIRECTED: 354,
      TRACED: 11,
      TRANSLATED: 11,
      AUDIT: 5,
      ERROR: 3,
    });
  });

  test('each dropped packet is one drop: 183 in the datapath, 11 by the proxy', () => {
    expect(sum((edge) => Object.values(edge.drops).reduce((total, count) => total + count, 0))).toBe(194);
    expect(sum((edge) => edge.drops['L7_DENIED'] ?? 0)).toBe(11);
    expect(sum((edge) => edge.drops['POLICY_DENIED'] ?? 0)).toBe(134);
  });

  test('the one edge that left its node in clear is found, twice, and no other', () => {
    const plaintext = map('workload').edges.filter((edge) => edge.encryption.plaintext > 0);
    expect(plaintext.map((edge) => [edge.key, edge.encryption.plaintext])).toEqual([
      ['payments/ledger->payments/payments-db:TCP/5432', 2],
    ]);
  });

  test('encrypted packets are those at to-crypto and the outer ones between nodes', () => {
    expect(sum((edge) => edge.encryption.encrypted)).toBe(243 + 53);
  });

  test('the workloads and the outside are named as people would', () => {
    const kinds = new Map(map('workload').nodes.map((node) => [node.id, node.kind]));
    expect(kinds.get('kube-system/coredns')).toBe('dns');
    expect(kinds.get('gateway/edge-proxy')).toBe('gateway');
    expect(kinds.get('entity:kube-apiserver')).toBe('entity');
    expect(kinds.get('fqdn:api.riskdata.example')).toBe('external');
    expect(kinds.get('gateway/debug-shell')).toBe('workload');
    expect(
      map('namespace')
        .nodes.filter(({ kind }) => kind === 'namespace')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['gateway', 'kube-system', 'monitoring', 'payments', 'spire-server']);
  });

  test('replies are folded: nothing is called from where the answers went', () => {
    const toClients = map('workload').edges.filter(
      ({ destination, port }) => destination === 'gateway/web-bff' && ![3000, 9102].includes(port),
    );
    expect(toClients).toEqual([]);
  });

  test('the scan of the debug shell is folded and reported', () => {
    expect(topology.attribution.directory.findings).toMatchObject([
      { kind: 'ports', source: 'gateway/debug-shell', destination: 'payments/ledger' },
    ]);
  });
});
