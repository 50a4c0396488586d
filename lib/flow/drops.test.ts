import { describe, expect, test } from 'vitest';
import { aDrop, aDroppedFlow, aFlow, anEndpoint, anHttpFlow, world } from '#lib/testing/flows.ts';
import { recordedFlows, recordingMissing } from '#lib/testing/recording.ts';
import { dropCauseOf, EXPLAINED_REASONS } from './drop-catalogue.ts';
import { DROP_REASON_NAMES, dropReasonName, dropReasonNumber } from './drop-reasons.ts';
import { dropOf, isDenial, isDrop, isPolicyDrop, packetKey } from './drops.ts';

const denial = aDroppedFlow({ eventType: { type: 5, subType: 0 } });

test.each([
  { name: 'forwarded', flow: aFlow(), drop: undefined },
  { name: 'audited', flow: aFlow({ verdict: 'AUDIT' }), drop: undefined },
  { name: 'policy verdict of the same packet', flow: denial, drop: undefined },
  {
    name: 'dropped',
    flow: aDroppedFlow(),
    drop: {
      time: aFlow().time,
      source: 'payments/checkout-api',
      destination: 'payments/ledger',
      protocol: 'TCP',
      port: 9090,
      reason: 'POLICY_DENIED',
      direction: 'INGRESS',
      nodeName: 'aegis-production/ip-10-20-2-11',
      uuid: '18ea69c0-9145-4f7b-8000-000000000001',
    },
  },
  {
    name: 'denied by the proxy',
    flow: anHttpFlow('GET', '/admin', 0, { verdict: 'DROPPED' }),
    drop: aDrop({ reason: 'L7_DENIED' }),
  },
  { name: 'without a reason', flow: aDroppedFlow({ dropReason: undefined }), drop: aDrop({ reason: 'DROP_REASON_UNKNOWN' }) },
  { name: 'without a network layer', flow: aDroppedFlow({ l4: undefined }), drop: aDrop({ protocol: 'NONE', port: 0 }) },
])('the drop of a flow that is $name', ({ flow, drop }) => expect(dropOf(flow)).toEqual(drop));

test('a denied packet’s verdict and drop have a key in common, another packet’s have not', () => {
  expect(isDenial(denial)).toBe(true);
  expect(packetKey(denial)).toBe(packetKey(aDroppedFlow()));
  expect(packetKey(aDroppedFlow({ source: world }))).not.toBe(packetKey(denial));
});

test('policy decides what policy can allow', () => {
  expect(['POLICY_DENIED', 'POLICY_DENY', 'AUTH_REQUIRED', 'L7_DENIED'].map(isPolicyDrop)).toEqual([true, true, true, true]);
  expect(DROP_REASON_NAMES.filter(isPolicyDrop)).toEqual(['POLICY_DENIED', 'POLICY_DENY', 'AUTH_REQUIRED']);
});

describe('the catalogue', () => {
  test.each(EXPLAINED_REASONS)('explains %s in sentences', (reason) => {
    const { label, meaning, look } = dropCauseOf(reason);
    expect(label).toMatch(/^[A-Z“][^.]{5,60}$/);
    expect(meaning).toMatch(/^[A-Z].{20,400}[.]$/);
    expect(look).toMatch(/^[A-Z].{10,400}[.]$/);
  });

  test('has an entry for every reason, and says so of a newer one', () => {
    expect(EXPLAINED_REASONS).toHaveLength(DROP_REASON_NAMES.length + 1);
    expect(dropCauseOf('DROP_REASON_207')).toMatchObject({ label: 'Reason 207', decidedBy: 'other' });
    expect(dropCauseOf('constructor').label).toBe('constructor');
  });
});

test('reasons have a name for each number and a number for each name', () => {
  for (const name of DROP_REASON_NAMES) expect(dropReasonName(dropReasonNumber(name) ?? -1)).toBe(name);
  expect([dropReasonName(207), dropReasonNumber('DROP_REASON_207'), dropReasonNumber('toString')]).toEqual([
    'DROP_REASON_207',
    207,
    undefined,
  ]);
});

describe.skipIf(recordingMissing())('in the recording', () => {
  const dropped = recordingMissing() ? [] : recordedFlows().filter(({ verdict }) => verdict === 'DROPPED');

  test('each dropped packet counts once', () => {
    expect(dropped).toHaveLength(355);
    expect(dropped.filter(isDrop)).toHaveLength(194);
    expect(dropped.filter((flow) => dropOf(flow)?.reason === 'L7_DENIED')).toHaveLength(11);
  });

  test('every denying policy verdict has its drop, so that none is lost by not counting it', () => {
    const drops = dropped.filter(isDrop);
    const alone = dropped
      .filter(isDenial)
      .filter(
        (verdict) => !drops.some((drop) => packetKey(drop) === packetKey(verdict) && Math.abs(drop.time - verdict.time) < 1),
      );
    expect(dropped.filter(isDenial)).toHaveLength(161);
    expect(alone).toEqual([]);
  });

  test('named deny rules stand on verdicts only', () => {
    expect(
      dropped.filter(isDrop).filter(({ egressDeniedBy, ingressDeniedBy }) => egressDeniedBy.length + ingressDeniedBy.length > 0),
    ).toEqual([]);
  });
});

test('the drop of an endpoint without a workload names the pod', () => {
  const source = anEndpoint({ namespace: 'gateway', podName: 'debug-shell', workload: undefined });
  expect(dropOf(aDroppedFlow({ source }))?.source).toBe('gateway/debug-shell');
});
