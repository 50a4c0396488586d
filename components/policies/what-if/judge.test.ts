import { describe, expect, test } from 'vitest';
import { compareSets } from '#lib/audit/compare.ts';
import { candidateSet, hashOfSet } from '#lib/audit/candidate.ts';
import { type JudgeInput, judgeInputOfJson, judgeInputToJson } from '#lib/audit/judge-input.ts';
import { compilePolicies } from '#lib/policy/compile.ts';
import type { PolicyObject } from '#lib/policy/model.ts';
import { parsePolicies } from '#lib/policy/parse.ts';
import { recordedInput, recordedInputMissing } from '#lib/testing/judge-input.ts';
import { Judge } from './judge.ts';
import type { Candidate } from './judge-messages.ts';

const now = () => 0;
const candidate = (text: string, more: Partial<Candidate> = {}): Candidate => ({ text, mode: 'merge', removes: [], ...more });
const judgeOf = (input: JudgeInput) => new Judge(judgeInputOfJson(JSON.parse(JSON.stringify(judgeInputToJson(input)))));
const LOCKED = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: nobody, namespace: payments }
spec:
  endpointSelector: { matchLabels: { app: ledger } }
  ingressDeny:
    - fromEntities: [all]
`;

describe.skipIf(recordedInputMissing())('in the recorded world', () => {
  test('the set in force as a candidate changes nothing, as a text and policy by policy', () => {
    const judge = judgeOf(recordedInput());
    const texts = judge.inForce();
    expect(texts.length).toBeGreaterThan(10);
    const all = judge.judge(candidate(texts.map(({ text }) => text).join('---\n'), { mode: 'replace' }), now);
    expect(all.report).toMatchObject({
      added: [],
      removed: [],
      changed: [],
      newlyDenied: { tuples: 0 },
      newlyAllowed: { tuples: 0 },
    });
    expect(all.report?.unchanged.tuples).toBeGreaterThan(50);
    for (const { ref, text } of texts)
      expect(judge.judge(candidate(text), now)).toMatchObject({ refs: [ref], report: { changed: [] } });
  });

  test('an edit in the browser is judged like the same set made from nothing', () => {
    const input = recordedInput();
    const judge = judgeOf(input);
    judge.judge(candidate(LOCKED.replace('ledger', 'fraud-scorer')), now);
    const { report } = judge.judge(candidate(LOCKED), now);
    const given = parsePolicies(LOCKED).objects.map(({ object }) => object);
    const set = (policies: readonly PolicyObject[]) => ({
      policies,
      hash: hashOfSet(policies),
      compiled: compilePolicies(input.world, policies),
    });
    const whole = compareSets(
      input,
      { ...set(input.policies), hash: input.setHash },
      set(candidateSet(input.policies, given, 'merge').policies),
    );
    expect(report?.newlyDenied.tuples).toBeGreaterThan(0);
    expect(report).toEqual({ ...whole, problems: [], judgedMs: 0 });
  });

  test('what is taken away is judged as gone', () => {
    const judge = judgeOf(recordedInput());
    const [first] = judge.inForce();
    const { report } = judge.judge(candidate('', { removes: [first?.ref ?? ''] }), now);
    expect(report?.removed).toEqual([first?.ref]);
  });

  test('completion knows labels, namespaces, ports and names that are there', () => {
    const facts = judgeOf(recordedInput()).facts();
    expect(facts?.labels.find(({ key }) => key === 'app')?.values).toContain('ledger');
    expect(facts?.namespaces).toContain('payments');
    expect(facts?.ports.map(({ port }) => port)).toContain('9090');
  });
});

test('a text that cannot be read whole has no effect, and the place of the fault is said', () => {
  const { report, remarks, refs } = new Judge(undefined).judge(candidate(`${LOCKED}---\nspec: [\n`), now);
  expect(report).toBeUndefined();
  expect(refs).toEqual(['cnp:payments/nobody']);
  expect(remarks[0]).toMatchObject({ severity: 'error', rule: 'unreadable' });
  expect(remarks[0]?.line).toBeGreaterThanOrEqual(9);
});

test('what the API server and the agent both refuse is said once, at its line', () => {
  const text = LOCKED.replace('[all]', '[alle]');
  const { remarks } = new Judge(undefined).judge(candidate(text), now);
  const errors = remarks.filter(({ severity }) => severity === 'error');
  expect(errors.map(({ message }) => message).join()).toContain('alle');
  expect(new Set(errors.map(({ id }) => id)).size).toBe(errors.length);
  expect(errors[0]?.line).toBe(7);
});

test('objects of other kinds are left out, and that is said', () => {
  const { remarks, refs } = new Judge(undefined).judge(candidate('kind: ConfigMap\nmetadata: { name: x }\n'), now);
  expect(refs).toEqual([]);
  expect(remarks).toMatchObject([{ severity: 'note', rule: 'other-kind', message: '1 object of kind ConfigMap is left out' }]);
});
