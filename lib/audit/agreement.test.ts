import { describe, expect, test } from 'vitest';
import type { Flow } from '#lib/flow/flow.ts';
import type { PolicyDecision } from '#lib/policy/model.ts';
import { aDecision, aDenial, aDirection } from '#lib/testing/decisions.ts';
import { aDnsFlow, aDroppedFlow, aFlow, anEndpoint, anHttpFlow, ledger } from '#lib/testing/flows.ts';
import { factsOf } from '#lib/world/world-builder.ts';
import { Auditor } from './audit.ts';

const VERDICT = { eventType: { type: 5, subType: 0 } };

/** What is made of flows when policy says `decision` to each. */
function judged(flows: readonly Flow[], decision: PolicyDecision, objects: readonly unknown[] = []) {
  const auditor = new Auditor(factsOf(objects));
  for (const flow of flows) auditor.add(flow);
  const { tuples } = auditor.audit(() => decision);
  return tuples.map(({ agree, finding, note }) => [agree, finding, note]);
}

const allowed = aDecision();
const redirected = aDecision({ ingress: aDirection({ redirect: 'http' }) });
const closed = aDecision({ ingress: aDenial() });
const denied = aDecision({ ingress: aDenial({ reason: 'deny-rule', matchDeny: ['cnp:a/b'] }) });
const authed = aDecision({ ingress: aDirection({ auth: 'required' }) });
const audited = aDecision({ ingress: aDenial({ audit: true }) });
const l7Allowed = aDecision({ ingress: aDirection({ redirect: 'http', l7: 'allowed' }) });
const l7Denied = aDecision({ ingress: aDirection({ redirect: 'http', l7: 'denied' }) });

describe('a policy verdict', () => {
  const verdict = (overrides: Partial<Flow>) => aFlow({ ...VERDICT, isReply: false, ...overrides });
  test.each([
    ['forwarded, allowed', verdict({}), allowed, true, undefined],
    ['forwarded, closed', verdict({}), closed, false, 'enforcement-gap'],
    ['redirected, redirected', verdict({ verdict: 'REDIRECTED' }), redirected, true, undefined],
    ['redirected, allowed without a proxy', verdict({ verdict: 'REDIRECTED' }), allowed, false, 'unexplained'],
    ['redirected, closed', verdict({ verdict: 'REDIRECTED' }), closed, false, 'enforcement-gap'],
    ['audited, closed', verdict({ verdict: 'AUDIT' }), closed, true, 'audit-verdict'],
    ['audited, allowed', verdict({ verdict: 'AUDIT' }), allowed, false, 'unexplained'],
    ['forwarded at the other end', verdict({ trafficDirection: 'EGRESS' }), closed, true, undefined],
  ])('%s', (_, flow, decision, agree, finding) => {
    expect(judged([flow], decision)).toEqual([[agree, finding, undefined]]);
  });
});

describe('a drop', () => {
  test.each([
    ['POLICY_DENIED', closed, true, 'default-deny-drop'],
    ['POLICY_DENIED', denied, false, 'unexplained'],
    ['POLICY_DENIED', allowed, false, 'unexplained'],
    ['POLICY_DENY', denied, true, 'deny-rule-drop'],
    ['POLICY_DENY', closed, false, 'unexplained'],
    ['AUTH_REQUIRED', authed, true, 'auth-required-drop'],
    ['AUTH_REQUIRED', allowed, false, 'unexplained'],
  ])('%s', (dropReason, decision, agree, finding) => {
    expect(judged([aDroppedFlow({ dropReason })], decision)).toEqual([[agree, finding, undefined]]);
    expect(judged([aDroppedFlow({ dropReason, ...VERDICT })], decision)).toEqual([[agree, finding, undefined]]);
  });

  test.each(['STALE_OR_UNROUTABLE_IP', 'DROP_REASON_207'])('for %s is no policy decision', (dropReason) => {
    const note = `${dropReason} is no policy decision`;
    expect(judged([aDroppedFlow({ dropReason })], closed)).toEqual([['not judgeable', 'drop-not-policy', note]]);
  });

  test('of what is no IP packet is none either, and the engine is not asked', () => {
    const auditor = new Auditor(factsOf([]));
    auditor.add(aDroppedFlow({ dropReason: 'UNSUPPORTED_L3_PROTOCOL', l4: undefined, ip: undefined }));
    const [tuple] = auditor.audit(() => {
      throw new Error('asked');
    }).tuples;
    expect(tuple).toMatchObject({ expected: null, finding: 'drop-not-policy', protocol: null, port: null });
  });
});

describe('a trace', () => {
  const open = aFlow({ ...VERDICT });
  const audit = aFlow({ ...VERDICT, verdict: 'AUDIT' });
  const established = aFlow({ traceReason: 'ESTABLISHED', l4: { protocol: 'TCP', sourcePort: 1, destinationPort: 9090 } });
  const agreements = (flows: readonly Flow[], decision: PolicyDecision) => judged(flows, decision).at(-1);

  test('of an allowed connection agrees', () => expect(agreements([established], allowed)).toEqual([true, undefined, undefined]));
  test('after a gap follows from it', () => {
    expect(agreements([open, established], closed)).toEqual([false, 'enforcement-gap', 'follows from a gap']);
  });
  test('before the verdict of its gap follows from it as well', () => {
    expect(judged([established, open], closed)[0]).toEqual([false, 'enforcement-gap', 'follows from a gap']);
  });
  test('after an audit verdict, or where agents audit, was let through for that', () => {
    const through = [true, 'audit-verdict', 'let through because the endpoint only audits'];
    expect(agreements([audit, established], closed)).toEqual(through);
    expect(agreements([established], audited)).toEqual(through);
  });
  test('at an endpoint whose CiliumEndpoint says that it audits was let through for that, its verdict as well', () => {
    const endpoint = {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumEndpoint',
      metadata: { name: ledger.podName, namespace: 'payments' },
      status: {
        identity: { id: 24587, labels: ledger.labels },
        policy: { ingress: { enforcing: false, state: 'non-enforcing' } },
      },
    };
    const through = [true, 'audit-verdict', 'let through because the endpoint only audits'];
    expect(judged([established], closed, [endpoint])).toEqual([through]);
    expect(judged([open], closed, [endpoint])).toEqual([through]);
  });
  test('of an older connection cannot be judged; one that opens a connection can', () => {
    expect(agreements([established], closed)?.[0]).toBe('not judgeable');
    expect(agreements([aFlow()], closed)).toEqual([false, 'unexplained', undefined]);
  });
});

describe('a request', () => {
  test.each([
    ['forwarded, allowed', {}, l7Allowed, true, undefined],
    ['forwarded, denied', {}, l7Denied, false, 'l7-outside-policy'],
    ['forwarded, to no proxy', {}, allowed, true, undefined],
    ['denied, denied', { verdict: 'DROPPED' }, l7Denied, true, 'l7-denied'],
    ['denied, allowed', { verdict: 'DROPPED' }, l7Allowed, false, 'unexplained'],
  ] as const)('%s', (_, overrides, decision, agree, finding) => {
    expect(judged([anHttpFlow('GET', 'http://a/b', 0, overrides)], decision)).toEqual([[agree, finding, undefined]]);
  });

  test('that the proxy failed at is no verdict', () => {
    const note = 'the proxy failed, no verdict';
    expect(judged([anHttpFlow('GET', '/', 0, { verdict: 'ERROR' })], l7Denied)).toEqual([['not judgeable', 'proxy-error', note]]);
  });

  test('of Kafka is not judged', () => {
    const kafka = { errorCode: 0, apiVersion: 9, apiKey: 'fetch', correlationId: 1, topic: 't' };
    const flow = aFlow({ l7: { type: 'REQUEST', latencyNs: 0, kafka } });
    expect(judged([flow], l7Denied)).toEqual([['not judgeable', undefined, 'Kafka requests are not judged, only the redirect']]);
  });

  test('is not judgeable where what the engine does not know would decide, with the reason', () => {
    const unknown = [{ code: 'headers', detail: 'the record does not hold its headers' }];
    const decision = aDecision({ ingress: aDirection({ redirect: 'http', l7: 'unknown', unknown }) });
    expect(judged([anHttpFlow()], decision)).toEqual([['not judgeable', undefined, 'the record does not hold its headers']]);
    expect(judged([aFlow({ ...VERDICT })], decision)).toEqual([[true, undefined, undefined]]);
  });
});

test('what the engine cannot tell, or what contradicts itself, is not judgeable', () => {
  const unknown = aDecision({
    ingress: aDirection({ verdict: 'unknown', reason: 'unknown', unknown: [{ code: 'x', detail: 'names are not known' }] }),
  });
  expect(judged([aFlow()], unknown)).toEqual([['not judgeable', undefined, 'names are not known']]);
  const error = aDecision({ ingress: aDirection({ verdict: 'error', reason: 'resolve-error' }) });
  expect(judged([aFlow()], error)[0]?.[0]).toBe('not judgeable');
});

describe('an identity', () => {
  const object = { apiVersion: 'cilium.io/v2', kind: 'CiliumIdentity', metadata: { name: '24587' }, 'security-labels': {} };
  const config = (data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cilium-config' }, data });
  const inMesh = (number: number): number => (3 << 16) | number;

  test.each([
    ['of the cluster’s range', 60417, [object], 'unknown-identity'],
    ['of this cluster of a mesh', inMesh(300), [object, config({ 'cluster-id': '3' })], 'unknown-identity'],
    ['that has an object', 24587, [object], undefined],
    ['that is reserved', 255, [object], undefined],
    ['of an address', 16_777_301, [object], undefined],
    ['of another cluster of a mesh', inMesh(300), [object], undefined],
    ['where none are known', 60417, [], undefined],
    ['where they are no objects', 60417, [object, config({ 'identity-allocation-mode': 'kvstore' })], undefined],
  ])('%s', (_, identity, objects, finding) => {
    const flow = aFlow({ source: anEndpoint({ identity }), destination: anEndpoint({ identity: 1 }) });
    const note = finding && `identity ${identity} is no CiliumIdentity`;
    expect(judged([flow], allowed, objects)).toEqual([[finding ? 'not judgeable' : true, finding, note]]);
  });
});

test('replies, responses, socket events and traces that do not know whether they reply are left out', () => {
  const auditor = new Auditor(factsOf([]));
  for (const flow of [
    aFlow({ isReply: true }),
    anHttpFlow('GET', '/', 200),
    aDnsFlow('a.example.', 0),
    aFlow({ isReply: undefined, traceObservationPoint: 'TO_CRYPTO' }),
    aFlow({ eventType: { type: 7, subType: 1 }, isReply: undefined }),
    aFlow({ trafficDirection: 'TRAFFIC_DIRECTION_UNKNOWN' }),
  ])
    auditor.add(flow);
  const { tuples, leftOut } = auditor.audit(() => allowed);
  expect(tuples).toEqual([]);
  expect(leftOut).toMatchObject({ reply: 3, 'no-request': 3 });
});

test('of flows that differ in named ports of their pods the least good answer counts', () => {
  const auditor = new Auditor(factsOf([]));
  for (const podName of ['a', 'b']) auditor.add(aFlow({ ...VERDICT, destination: anEndpoint({ podName, identity: 5000 }) }));
  let answers = 0;
  const { tuples } = auditor.audit(() => (answers++ === 0 ? allowed : closed));
  expect(tuples).toMatchObject([{ agree: false, count: 2, finding: 'enforcement-gap' }]);
});
