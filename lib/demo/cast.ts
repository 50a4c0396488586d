import type { Endpoint, ServiceRef } from '#lib/flow/flow.ts';
import type { Exchange } from './exchanges.ts';
import { type Outsider, outsiders } from './outsiders.ts';
import type { Random } from './random.ts';
import type { DemoNode, DemoPod, World } from './world.ts';

/** One end of an exchange, made concrete. */
export interface Side {
  readonly endpoint: Endpoint;
  readonly ip: string;
  readonly ip6: string;
  /** Undefined outside the cluster. */
  readonly node: DemoNode | undefined;
  readonly isPod: boolean;
  readonly names: readonly string[];
  readonly service: ServiceRef | undefined;
  readonly clusterIp: string;
}

const OUTSIDE = 'outside:';

/** Chooses who plays an exchange. */
export class Cast {
  private readonly outsiders: ReadonlyMap<string, Outsider>;

  constructor(
    private readonly world: World,
    private readonly random: Random,
  ) {
    const nodeNet = world.nodes[0]?.ip.split('.').slice(0, 2).join('.') ?? '10.20';
    this.outsiders = new Map(Object.entries(outsiders(world.cluster, nodeNet)));
  }

  /** Whether there is such an end in this world. */
  readonly knows = (end: string): boolean =>
    end.startsWith(OUTSIDE) ? this.outsiders.has(end.slice(OUTSIDE.length)) : this.world.workloads.has(end);

  choose(exchange: Exchange): { readonly source: Side; readonly destination: Side } {
    const { from, to, onlyAt, notAt } = exchange;
    if (to === 'outside:host' || to === 'outside:remote-node') {
      // As seen from the source's own node.
      const source = this.side(from, anywhere);
      return { source, destination: this.side(to, (node) => (node === source.node) === (to === 'outside:host')) };
    }
    const placed = ({ shortName }: DemoNode) => (onlyAt === '' || shortName === onlyAt) && (notAt === '' || shortName !== notAt);
    const destination = this.side(to, placed);
    const apart = exchange.outcome === 'plaintext' || exchange.reason === 'UNENCRYPTED_TRAFFIC' || from === 'outside:remote-node';
    const source = this.side(from, (node) => {
      if (!destination.node) return placed(node);
      if (from === 'outside:host') return node === destination.node;
      return !apart || node !== destination.node;
    });
    return { source, destination };
  }

  /** The address that DNS gives for `name`; undefined when it does not exist. */
  resolve(name: string): string | undefined {
    for (const { service, clusterIp } of this.world.workloads.values()) {
      if (service && name === `${service.name}.${service.namespace}.svc.cluster.local.`) return clusterIp;
    }
    for (const outsider of this.outsiders.values()) if (outsider.name && name === `${outsider.name}.`) return outsider.ip;
    return undefined;
  }

  outsider(name: 'host' | 'remote-node'): Endpoint {
    return (this.outsiders.get(name) as Outsider).endpoint;
  }

  private side(end: string, suits: (node: DemoNode) => boolean): Side {
    if (end.startsWith(OUTSIDE)) return this.outside(this.outsiders.get(end.slice(OUTSIDE.length)) as Outsider, suits);
    const workload = this.world.workloads.get(end);
    if (!workload) throw new Error(`no workload ${end}`);
    const { endpoint, ip, ip6, node } = this.random.pick(preferred(workload.pods, (pod: DemoPod) => suits(pod.node)));
    const { service, clusterIp } = workload;
    return { endpoint, ip, ip6, node, isPod: true, names: [], service, clusterIp };
  }

  private outside(outsider: Outsider, suits: (node: DemoNode) => boolean): Side {
    const { endpoint, at, name } = outsider;
    const node = at ? this.random.pick(preferred(this.world.nodes, suits)) : undefined;
    const number = 1 + this.random.below(200);
    const ip = !node ? (outsider.ip ?? '').replace('%d', String(number)) : at === 'health' ? node.healthIp : node.ip;
    return {
      endpoint,
      ip,
      ip6: `2001:db8:20::${number}`,
      node,
      isPod: false,
      names: name ? [name] : [],
      service: undefined,
      clusterIp: '',
    };
  }
}

const anywhere = () => true;

/** Those that suit; all when none does, as in a cluster of fewer nodes. */
function preferred<T>(list: readonly T[], suits: (item: T) => boolean): readonly T[] {
  const suitable = list.filter(suits);
  return suitable.length > 0 ? suitable : list;
}
