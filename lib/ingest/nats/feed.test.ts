import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { StreamMessage } from '#lib/bus/nats/flow-stream.ts';
import type { StreamEvent } from '#lib/flow/flow.ts';
import { eventToLine, flowToLine } from '#lib/flow/flow-to-json.ts';
import { DEFAULT_REDACTION } from '#lib/flow/redact.ts';
import { aFlow, anEndpoint } from '#lib/testing/flows.ts';
import { clusterFor, clusterNameOf } from './cluster-of.ts';
import { Deliveries } from './deliveries.ts';
import { Feed } from './feed.ts';

const silent = pino({ level: 'silent' });

function aFeed(clusters: readonly string[], names: ReadonlyMap<string, string> = new Map()) {
  const taken: { cluster: string; event: StreamEvent }[] = [];
  const parked: string[] = [];
  const said: string[] = [];
  const fed = new Map(
    clusters.map((cluster) => [
      cluster,
      {
        takesMessages: cluster !== 'overtaken',
        deliveries: new Deliveries(),
        takeMessage: (event: StreamEvent) => taken.push({ cluster, event }) > 0,
      },
    ]),
  );
  const feed = new Feed({
    clusters: names,
    redaction: DEFAULT_REDACTION,
    log: silent,
    clusterOf: (id) => (id === 'starting' ? undefined : (fed.get(id) ?? null)),
    park: (_, reason) => Promise.resolve(parked.push(reason) > 0),
  });
  let sequence = 0;
  const send = (data: string | Uint8Array, at = (sequence += 1)): Promise<void> =>
    feed.take({
      stream: 'HUBBLE',
      created: 'then',
      subject: 'aegisnet.hubble.flows',
      sequence: at,
      data: typeof data === 'string' ? new TextEncoder().encode(data) : data,
      redelivered: false,
      ack: () => said.push(`ack ${at}`),
      release: () => said.push(`release ${at}`),
    } satisfies StreamMessage);
  return { feed, send, taken, parked, said };
}

test('a message goes to the cluster of the node that observed it, under the console’s name for it', async () => {
  const { send, taken } = aFeed(
    ['prd', 'aegis-dev', 'rest'],
    new Map([
      ['aegis-production', 'prd'],
      ['*', 'rest'],
    ]),
  );
  await send(flowToLine(aFlow({ nodeName: 'aegis-production/ip-10-0-0-1' })));
  await send(flowToLine(aFlow({ nodeName: 'aegis-dev/ip-10-0-0-1' })));
  const nameless = anEndpoint({ clusterName: '' });
  await send(flowToLine(aFlow({ nodeName: 'ip-10-0-0-1', source: nameless, destination: nameless })));
  expect(taken.map(({ cluster }) => cluster)).toEqual(['prd', 'aegis-dev', 'rest']);
});

test('without a node’s prefix the ends tell the cluster, where they agree', () => {
  const of = (source: string, destination: string) =>
    clusterNameOf({
      kind: 'flow',
      flow: aFlow({
        nodeName: 'n',
        source: anEndpoint({ clusterName: source }),
        destination: anEndpoint({ clusterName: destination }),
      }),
    });
  expect([of('a', 'a'), of('a', ''), of('a', 'b')]).toEqual(['a', 'a', '']);
  expect(clusterFor('', new Map())).toBeUndefined();
});

test('lost events and node states are taken as well', async () => {
  const { send, taken, feed } = aFeed(['prd']);
  const lost = {
    time: 1000,
    nodeName: 'prd/a',
    source: 'HUBBLE_RING_BUFFER',
    count: 3,
    first: undefined,
    last: undefined,
  } as const;
  await send(eventToLine({ kind: 'lost-events', lost }));
  await send(
    eventToLine({ kind: 'node-status', status: { time: 1, state: 'NODE_CONNECTED', nodeNames: ['prd/a'], message: '' } }),
  );
  expect(taken.map(({ event }) => event.kind)).toEqual(['lost-events', 'node-status']);
  expect(feed.counts.consumed).toBe(2);
});

test('what cannot be read or belongs nowhere is parked with the reason', async () => {
  const { send, parked, taken, feed } = aFeed(['prd']);
  await send('{"flow":');
  await send(new Uint8Array([0xff, 0xfe]));
  await send('[1]');
  await send(flowToLine(aFlow({ nodeName: 'elsewhere/a' })));
  await send(
    flowToLine(aFlow({ nodeName: 'a', source: anEndpoint({ clusterName: '' }), destination: anEndpoint({ clusterName: '' }) })),
  );
  await send(flowToLine(aFlow({ nodeName: '__proto__/a' })));
  expect(parked).toEqual([
    'the line ends in the middle of its JSON',
    'it is not UTF-8',
    'the line is JSON, but no object',
    'there is no cluster elsewhere here',
    'it names no cluster, and none is configured for such messages',
    'there is no cluster __proto__ here',
  ]);
  expect([taken, feed.counts.parked]).toEqual([[], 6]);
});

test('what is not kept is acknowledged; what cannot be taken now is given back', async () => {
  const { send, said, feed } = aFeed(['prd', 'overtaken']);
  await send('{"agent_event":{"type":"X"},"node_name":"prd/a"}');
  await send(flowToLine(aFlow({ nodeName: 'starting/a' })));
  await send(flowToLine(aFlow({ nodeName: 'overtaken/a' })));
  expect(said).toEqual(['ack 1', 'release 2', 'release 3']);
  expect(feed.counts).toMatchObject({ consumed: 0, released: 2 });
});

test('a message that comes again while it is on its way is neither taken nor acknowledged', async () => {
  const { send, said, feed, taken } = aFeed(['prd']);
  const line = flowToLine(aFlow({ nodeName: 'prd/a' }));
  await send(line, 7);
  await send(line, 7);
  expect([taken.length, said, feed.counts]).toMatchObject([1, [], { consumed: 1, redelivered: 1 }]);
});
