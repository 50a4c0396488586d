import type { Endpoint, Flow } from '#lib/flow/flow.ts';
import { aFlow, anEndpoint } from '#lib/testing/flows.ts';
import { RollingTopology } from '#lib/topology/rolling.ts';
import type { Report } from './support/report.ts';

/** Cost of an update and of a delta as the map grows. Endpoints are shared objects, as the decoder makes them. */
export async function topologyCost(report: Report, { quick }: { readonly quick: boolean }): Promise<void> {
  report.section('topology');
  const updates = quick ? 200_000 : 1_000_000;
  let first = 0;
  for (const edges of [1_000, 10_000, 50_000]) {
    const flows = flowsOver(edges);
    const rolling = new RollingTopology({ cluster: 'bench' });
    const view = rolling.live('workload');
    for (const flow of flows) rolling.add(flow);
    view.advance(START, COVERAGE);
    const began = process.cpuUsage();
    for (let done = 0; done < updates; done += 1) rolling.add(flows[done % flows.length] as Flow);
    const perSecond = updates / cpuSince(began);
    if (first === 0) first = perSecond;
    report.add({
      name: `updates, ${edges.toLocaleString('en')} edges`,
      value: perSecond,
      unit: 'flows/CPU-s',
      ratio: `${(perSecond / first).toFixed(2)} of the speed at 1,000 edges`,
    });
    const delta = process.cpuUsage();
    for (let second = 1; second <= 20; second += 1) {
      for (const flow of flows.slice(0, 100)) rolling.add(flow);
      view.advance(START + second * 100, COVERAGE);
    }
    report.add({
      name: `delta of 100 changed edges, of ${edges.toLocaleString('en')}`,
      value: (cpuSince(delta) / 20) * 1000,
      unit: 'CPU ms',
    });
  }
}

/** 2 March 2026, 14:00 UTC. */
const START = 1_772_460_000_000;
const COVERAGE = { nodesReporting: 1, nodesExpected: 1, missing: [], lost: {}, lostTotal: 0, gaps: [], newestFlow: undefined };

function cpuSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1e6;
}

/** One flow for each of `edges` pairs of pods (four ports a pair), in a fixed order that jumps about. */
function flowsOver(edges: number): Flow[] {
  const pods = Math.ceil(Math.sqrt(edges / 4)) + 1;
  const endpoints: Endpoint[] = Array.from({ length: pods }, (_, index) =>
    anEndpoint({
      id: index + 1,
      identity: 1000 + index,
      namespace: `ns-${index % 40}`,
      podName: `workload-${index % 400}-${index}`,
      workload: { name: `workload-${index % 400}`, kind: 'Deployment' },
    }),
  );
  return Array.from({ length: edges }, (_, index) => {
    const at = (index * 7919) % edges;
    const pair = Math.floor(at / 4);
    const destinationPort = 8000 + (at % 4);
    return aFlow({
      time: START + index / 1000,
      uuid: `flow-${index}`,
      source: endpoints[pair % pods] as Endpoint,
      destination: endpoints[Math.floor(pair / pods) % pods] as Endpoint,
      isReply: false,
      l4: { protocol: 'TCP', sourcePort: 40_000 + (index % 20_000), destinationPort },
    });
  });
}
