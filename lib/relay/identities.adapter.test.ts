import { afterEach, expect, test } from 'vitest';
import type { Flow, StreamEvent } from '#lib/flow/flow.ts';
import { aFlow, anEndpoint } from '#lib/testing/flows.ts';
import type { RelayClient } from './client.ts';
import { identityDirectory } from './identities.ts';
import type { FlowsRequest } from './request.ts';

const PATIENT = { timeout: 8000 };
let stop = new AbortController();
afterEach(() => {
  stop.abort();
  stop = new AbortController();
});

/** A relay whose ring holds what `held` returns, by the identity that is asked for. */
function aRelay(held: (identity: number | undefined) => Flow[]) {
  const asked: FlowsRequest[] = [];
  const getFlows = async function* (request: FlowsRequest): AsyncGenerator<StreamEvent[]> {
    asked.push(request);
    yield held(request.whitelist?.[0]?.source_identity?.[0]).map((flow) => ({ kind: 'flow', flow }));
  };
  const relay = { getFlows } as Pick<RelayClient, 'getFlows'> as RelayClient;
  return { asked, directory: identityDirectory(relay, stop.signal) };
}

const flowOf = (identity: number) =>
  aFlow({
    source: anEndpoint({ identity, labels: [`k8s:app=${identity}`] }),
    destination: anEndpoint({ identity: 2, labels: [] }),
  });

test('an unknown identity is asked for once, however often it is seen', async () => {
  const { asked, directory } = aRelay((identity) => [flowOf(identity ?? 0)]);
  let learned = 0;
  directory.onLearned(() => learned++);
  for (let i = 0; i < 100; i++) expect(directory.labelsOf(700)).toBeUndefined();
  await expect.poll(() => directory.labelsOf(700), PATIENT).toEqual(['k8s:app=700']);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ number: 1, whitelist: [{ source_identity: [700] }, { destination_identity: [700] }] });
  expect(learned).toBe(1);
});

test('an identity whose only flow is not to be seen yet is asked for again', async () => {
  let tries = 0;
  const { directory } = aRelay((identity) => (++tries < 3 ? [] : [flowOf(identity ?? 0)]));
  directory.labelsOf(700);
  await expect.poll(() => directory.labelsOf(700), PATIENT).toEqual(['k8s:app=700']);
  expect(tries).toBe(3);
});

test('priming learns from the last flows, and a relay that fails is no error', async () => {
  const { asked, directory } = aRelay(() => [flowOf(700), flowOf(701)]);
  await directory.prime(4);
  expect([700, 701].map((identity) => directory.labelsOf(identity))).toEqual([['k8s:app=700'], ['k8s:app=701']]);
  expect(asked).toHaveLength(1);
  const broken = aRelay(() => {
    throw new Error('away');
  });
  await broken.directory.prime(4);
  expect(broken.directory.labelsOf(700)).toBeUndefined();
});

test('many new identities are asked for at most twenty times a second', async () => {
  const { asked, directory } = aRelay((identity) => [flowOf(identity ?? 0)]);
  for (let identity = 1000; identity < 1200; identity++) directory.labelsOf(identity);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(asked.length).toBeLessThanOrEqual(21);
  expect(asked.length).toBeGreaterThan(2);
});
