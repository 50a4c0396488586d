import { beforeAll, expect, test } from 'vitest';
import { anEvidence, TestNotary } from '#lib/testing/receipts.ts';
import type { Evidence, Receipt } from './receipt.ts';
import { notClaimedBy, type Standing, statementOf, statementText, timeWords } from './statement.ts';

let receipt: Receipt;
let key: string;

beforeAll(async () => {
  receipt = await new TestNotary().receipt([anEvidence()]);
  key = receipt.signature.kid;
});

const SEEN: Standing = { checkpoint: 812_406, witnesses: ['security-witness'] };
const { flow: FLOW, observation: OBSERVATION } = anEvidence();

/** The receipt as it would be of other evidence: the statement looks at nothing that is signed over. */
function said(evidence: Partial<Evidence>, standing: Standing | undefined = SEEN): string {
  return statementText(statementOf({ ...receipt, ...evidence }, standing)).replace(key, 'K');
}

const AT = 'At 2 March 2026, 14:02:41.204113 UTC this witness, holding key K,';
const LOGGED = 'The record has been in an append-only log since checkpoint 812,406, and witness security-witness saw that head.';

test('a drop is stated in the words that a receipt may use', () => {
  expect(said({})).toBe(
    `${AT} recorded that Hubble on node ip-10-20-4-11 reported the flow below with verdict DROPPED, while the API server held policy gateway/bff-to-checkout at generation 6. ${LOGGED}`,
  );
});

const observed = (more: Partial<Evidence['observation']>): Partial<Evidence> => ({ observation: { ...OBSERVATION, ...more } });
const aggregate = {
  count: '1234567',
  first_at: '2026-03-02T14:01:00.000000Z',
  last_at: '2026-03-02T14:01:59.500000Z',
  samples: [],
};

test.each([
  {
    name: 'an aggregate counts and says from when to when',
    evidence: { ...observed({ class: 'aggregate' }), flow: FLOW && { ...FLOW, verdict: 'FORWARDED' as const, aggregate } },
    says: 'reported 1,234,567 flows like the one below, from 2 March 2026, 14:01:00.000000 UTC to 2 March 2026, 14:01:59.500000 UTC, with verdict FORWARDED',
  },
  {
    name: 'one that was asked for says so',
    evidence: observed({ class: 'attested' }),
    says: `${AT} asked to attest it, recorded that Hubble`,
  },
  {
    name: 'one of a time in which all is recorded says so',
    evidence: observed({ class: 'full' }),
    says: 'in a time in which every flow is recorded, recorded that Hubble',
  },
  {
    name: 'a finding about a flow names its rule first',
    evidence: observed({ class: 'finding', finding: { rule: 'R1', severity: 'confirmed', reasons: ['x'] } }),
    says: 'recorded a finding of rule R1 (enforcement gap), confirmed: Hubble on node ip-10-20-4-11 reported the flow below with verdict DROPPED, while',
  },
  {
    name: 'a policy that the engine named is not laid at Hubble’s door',
    evidence: observed({ policy_attribution: 'engine' }),
    says: 'at generation 6, named by the console’s engine and not by Hubble. The record',
  },
  { name: 'no policy is said', evidence: { policy: [] }, says: 'with verdict DROPPED, with no policy named for it. The record' },
  {
    name: 'of several policies three are named',
    evidence: { policy: ['cnp:a/1', 'ccnp:2', 'knp:a/3', 'cnp:a/4', 'cnp:a/5'].map((ref) => ({ ref })) },
    says: 'while the API server held policies a/1, 2, a/3 and 2 more. The record',
  },
  {
    name: 'two policies are joined by a word',
    evidence: { policy: [{ ref: 'cnp:a/1', generation: 2 }, { ref: 'ccnp:2' }] },
    says: 'held policies a/1 at generation 2 and 2. The record',
  },
  {
    name: 'a node that is not known is not made up',
    evidence: observed({ node: '' }),
    says: 'recorded that Hubble reported the flow below',
  },
] satisfies { name: string; evidence: Partial<Evidence>; says: string }[])('$name', ({ evidence, says }) => {
  expect(said(evidence)).toContain(says);
});

test('a finding without a flow says what it is about, and nothing of Hubble', () => {
  const { flow: _flow, ...rest } = receipt;
  const finding = {
    rule: 'R6',
    severity: 'suspected',
    reasons: ['x'],
    subject: 'cnp:shop/a',
  } satisfies Receipt['observation']['finding'];
  const policyless: Receipt = { ...rest, policy: [], observation: { ...OBSERVATION, class: 'finding', finding } };
  const text = statementText(statementOf(policyless, SEEN)).replace(key, 'K');
  expect(text).toBe(`${AT} recorded a finding of rule R6 (policy tamper), suspected, about cnp:shop/a. ${LOGGED}`);
  expect(notClaimedBy(policyless)[0]).toBe('that any packet was really stopped or delivered');
});

test.each([
  { standing: { witnesses: [] }, says: 'The record is signed, and no signed head of the log is known to hold it yet.' },
  { standing: { checkpoint: 7, witnesses: [] }, says: 'since checkpoint 7, and no witness is known to have seen that head.' },
  { standing: { checkpoint: 7, witnesses: ['a', 'b', 'c'] }, says: 'checkpoint 7, and witnesses a, b and c saw that head.' },
])('it says no more of log and witnesses than stands: $says', ({ standing, says }) => {
  expect(said({}, standing).endsWith(says)).toBe(true);
});

test('where nothing was verified it says nothing of log and witnesses', () => {
  const text = statementText(statementOf(receipt, undefined));
  expect(text.endsWith('gateway/bff-to-checkout at generation 6.')).toBe(true);
});

test('what is not claimed fits what was reported', () => {
  expect(notClaimedBy(receipt)).toEqual([
    'that the packet was really stopped',
    'that no other packet passed',
    'that the node was honest',
    'that a SPIFFE identity authenticated',
    'that the flow was encrypted end to end',
    'that the datapath had this policy text loaded at that instant',
  ]);
  const forwarded = FLOW && { ...FLOW, verdict: 'FORWARDED' as const, aggregate };
  expect(notClaimedBy({ ...receipt, flow: forwarded })[0]).toBe('that the packets were really delivered');
  expect(notClaimedBy({ ...receipt, flow: FLOW && { ...FLOW, verdict: 'AUDIT' } })[0]).toMatch(/stopped or delivered/);
});

test('a statement never says that something was enforced, denied or proved', () => {
  for (const verdict of ['FORWARDED', 'DROPPED', 'ERROR', 'AUDIT', 'REDIRECTED'] as const)
    expect(said({ flow: FLOW && { ...FLOW, verdict } })).not.toMatch(/enforce|denied|blocked|prove|guarantee/i);
});

test('a time has all the digits of the receipt', () => {
  expect(timeWords('2026-12-31T00:00:00.000001Z')).toBe('31 December 2026, 00:00:00.000001 UTC');
});
