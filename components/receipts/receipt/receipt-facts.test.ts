import { beforeAll, expect, test } from 'vitest';
import type { Receipt } from '#lib/receipts/receipt.ts';
import { anEvidence, TestNotary } from '#lib/testing/receipts.ts';
import { behindFacts, findingFacts, seenFacts } from './receipt-facts.ts';
import { wayOf } from './way.ts';

let receipt: Receipt;

beforeAll(async () => {
  receipt = await new TestNotary().receipt([anEvidence()]);
});

const seen = (more: Partial<Receipt>) => new Map(seenFacts({ ...receipt, ...more }).map((fact) => [fact.name, fact]));
const behind = (more: Partial<Receipt>) => new Map(behindFacts({ ...receipt, ...more }).map((fact) => [fact.name, fact]));
const flow = (more: Partial<NonNullable<Receipt['flow']>>): Partial<Receipt> => ({
  flow: receipt.flow && { ...receipt.flow, ...more },
});

test('the ends are told by workload, with pod, address and identity below', () => {
  expect(seen({}).get('Source')).toEqual({
    name: 'Source',
    value: 'web-bff',
    quiet: 'gateway/',
    mono: true,
    more: ['pod web-bff-vtt5s9lh8-b8wpk', '10.20.4.17, identity 11347'],
  });
  expect(seen(flow({ destination: { identity: 2, entity: 'world', ip: '203.0.113.9' } })).get('Destination')).toMatchObject({
    value: 'world',
    more: ['203.0.113.9, identity 2'],
  });
  expect(seen(flow({ destination: { identity: 77 } })).get('Destination')).toMatchObject({ value: 'identity 77', more: [] });
});

test('a drop says its reason, what was forwarded its direction', () => {
  expect(seen({}).get('Reason')).toMatchObject({ value: 'POLICY_DENIED', more: ['egress'] });
  const { drop_reason: _reason, ...forwarded } = receipt.flow ?? anEvidence().flow ?? never();
  expect(seen({ flow: { ...forwarded, verdict: 'FORWARDED' } }).get('Direction')?.value).toBe('egress');
});

test('an aggregate says how many it stands for, and which are examples', () => {
  const aggregate = {
    count: '4200',
    first_at: '2026-03-02T14:01:00.000000Z',
    last_at: '2026-03-02T14:01:59.000000Z',
    samples: ['u1'],
  };
  expect(seen(flow({ aggregate })).get('Flows')).toMatchObject({ value: '4,200 counted together' });
  expect(seen(flow({ aggregate })).get('Flows')?.more?.at(-1)).toBe('e.g. u1');
});

test('a finding gives its subject and reasons, and needs no flow', () => {
  const { flow: _flow, ...rest } = receipt;
  const finding = { rule: 'R6' as const, severity: 'suspected' as const, reasons: ['changed', 'no record'], subject: 'cnp:a/b' };
  const found: Receipt = { ...rest, observation: { ...receipt.observation, class: 'finding', finding } };
  expect(findingFacts(found)).toEqual([
    { name: 'Finding', value: 'R6, suspected: policy tamper' },
    { name: 'About', value: 'cnp:a/b', mono: true },
    { name: 'Reasons', value: 'changed', more: ['no record'] },
  ]);
  expect(seenFacts(found).map(({ name }) => name)).toEqual(['Observed', 'Why']);
  expect(behindFacts(found).map(({ name }) => name)).not.toContain('Encrypted');
  expect(findingFacts(receipt)).toEqual([]);
});

test('what encryption rests on is told once, in the shorter column', () => {
  const policy = [{ ref: 'cnp:a/b' }, { ref: 'cnp:a/c' }];
  expect([seen({ policy }).has('Encrypted'), behind({ policy }).has('Encrypted')]).toEqual([true, false]);
  expect([seen({}).has('Encrypted'), behind({}).has('Encrypted')]).toEqual([false, true]);
});

test('what a policy, encryption and SPIFFE rest on is said beside them', () => {
  const facts = new Map([...behind({}), ...seen({})]);
  expect(facts.get('Policy')).toMatchObject({
    value: 'cnp:gateway/bff-to-checkout',
    more: ['gen 6, spec 141414…1414'],
  });
  expect(facts.get('Named by')?.value).toBe('Hubble, in the event itself');
  expect(facts.get('Encrypted')).toMatchObject({ value: 'unknown', more: ['the event does not say'] });
  expect(facts.get('SPIFFE')?.value).toBe('none recorded');
  expect(behind({ policy: [] }).get('Policy')).toBeUndefined();
});

test('what the batch did not see is said with what it saw', () => {
  const proof = receipt.proof ?? never();
  const completeness = {
    nodes_expected: 4,
    nodes_connected: 3,
    lost_events: [{ node: 'a', source: 'HUBBLE_RING_BUFFER', count: '12' }],
    stream_gaps: [{ from: '2026-03-02T14:01:00.000000Z', to: '2026-03-02T14:01:59.000000Z', reason: 'reconnect' }],
    clock_skew_ms_max: 4,
  };
  expect(behind({ proof: { ...proof, header: { ...proof.header, completeness } } }).get('Batch saw')).toMatchObject({
    value: '3 of 4 nodes, 12 events lost',
    more: ['0 ms long, clock skew 4 ms', '1 gap in the stream'],
  });
});

test('the way ends where the proof ends', () => {
  const reached = (of: Receipt, names: readonly string[] = []) =>
    wayOf(of, { witnesses: names.map((name) => ({ name, time: 1 })) })
      .stops.map((stop) => Number(stop.reached))
      .join('');
  const { proof, ...bare } = receipt;
  expect(reached(receipt, ['w'])).toBe('11111');
  expect(reached(receipt)).toBe('11110');
  expect(reached({ ...bare, ...(proof && { proof: { batch_path: [], header: proof.header } }) })).toBe('11000');
  expect(reached(bare)).toBe('10000');
  expect(reached({ ...bare, ...(proof && { proof: { ...proof, checkpoint: 'no note' } }) })).toBe('11000');
});

function never(): never {
  throw new Error('the builder makes a flow with a proof');
}
