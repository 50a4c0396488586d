import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aFlow } from '#lib/testing/flows.ts';
import { Deliveries, type Delivery } from './deliveries.ts';

const CREATED = '2026-03-02T14:00:00Z';

interface Told extends Delivery {
  acks: number;
  releases: number;
}

function aMessage(sequence: number, created = CREATED): Told {
  const message: Told = {
    stream: 'HUBBLE',
    created,
    sequence,
    acks: 0,
    releases: 0,
    ack: () => (message.acks += 1),
    release: () => (message.releases += 1),
  };
  return message;
}

test('a message is acknowledged when the flush that has it is committed, not before', () => {
  const deliveries = new Deliveries();
  const [message, flow] = [aMessage(1), aFlow()];
  expect(deliveries.begin(message)).toBe('new');
  deliveries.carries(flow, message);
  expect(deliveries.take()).toBeUndefined();
  deliveries.flowRecorded(flow);
  const taken = deliveries.take();
  expect([message.acks, deliveries.pending]).toEqual([0, 1]);
  expect(deliveries.begin(aMessage(1))).toBe('pending');
  taken?.committed();
  expect([message.acks, deliveries.pending]).toEqual([1, 0]);
  expect(deliveries.begin(aMessage(1))).toBe('stored');
});

test('a flow that another message brought shortly before the start is known', () => {
  const before = new Deliveries();
  const [flow, other] = [aFlow({ uuid: 'a' }), aFlow({ uuid: 'b' })];
  const message = aMessage(1);
  before.begin(message);
  before.carries(flow, message);
  before.flowRecorded(flow);
  const after = new Deliveries();
  after.load(before.take()?.place ?? null, 0);
  expect([after.wasStored(flow, 1000), after.wasStored(other, 1000)]).toEqual([true, false]);
  expect(after.wasStored(flow, 600_000)).toBe(false);
});

test('a stream that was made anew begins again, and what the one before brought is not mixed into it', () => {
  const deliveries = new Deliveries();
  const old = aMessage(5);
  deliveries.begin(old);
  deliveries.recorded(old);
  expect(deliveries.meet('HUBBLE', CREATED)).toBe(false);
  expect(deliveries.meet('HUBBLE', 'later')).toBe(true);
  expect(deliveries.take()?.place.streams).toMatchObject([{ created: 'later' }]);
  expect(deliveries.begin(aMessage(5, 'later'))).toBe('new');
});

test('what is let go is given back and not acknowledged', () => {
  const deliveries = new Deliveries();
  const messages = [aMessage(1), aMessage(2)];
  for (const message of messages) deliveries.begin(message);
  deliveries.letGo();
  expect(messages.map(({ acks, releases }) => [acks, releases])).toEqual([
    [0, 1],
    [0, 1],
  ]);
  expect(deliveries.take()).toBeUndefined();
});

describe('a server that repeats, reorders and forgets acknowledgements, and a process that is killed at any step', () => {
  /** Runs of a process over one database (what was committed) and one stream; steps are drawn from `choices`. */
  function simulate(flows: number, choices: readonly number[]): Map<number, number> {
    const counted = new Map<number, number>();
    const unacknowledged = new Set(Array.from({ length: flows }, (_, index) => index + 1));
    let place: string | null = null;
    let deliveries = new Deliveries();
    let memory: number[] = [];
    let choice = 0;
    const draw = (below: number): number => (choices.length === 0 ? 0 : (choices[choice++ % choices.length] ?? 0) % below);
    const deliver = (sequence: number, isAckLost: boolean): void => {
      const message: Delivery = {
        stream: 'S',
        created: CREATED,
        sequence,
        ack: () => void (isAckLost || unacknowledged.delete(sequence)),
        release: () => {},
      };
      const state = deliveries.begin(message);
      if (state === 'stored') message.ack();
      if (state !== 'new') return;
      const flow = aFlow({ uuid: `flow ${sequence}` });
      if (deliveries.wasStored(flow, 0)) return deliveries.recorded(message);
      deliveries.carries(flow, message);
      deliveries.flowRecorded(flow);
      memory.push(sequence);
    };
    const flush = (isKilledBeforeCommit: boolean, isKilledBeforeAck: boolean): void => {
      const taken = deliveries.take();
      if (taken && !isKilledBeforeCommit) {
        for (const sequence of memory) counted.set(sequence, (counted.get(sequence) ?? 0) + 1);
        place = JSON.stringify(taken.place);
        memory = [];
        if (!isKilledBeforeAck) taken.committed();
      }
      if (!isKilledBeforeCommit && !isKilledBeforeAck) return;
      deliveries = new Deliveries();
      deliveries.load(place === null ? null : JSON.parse(place), 0);
      memory = [];
    };
    for (let step = 0; step < 60; step += 1) {
      const open = [...unacknowledged];
      if (draw(4) > 0 && open.length > 0) deliver(open[draw(open.length)] ?? 1, draw(3) === 0);
      else flush(draw(5) === 0, draw(5) === 0);
      const floor = Math.min(flows + 1, ...unacknowledged) - 1;
      if (draw(6) === 0) deliveries.acknowledged('S', floor);
    }
    for (const sequence of unacknowledged) deliver(sequence, false);
    flush(false, false);
    return counted;
  }

  test('counts each message once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.nat(1000), { minLength: 40, maxLength: 200 }),
        (flows, choices) => {
          expect([...simulate(flows, choices)].toSorted(([a], [b]) => a - b)).toEqual(
            Array.from({ length: flows }, (_, index) => [index + 1, 1]),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});
