import { describe, expect, test } from 'vitest';
import { type Audit, Auditor } from '#lib/audit/audit.ts';
import { compilePolicies } from '#lib/policy/compile.ts';
import { decide } from '#lib/policy/decide.ts';
import { readDocuments } from '#lib/kubernetes/documents.ts';
import { factsOf } from '#lib/world/world-builder.ts';
import { parts, type Part } from './demo.ts';
import { Player } from './player.ts';

const START = 1_795_000_000_000;
const MINUTES = 20;

/** Traffic that policy does not explain, by design: see the production cluster's FINDINGS in `exchanges.ts`. */
const PLANTED: Readonly<Record<Part['environment'], readonly string[]>> = {
  PRD: ['edge-proxy web-bff /debug/pprof/heap', 'grafana ledger ', 'web-bff checkout-api /v1/orders/812/card-token'],
  TST: [],
  DEV: [],
};

/** What Causeway's own audit says of a demo cluster: its flows against its objects. */
function auditOf({ world, character, objects }: Part): Audit {
  const facts = factsOf(objects);
  const auditor = new Auditor(facts);
  const player = new Player({ world, character, seed: 7, from: START, fullAt: START, storyAt: START });
  for (const flow of player.advance(START + MINUTES * 60_000)) auditor.add(flow);
  const compiled = compilePolicies(auditor.world(), facts.policies);
  return auditor.audit((question) => decide(compiled, question));
}

describe.each(parts(1))('the objects of the $environment cluster', (part) => {
  const { objects, world } = part;

  test('are read as those of a cluster, with every pod, identity and policy', () => {
    const { objects: read, problems } = readDocuments(JSON.stringify({ kind: 'List', items: objects }));
    expect(problems).toEqual([]);
    const { world: facts, policies, inventory } = factsOf(read);
    const pods = [...world.workloads.values()].flatMap((workload) => workload.pods);
    expect(facts.missing).toEqual(['cidrGroups', 'names']);
    expect(facts.config.clusterName).toBe(world.cluster);
    expect(policies).toHaveLength(30);
    const managed = [...inventory.pods.values()].filter((pod) => pod.managed).map(({ id }) => id);
    expect(managed.toSorted()).toEqual(pods.map(({ endpoint }) => `${endpoint.namespace}/${endpoint.podName}`).toSorted());
    for (const { endpoint, node, ip } of pods) {
      expect(inventory.podByIp.get(ip)).toMatchObject({
        name: endpoint.podName,
        identity: endpoint.identity,
        nodeName: node.shortName,
        workload: endpoint.workload ?? { name: endpoint.podName, kind: 'Pod' },
      });
      expect(inventory.identities?.get(endpoint.identity)?.labels).toEqual(endpoint.labels.toSorted());
    }
  });

  test('explain every flow but those that an audit is meant to find', () => {
    const { tuples, findings } = auditOf(part);
    const disagreeing = tuples.filter(({ agree }) => agree === false);
    const pairs = disagreeing.map(({ source, destination, l7 }) =>
      [source.workload, destination.workload, l7 && 'http' in l7 ? l7.http.path : ''].join(' '),
    );
    expect([...new Set(pairs)].toSorted()).toEqual(PLANTED[part.environment]);
    const kinds = new Set<string>(findings.map(({ kind }) => kind));
    expect(kinds.has('unexplained')).toBe(false);
    expect(kinds.has('enforcement-gap')).toBe(part.environment === 'PRD');
    expect(tuples.filter(({ agree }) => agree === true).length).toBeGreaterThan(tuples.length * 0.85);
  });
});
