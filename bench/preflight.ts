import { clusterObjectsOf, preflightInputs } from '#lib/preflight/gather.ts';
import { helmValues } from '#lib/preflight/helm-values.ts';
import { runPreflight } from '#lib/preflight/run.ts';
import { LARGE_WORLD, preflightWorld } from '#lib/testing/preflight-world.ts';
import type { Report } from './support/report.ts';

/** All preflight checks on a large cluster, on one core: from its objects as they were read, and again when nothing has changed but the time. */
export function preflightChecks(report: Report): Promise<void> {
  report.section('preflight');
  const { nodes, pods, policies } = LARGE_WORLD;
  const name = `${nodes} nodes, ${pods.toLocaleString('en')} pods, ${policies.toLocaleString('en')} policies`;
  const { objects, values, flows } = preflightWorld(LARGE_WORLD);
  const began = cpuMs();
  const cluster = clusterObjectsOf(objects, ['SecurityGroupPolicy', 'PolicyEndpoint', 'CiliumNodeConfig', 'APIService']);
  const built = cpuMs();
  const run = (): number => {
    const from = cpuMs();
    runPreflight(preflightInputs({ now: Date.UTC(2026, 10, 1), cluster, values: helmValues(values), flows, target: '1.20.0' }));
    return cpuMs() - from;
  };
  const first = run();
  report.add({ name: `objects to a world: ${name}`, value: built - began, unit: 'CPU ms' });
  report.add({ name: `all checks: ${name}`, value: first, unit: 'CPU ms', bound: { op: '<=', value: 5000 } });
  report.add({ name: 'all checks again', value: Math.min(run(), run()), unit: 'CPU ms' });
  return Promise.resolve();
}

/** CPU time of this process: other work on the machine does not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
