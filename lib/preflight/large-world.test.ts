import { expect, test } from 'vitest';
import { preflightWorld } from '#lib/testing/preflight-world.ts';
import { PREFLIGHT_CHECKS } from './checks.ts';
import { type ClusterObjects, clusterObjectsOf, preflightInputs } from './gather.ts';
import { helmValues } from './helm-values.ts';
import type { TrafficFacts } from './traffic.ts';

/** Counts how often something of a list is looked at. */
class Reads {
  count = 0;

  watched<T>(list: readonly T[]): readonly T[] {
    return new Proxy(list, {
      get: (target, field, receiver) => {
        if (typeof field === 'string' && /^\d/.test(field)) this.count++;
        return Reflect.get(target, field, receiver) as unknown;
      },
    });
  }
}

/** What each check looks at in a world of a size: objects, traffic, policies and endpoints. */
function readsByCheck(scale: number): ReadonlyMap<string, number> {
  const { objects, flows, values } = preflightWorld({
    nodes: 25 * scale,
    pods: 250 * scale,
    policies: 100 * scale,
    traffic: 500 * scale,
  });
  const cluster = clusterObjectsOf(objects, ['SecurityGroupPolicy', 'PolicyEndpoint', 'CiliumNodeConfig', 'APIService']);
  const reads = new Reads();
  const watched: ClusterObjects = {
    objects: { ...cluster.objects, all: (kind) => reads.watched(cluster.objects.all(kind)) },
    policies: reads.watched(cluster.policies),
    world: { ...cluster.world, endpoints: reads.watched(cluster.world.endpoints), nodes: reads.watched(cluster.world.nodes) },
  };
  const seen: TrafficFacts = { ...flows, traffic: reads.watched(flows.traffic) };
  const inputs = preflightInputs({ now: 0, cluster: watched, values: helmValues(values), flows: seen, target: '1.20.0' });
  return new Map(
    PREFLIGHT_CHECKS.map((check) => {
      reads.count = 0;
      check.decide(inputs);
      return [check.id, reads.count];
    }),
  );
}

test('a cluster of twice the size is twice the work, for each check', () => {
  const once = readsByCheck(1);
  const twice = readsByCheck(2);
  expect([...once.values()].some((count) => count > 1000)).toBe(true);
  for (const [id, count] of once) expect([id, (twice.get(id) ?? 0) <= count * 2.5 + 100]).toEqual([id, true]);
});
