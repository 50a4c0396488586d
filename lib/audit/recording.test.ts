import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseLine } from '#lib/flow/parse.ts';
import { NO_REDACTION } from '#lib/flow/redact.ts';
import { compilePolicies } from '#lib/policy/compile.ts';
import { decide } from '#lib/policy/decide.ts';
import { recordedObjects } from '#lib/testing/recorded-world.ts';
import { linesOf, RECORDING, recordingMissing } from '#lib/testing/recording.ts';
import { factsOf } from '#lib/world/world-builder.ts';
import { auditToJson, type AuditJson, type FindingJson, type TupleJson } from './audit-json.ts';
import { Auditor } from './audit.ts';
import { FINDING_KINDS } from './finding-kinds.ts';

/** What Cilium's own engine says of the recording, in the same form. */
const EXPECTED_AUDIT = resolve('../shared/flows/expected-audit.json');

/** The recording audited, as JSON that has been written and read; all texts changed before as `edit` says. */
function auditRecording(edit = (text: string): string => text): AuditJson {
  const facts = factsOf(recordedObjects([], edit));
  const auditor = new Auditor(facts);
  for (const line of linesOf(RECORDING).map(edit)) {
    const parsed = parseLine(line, { redaction: NO_REDACTION });
    if (parsed.ok && parsed.event.kind === 'flow') auditor.add(parsed.event.flow, (JSON.parse(line) as { time: string }).time);
  }
  const compiled = compilePolicies(auditor.world(), facts.policies);
  return JSON.parse(JSON.stringify(auditToJson(auditor.audit((question) => decide(compiled, question))))) as AuditJson;
}

/** What makes a tuple the one that it is. */
const keyOf = ({ event, direction, source, destination, protocol, port, l7, observed }: TupleJson): string =>
  JSON.stringify({ event, direction, source, destination, protocol, port, l7, observed });

describe.skipIf(recordingMissing())('the recording, audited', () => {
  let audit: AuditJson;
  let expected: AuditJson;

  beforeAll(() => {
    audit = auditRecording();
    expected = JSON.parse(readFileSync(EXPECTED_AUDIT, 'utf8')) as AuditJson;
  });

  test('counts what Cilium’s engine counted', () => expect(audit.counts).toEqual(expected.counts));

  test('has the same kinds of traffic, each with the same flows', () => {
    const seen = (tuples: readonly TupleJson[]) =>
      Object.fromEntries(tuples.map((tuple) => [keyOf(tuple), [tuple.count, tuple.first, tuple.last, tuple.nodes, tuple.uuids]]));
    expect(seen(audit.tuples)).toEqual(seen(expected.tuples));
  });

  test('judges each as Cilium’s engine does, and says the same where it cannot', () => {
    const judged = (tuples: readonly TupleJson[]) =>
      Object.fromEntries(tuples.map((tuple) => [keyOf(tuple), [tuple.expected, tuple.agree, tuple.finding, tuple.note]]));
    expect(judged(audit.tuples)).toEqual(judged(expected.tuples));
  });

  test.each(FINDING_KINDS)('finds each %s, and no other', (kind) => {
    const found = (findings: readonly FindingJson[]) => findings.filter((finding) => finding.kind === kind);
    expect(found(audit.findings)).toEqual(found(expected.findings));
  });

  test('rests on no name, address or number: with others it is the same', () => {
    const others: readonly [string, string][] = [
      ['aegis-production', 'aegis-staging'],
      ['payments', 'payroll'],
      ['ledger', 'lexicon'],
      ['debug-shell', 'debug-shell-0'],
      ['sync-cdn', 'sync-net'],
      ['ip-10-20-', 'ip-10-21-'],
      ['10.20.', '10.21.'],
      ['24587', '24588'],
      ['60417', '51999'],
    ];
    const edit = (text: string): string => others.reduce((edited, [from, to]) => edited.replaceAll(from, to), text);
    const { engine: _, ...renamed } = JSON.parse(edit(readFileSync(EXPECTED_AUDIT, 'utf8'))) as AuditJson;
    expect(auditRecording(edit)).toMatchObject(renamed);
  });
});
