import { expect, test } from 'vitest';
import { CALM } from './demo.ts';
import { type ClusterEvent, DemoCluster } from './demo-cluster.ts';
import { productionWorld } from './world.ts';

const START = 1_795_000_000_000;
const HOUR_MS = 3_600_000;

function eventsOf(losesEvents: boolean): ClusterEvent[] {
  const character = { busy: 0.01, trouble: 0, findings: false, story: false, authenticatedEverywhere: false, ...CALM };
  const cluster = new DemoCluster({
    world: productionWorld(),
    character,
    seed: 3,
    start: START,
    storyAfterMs: 0,
    nodesLeave: false,
    losesEvents,
  });
  const events: ClusterEvent[] = [];
  cluster.listen((some) => events.push(...some));
  for (let now = START; now <= START + HOUR_MS; now += 10_000) cluster.advance(now);
  return events;
}

test('a node loses events now and then, and none where nothing is to go wrong', () => {
  const lost = (events: readonly ClusterEvent[]) => events.filter(({ kind }) => kind === 'lost-events').length;
  expect(lost(eventsOf(true))).toBeGreaterThan(0);
  expect(lost(eventsOf(false))).toBe(0);
});
