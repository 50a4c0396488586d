import type { Endpoint } from '#lib/flow/flow.ts';
import { seededRandom } from './random.ts';
import type { DemoNode, DemoPod, DemoWorkload, World } from './world.ts';

export interface Smaller {
  readonly cluster: string;
  readonly nodes: number;
  /** Most pods of a workload, DaemonSets aside. */
  readonly replicas: number;
  /** Second octet of node and pod addresses, e.g. 40 for 10.40 and 10.41. */
  readonly octet: number;
  readonly firstIdentity: number;
  readonly revision: number;
  readonly without?: readonly string[];
}

/** The same platform, smaller: another cluster's names, addresses, identities and pods, the same workloads. */
export function smallerWorld(full: World, smaller: Smaller): World {
  const random = seededRandom(smaller.octet);
  const nodes = Array.from({ length: smaller.nodes }, (_, i): DemoNode => {
    const ip = `10.${smaller.octet}.${i + 1}.11`;
    const shortName = `ip-${ip.replaceAll('.', '-')}`;
    return { shortName, name: `${smaller.cluster}/${shortName}`, ip, healthIp: `10.${smaller.octet + 1}.${i + 1}.254` };
  });
  let identity = smaller.firstIdentity;
  let place = 0;
  const workloads = new Map<string, DemoWorkload>();
  for (const [key, workload] of full.workloads) {
    if (smaller.without?.includes(key)) continue;
    identity += 113;
    const hash = random.tag(9);
    const everywhere = workload.pods[0]?.endpoint.workload?.kind === 'DaemonSet';
    const count = everywhere ? nodes.length : Math.min(smaller.replicas, workload.pods.length);
    const pods = workload.pods.slice(0, count).map((pod, i): DemoPod => {
      place++;
      const node = nodes[(everywhere ? i : place) % nodes.length] as DemoNode;
      const host = 20 + place;
      const octet = node.ip.split('.')[2] ?? '';
      return {
        endpoint: renamed(pod.endpoint, full.cluster, smaller.cluster, identity, podNameOf(pod.endpoint, hash, random.tag(5), i)),
        node,
        ip: `10.${smaller.octet + 1}.${octet}.${host}`,
        ip6: `fd00:${smaller.octet + 1}:${octet}::${host.toString(16)}`,
      };
    });
    workloads.set(key, { ...workload, pods, clusterIp: workload.clusterIp.replace(/^10\.100\./, `10.${smaller.octet + 100}.`) });
  }
  return { cluster: smaller.cluster, nodes, workloads, revisionAt: () => smaller.revision };
}

function renamed(endpoint: Endpoint, from: string, cluster: string, identity: number, podName: string): Endpoint {
  const labels = endpoint.labels.map((label) => label.replace(from, cluster));
  return { ...endpoint, identity, clusterName: cluster, podName, labels };
}

function podNameOf({ workload, podName: name }: Endpoint, hash: string, tail: string, index: number): string {
  switch (workload?.kind) {
    case 'Deployment':
      return `${workload.name}-${hash}-${tail}`;
    case 'DaemonSet':
      return `${workload.name}-${tail}`;
    case 'StatefulSet':
      return `${workload.name}-${index}`;
    default:
      return name;
  }
}
