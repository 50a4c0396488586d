import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_REDACTION } from '#lib/flow/redact.ts';
import type { ObjectSource } from '#lib/kubernetes/object.ts';
import { followKubernetes } from '#lib/kubernetes/source.ts';
import { compilePolicies } from '#lib/policy/compile.ts';
import { decide } from '#lib/policy/decide.ts';
import { followRelay } from '#lib/relay/follow.ts';
import { type Hubble, hubbleMissing, startHubble } from '#lib/testing/hubble.ts';
import { type Kubernetes, kubernetesMissing, startKubernetes } from '#lib/testing/kubernetes.ts';
import { until } from '#lib/testing/postgres.ts';
import { WorldBuilder } from '#lib/world/world-builder.ts';
import { auditToJson, type AuditJson, type FindingJson } from './audit-json.ts';
import { Auditor } from './audit.ts';

/** The agents go round in about 8,000 different flows. */
const FLOWS = 20_000;

describe.skipIf(hubbleMissing() ?? kubernetesMissing())('the cluster, live: real relay, agents and API server', () => {
  let hubble: Hubble;
  let kubernetes: Kubernetes;
  let source: ObjectSource;
  const builder = new WorldBuilder();

  beforeAll(async () => {
    [hubble, kubernetes] = await Promise.all([startHubble({ rate: 3000, nodes: 4 }), startKubernetes()]);
    await kubernetes.seedRecordedWorld();
    source = followKubernetes(
      { kubeconfig: kubernetes.reader },
      {
        changed(changes) {
          for (const { type, object } of changes) if (type === 'put') builder.put(object);
        },
        stateChanged() {},
      },
    );
    await until(() => source.isRead, 'the objects to be read');
    for (const { kind, state } of source.states()) builder.setKnown(kind, state === 'ready');
  }, 180_000);

  afterAll(async () => {
    await source?.close();
    hubble?.stop();
    kubernetes?.stop();
  });

  async function auditLive(): Promise<AuditJson> {
    const facts = builder.build();
    const auditor = new Auditor(facts);
    const stop = new AbortController();
    let flows = 0;
    for await (const batch of followRelay({ address: hubble.relay, tls: false }, { redaction: NO_REDACTION }, stop.signal)) {
      for (const event of batch) {
        if (event.kind !== 'flow') continue;
        auditor.add(event.flow);
        flows++;
      }
      if (flows >= FLOWS) stop.abort();
    }
    const compiled = compilePolicies(auditor.world(), facts.policies);
    return auditToJson(auditor.audit((question) => decide(compiled, question)));
  }

  test('has the findings of the recording, and no others', async () => {
    const { counts, tuples, findings } = await auditLive();
    const expected = JSON.parse(readFileSync(resolve('../shared/flows/expected-audit.json'), 'utf8')) as AuditJson;
    expect(counts.lines).toBeGreaterThanOrEqual(FLOWS);
    expect(told(findings)).toEqual(told(expected.findings));
    const unsaid = tuples.filter(({ agree, finding, note = '' }) => agree !== true && !finding && !note.startsWith('Kafka'));
    expect(unsaid).toEqual([]);
  }, 120_000);
});

/** What and between whom, sorted; how often a rare edge is seen depends on how long one looks, and which ports are tried on the traffic's seed. */
const told = (findings: readonly FindingJson[]): string[] =>
  findings
    .filter(({ kind }) => kind !== 'rare-edge')
    .map(({ kind, source, destination, protocol, port, l7, field, value, parent, dropReason, deniedBy, rulesOf, revisions }) =>
      JSON.stringify({
        kind,
        source,
        destination,
        protocol,
        port,
        l7,
        field,
        value,
        parent,
        dropReason,
        deniedBy,
        rulesOf,
        revisions,
      }),
    )
    .toSorted();
