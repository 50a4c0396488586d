import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { LedgerBuffer } from '#lib/ledger/aggregate.ts';
import { type CompiledPolicies, compilePolicies } from '#lib/policy/compile.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { recordedObjects } from '#lib/testing/recorded-world.ts';
import { recordedFlows, recordingMissing } from '#lib/testing/recording.ts';
import { Attribution } from '#lib/topology/attribution.ts';
import { factsOf } from '#lib/world/world-builder.ts';
import { reportAudit } from './audit-report.ts';
import { auditingWorkloads, auditLedger, type LedgerAudit, type SetsAtItsTime } from './ledger-audit.ts';
import type { CountedTuple } from './replay-tuples.ts';

describe.skipIf(recordingMissing())('the recording, as the ledger keeps it', () => {
  let compiled: CompiledPolicies;
  let open: CompiledPolicies;
  let audited: (setsOf: (row: CountedTuple) => SetsAtItsTime) => LedgerAudit;

  beforeAll(() => {
    const attribution = new Attribution();
    const ledger = new LedgerBuffer({
      directory: attribution.directory,
      namesOf: (ip, time) => attribution.names.namesOf(ip, time),
    });
    for (const flow of recordedFlows()) ledger.add(flow, attribution.attribute(flow));
    const { tuples, counts, labelSets, identities } = ledger.drain();
    const flows = new Map<string, number>();
    for (const count of counts) flows.set(count.tuple, (flows.get(count.tuple) ?? 0) + count.flows);
    const rows = tuples.map((tuple) => ({ ...tuple, flows: flows.get(tuple.id) ?? 0 }));
    const byIdentity = new Map(identities.map(({ identity, labelSet }) => [identity, labelSet]));
    const { world, policies, inventory } = factsOf(recordedObjects());
    compiled = compilePolicies(world, policies);
    open = compilePolicies(world, []);
    audited = (setsOf) =>
      auditLedger(rows, {
        inventory,
        policies: policies.map(refOf),
        labelSets: new Map(labelSets.map(({ hash, labels }) => [hash, labels])),
        labelSetOf: (identity) => byIdentity.get(identity),
        audits: auditingWorkloads(inventory),
        setsOf,
      });
  }, 60_000);

  test('has the findings that its flows have, of the kinds that counts can show', () => {
    const { findings } = audited(() => ({ sets: [compiled] }));
    const expected = JSON.parse(readFileSync('../shared/flows/expected-audit.json', 'utf8')) as { findings: { kind: string }[] };
    const counted = (list: readonly { readonly kind: string }[], kind: string) =>
      list.filter((each) => each.kind === kind).length;
    const kinds = [
      'enforcement-gap',
      'unknown-identity',
      'l7-outside-policy',
      'port-scan',
      'deny-rule-drop',
      'default-deny-drop',
      'auth-required-drop',
      'audit-verdict',
      'l7-denied',
      'proxy-error',
      'drop-not-policy',
      'rare-edge',
      'unexplained',
    ];
    expect(kinds.map((kind) => [kind, counted(findings, kind)])).toEqual(
      kinds.map((kind) => [kind, counted(expected.findings, kind)]),
    );
  });

  test('agrees with the policies but for what was planted', () => {
    const { tuples: judged, findings } = audited(() => ({ sets: [compiled] }));
    const { agree, disagree, notJudgeable } = reportAudit(judged, findings);
    expect(agree.tuples).toBeGreaterThan(300);
    expect(disagree.tuples).toBeLessThan(8);
    expect(notJudgeable.tuples).toBeLessThan(40);
  });

  test('is not judgeable where policies changed while it was seen and the sets disagree', () => {
    const { tuples: judged } = audited(() => ({ sets: [compiled, open] }));
    expect(judged.some(({ note }) => note?.startsWith('Policies changed while it was seen'))).toBe(true);
    expect(judged.some(({ agree }) => agree === true)).toBe(true);
  });
});
