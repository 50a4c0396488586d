import { expect, test } from 'vitest';
import { compileFilter } from '#lib/flow/filter-match.ts';
import { toProtoFilters } from '#lib/flow/filter-proto.ts';
import { parseFilter } from '#lib/flow/filter-text.ts';
import { hubbleApi } from '#lib/relay/proto.ts';
import { FILTER_CASES } from '#lib/testing/filter-cases.ts';
import { recordedFlows, recordingMissing } from '#lib/testing/recording.ts';
import { Cast } from './cast.ts';
import { exchangesOf } from './exchanges.ts';
import { Player } from './player.ts';
import { compileProtoFilters } from './proto-filter.ts';
import { seededRandom } from './random.ts';
import { smallerWorld } from './smaller-world.ts';
import { productionWorld } from './world.ts';
import identities from './world/identities.json';
import policies from './world/policies.json';

const START = 1_795_000_000_000;
const whole = { busy: 1, trouble: 1, findings: true, story: true, authenticatedEverywhere: false };

const play = (minutes: number, seed = 7) => {
  const player = new Player({ world: productionWorld(), character: whole, seed, from: START, fullAt: START, storyAt: START });
  return player.advance(START + minutes * 60_000);
};

test('every pod of the flows is a Kubernetes object, with the identity and labels that it has there', () => {
  const known = new Map(identities.items.map(({ metadata, ...rest }) => [Number(metadata.name), rest['security-labels']]));
  for (const { source } of play(3)) {
    if (source.podName === '') continue;
    const labels = Object.entries(known.get(source.identity) ?? {}).map(([key, value]) => `${key}=${value}`);
    expect(source.labels.toSorted()).toEqual(labels.toSorted());
  }
});

test('every exchange has both its ends in the world', () => {
  const world = productionWorld();
  const cast = new Cast(world, seededRandom(1));
  const all = exchangesOf(whole, () => true);
  expect(all.filter(({ from, to }) => !cast.knows(from) || !cast.knows(to))).toEqual([]);
});

test('every policy that a flow names exists, but the one that a node should no longer have', () => {
  const named = new Set(
    play(20).flatMap(({ egressAllowedBy, ingressAllowedBy, egressDeniedBy, ingressDeniedBy }) =>
      [...egressAllowedBy, ...ingressAllowedBy, ...egressDeniedBy, ...ingressDeniedBy].map(({ name }) => name),
    ),
  );
  named.delete(''); // derived ones
  const known = new Set(policies.items.map(({ metadata }) => metadata.name));
  expect([...named].filter((name) => !known.has(name))).toEqual(['ledger-open']);
});

test('however a play is cut into steps, the flows are the same', () => {
  const steps = [1, 7, 50, 1000, 20_000, 60_000];
  const player = new Player({ world: productionWorld(), character: whole, seed: 7, from: START, fullAt: START, storyAt: START });
  expect(steps.flatMap((ms) => player.advance(START + ms))).toEqual(play(1));
});

test('flows come in order of time, each with a uuid of its own', () => {
  const flows = play(5);
  expect(flows.length).toBeGreaterThan(10_000);
  expect(flows.every(({ time }, i) => i === 0 || time >= (flows[i - 1]?.time ?? 0))).toBe(true);
  expect(new Set(flows.map(({ uuid }) => uuid)).size).toBe(flows.length);
});

test('a smaller cluster has names, addresses and identities of its own', () => {
  const full = productionWorld();
  const small = smallerWorld(full, {
    cluster: 'aegis-dev',
    nodes: 2,
    replicas: 1,
    octet: 60,
    firstIdentity: 14_000,
    revision: 1,
  });
  const pods = (world: typeof full) => [...world.workloads.values()].flatMap((workload) => workload.pods);
  const shared = (of: (pod: ReturnType<typeof pods>[number]) => string | number) => {
    const theirs = new Set(pods(full).map(of));
    return pods(small).filter((pod) => theirs.has(of(pod)));
  };
  expect(shared(({ ip }) => ip)).toEqual([]);
  expect(shared(({ endpoint }) => endpoint.identity)).toEqual([]);
  expect(new Set(pods(small).map(({ ip }) => ip)).size).toBe(pods(small).length);
  expect(JSON.stringify(pods(small))).not.toContain('aegis-production');
});

test.skipIf(recordingMissing())('filters as the proto carries them let through what the table says', () => {
  const flows = recordedFlows();
  const { serialize, deserialize } = hubbleApi().message('observer.GetFlowsRequest');
  const wrong = FILTER_CASES.flatMap(({ filter, flows: expected }) => {
    const parsed = parseFilter(filter);
    if (!parsed.ok) return [filter];
    const received = deserialize(serialize(toProtoFilters(parsed.query))) as ReturnType<typeof toProtoFilters>;
    const passes = compileProtoFilters(
      received.whitelist as Parameters<typeof compileProtoFilters>[0],
      received.blacklist as Parameters<typeof compileProtoFilters>[0],
    );
    const got = flows.filter(passes).length;
    return got === expected && got === flows.filter(compileFilter(parsed.query)).length
      ? []
      : [`${filter}: ${got}, not ${expected}`];
  });
  expect(wrong).toEqual([]);
});
