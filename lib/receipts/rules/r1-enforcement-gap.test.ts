import { describe, expect, test } from 'vitest';
import { anEndpoint, host } from '#lib/testing/flows.ts';
import { aRuleContext, aSample, aVerdict, closingLedger, SEEN_AT } from '#lib/testing/rules.ts';
import { enforcementGaps, excuseOf } from './r1-enforcement-gap.ts';

const CLOSED = { policies: [closingLedger('fraud-scorer')] };
const severities = (...given: Parameters<typeof enforcementGaps>): string[] =>
  enforcementGaps(...given).sightings.map(({ severity }) => severity);

describe('R1, let through what policy denies', () => {
  test('fires where a verdict let through what no rule allows, and is confirmed by the second flow', () => {
    const { sightings, looked, notEvaluable } = enforcementGaps([aSample(aVerdict())], aRuleContext(CLOSED));
    expect(sightings).toMatchObject([
      { rule: 'R1', severity: 'confirmed', subject: 'payments/checkout-api → payments/ledger TCP/9090', count: 2 },
    ]);
    expect(sightings[0]?.reasons[0]).toBe(
      'Node ip-10-20-2-11 let it through; by the policies in force ingress is denied: the endpoint is closed and no rule allows it.',
    );
    expect({ looked, notEvaluable }).toEqual({ looked: 2, notEvaluable: [] });
  });

  test('is only suspected when it was seen once, unless it was seen in an earlier window', () => {
    const once = aSample(aVerdict(), { count: 1 });
    const context = aRuleContext(CLOSED);
    const [first] = enforcementGaps([once], context).sightings;
    expect(first?.severity).toBe('suspected');
    expect(first?.reasons.at(-1)).toContain('second time');
    expect(severities([once], { ...context, seenBefore: new Set([`R1 ${first?.key}`]) })).toEqual(['confirmed']);
  });

  test('names a policy that the cluster does not have, and the older revision of the node', () => {
    const gone = { kind: 'CiliumNetworkPolicy', namespace: 'payments', name: 'ledger-open', revision: 41, labels: [] };
    const context = aRuleContext({ ...CLOSED, propagation: { since: new Map([['ip-10-20-2-12', 47]]) } });
    const [sighting] = enforcementGaps([aSample(aVerdict({ ingressAllowedBy: [gone] }))], context).sightings;
    expect(sighting?.reasons).toEqual(
      expect.arrayContaining([
        'The verdict names cnp:payments/ledger-open, which the cluster does not have.',
        'It went by policy revision 41 there; other nodes name up to 47.',
      ]),
    );
  });

  test('names the deny rule that should have stopped it', () => {
    const deny = {
      ...closingLedger('checkout-api'),
      spec: {
        endpointSelector: { matchLabels: { app: 'ledger' } },
        ingress: [{ fromEndpoints: [{}] }],
        ingressDeny: [{ fromEndpoints: [{ matchLabels: { app: 'checkout-api' } }] }],
      },
    };
    const [sighting] = enforcementGaps([aSample(aVerdict())], aRuleContext({ policies: [deny] })).sightings;
    expect(sighting?.reasons[0]).toContain('ingress is denied by cnp:payments/ledger');
  });

  test.each([
    { name: 'allowed by a rule', context: { policies: [closingLedger('checkout-api')] } },
    { name: 'of an endpoint that no policy selects', context: {} },
    { name: 'in policy audit mode of the agents', context: { ...CLOSED, config: { 'policy-audit-mode': 'true' } } },
    { name: 'of an endpoint that only audits', context: { ...CLOSED, audits: true } },
    { name: 'within 30 s of a change of policies', context: { ...CLOSED, propagation: { changedAt: SEEN_AT - 29_000 } } },
  ])('does not fire for what is $name', ({ context }) =>
    expect(severities([aSample(aVerdict())], aRuleContext(context))).toEqual([]),
  );

  test('the grace ends sooner once every node names a greater revision', () => {
    const propagation = { changedAt: SEEN_AT - 5000, before: new Map([['n', 46]]) };
    const at = (since: number) =>
      severities(
        [aSample(aVerdict())],
        aRuleContext({ ...CLOSED, propagation: { ...propagation, since: new Map([['n', since]]) } }),
      );
    expect(at(46)).toEqual([]);
    expect(at(47)).toEqual(['confirmed']);
  });

  test('of a sample that began within the grace one flow counts', () => {
    const context = aRuleContext({ ...CLOSED, propagation: { changedAt: SEEN_AT - 35_000 } });
    expect(severities([aSample(aVerdict(), { count: 9, first: SEEN_AT - 10_000 })], context)).toEqual(['suspected']);
  });

  test.each([
    { name: 'a reply', flow: aVerdict({ isReply: true }), excuse: 'reply' },
    { name: 'a flow that may be a reply', flow: aVerdict({ isReply: undefined }), excuse: 'reply' },
    { name: 'a trace', flow: aVerdict({ eventType: { type: 4, subType: 0 } }), excuse: 'no-verdict' },
    { name: 'a drop', flow: aVerdict({ verdict: 'DROPPED' }), excuse: 'no-verdict' },
    { name: 'an audit verdict', flow: aVerdict({ verdict: 'AUDIT' }), excuse: 'no-verdict' },
    {
      name: 'a verdict without direction',
      flow: aVerdict({ trafficDirection: 'TRAFFIC_DIRECTION_UNKNOWN' }),
      excuse: 'no-verdict',
    },
    {
      name: 'a packet of an older connection',
      flow: aVerdict({ l4: { protocol: 'TCP', sourcePort: 1, destinationPort: 9090, flags: ['ACK'] } }),
      excuse: 'established',
    },
    { name: 'a host to an endpoint on it', flow: aVerdict({ source: host }), excuse: 'local-host' },
  ])('is excused for $name', ({ flow, excuse }) => {
    const context = aRuleContext(CLOSED);
    expect(excuseOf(flow, context)).toBe(excuse);
    expect(enforcementGaps([aSample(flow)], context)).toMatchObject({ sightings: [], looked: 0 });
  });

  test('a host is judged like anybody where allow-localhost is policy', () =>
    expect(
      excuseOf(aVerdict({ source: host }), aRuleContext({ ...CLOSED, config: { 'allow-localhost': 'policy' } })),
    ).toBeUndefined());

  test('what the engine cannot tell is counted and said, never taken for a denial', () => {
    const named = {
      ...closingLedger('x'),
      metadata: { name: 'egress', namespace: 'payments' },
      spec: {
        endpointSelector: { matchLabels: { app: 'checkout-api' } },
        egress: [{ toFQDNs: [{ matchName: 'api.example.com' }] }],
      },
    };
    const flow = aVerdict({
      trafficDirection: 'EGRESS',
      destination: anEndpoint({
        id: 0,
        identity: 16777217,
        namespace: '',
        podName: '',
        labels: ['reserved:world'],
        workload: undefined,
      }),
      ip: { source: '10.0.4.33', destination: '203.0.113.9', sourceXlated: '', version: 4, encrypted: false },
    });
    const context = aRuleContext({ policies: [named] });
    const report = enforcementGaps([aSample(flow)], context);
    expect(report.sightings).toEqual([]);
    expect(report.notEvaluable).toHaveLength(1);
    expect(report.notEvaluable[0]).toContain('2 verdicts could not be judged');
    // With a name learned it is judged; but it may have others.
    expect(severities([aSample(flow, { names: ['other.example.com'] })], context)).toEqual(['suspected']);
    expect(severities([aSample(flow, { names: ['api.example.com'] })], context)).toEqual([]);
  });
});
