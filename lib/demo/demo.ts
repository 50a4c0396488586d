import { DemoCluster } from './demo-cluster.ts';
import type { Character } from './exchanges.ts';
import { productionObjects, smallerObjects } from './objects.ts';
import { type RelayServer, serveRelay } from './relay-server.ts';
import { smallerWorld } from './smaller-world.ts';
import { productionWorld, type World } from './world.ts';

/** In the order of promotion; the demo layer does not know the API's own list. */
type Environment = 'DEV' | 'TST' | 'PRD';

export interface DemoOptions {
  /** Ports of the production, test and development relay; any free ones by default. */
  readonly ports?: readonly [number, number, number];
  readonly seed?: number;
  /** Factor on how busy the clusters are. */
  readonly rate?: number;
  /** Unix milliseconds; a clock that stands still gives the same twenty minutes each time. */
  readonly now?: () => number;
  /** Milliseconds after the start at which a deployment goes wrong; negative puts it into the history. */
  readonly storyAfterMs?: number;
  /** Whether a node of the production cluster leaves and comes back. */
  readonly nodesLeave?: boolean;
  /** Nothing goes wrong: no troubles, no findings, no story, no node that leaves, no event that is lost. A migration can be walked to its end. */
  readonly calm?: boolean;
}

export interface Demo {
  readonly clusters: readonly {
    readonly id: string;
    readonly name: string;
    readonly environment: Environment;
    /** `HOST:PORT` of its relay: plain gRPC on loopback. */
    readonly address: string;
    /** Its Kubernetes objects, as kubectl prints them. */
    readonly objects: readonly object[];
  }[];
  close(): Promise<void>;
}

const TICK_MS = 50;
/** What a cluster is like in which nothing goes wrong. */
export const CALM: Partial<Character> = { trouble: 0, findings: false, story: false, authenticatedEverywhere: true };
const STORY_AFTER_MS = 240_000;

/** Three clusters of one platform, from the one that has moved least to the one that has moved furthest, each behind a relay of its own. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const { seed = 7, rate = 1, now = Date.now, storyAfterMs = STORY_AFTER_MS, calm = false, nodesLeave = !calm } = options;
  const start = now();
  const playing = parts(rate).map(({ environment, world, character, objects }, index) => ({
    environment,
    objects,
    cluster: new DemoCluster({
      world,
      character: calm ? { ...character, ...CALM } : character,
      seed: seed + index * 1009,
      start,
      storyAfterMs,
      nodesLeave: nodesLeave && environment === 'PRD',
      losesEvents: !calm,
    }),
  }));
  const servers: RelayServer[] = [];
  try {
    for (const [index, { cluster }] of playing.entries())
      servers.push(await serveRelay(cluster, { port: options.ports?.[index] ?? 0 }));
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
  const timer = setInterval(() => {
    for (const { cluster } of playing) cluster.advance(now());
  }, TICK_MS);
  return {
    clusters: playing.map(({ environment, cluster, objects }, index) => {
      const name = cluster.plan.world.cluster;
      return { id: name, name, environment, address: servers[index]?.address ?? '', objects };
    }),
    async close() {
      clearInterval(timer);
      for (const server of servers) server.close();
    },
  };
}

export interface Part {
  readonly environment: Environment;
  readonly world: World;
  readonly character: Character;
  readonly objects: readonly object[];
}

/** The three clusters, in the order in which they moved: the one that serves people first. */
export function parts(rate: number): Part[] {
  const production = productionWorld();
  const test = smallerWorld(production, {
    cluster: 'aegis-test',
    nodes: 3,
    replicas: 2,
    octet: 40,
    firstIdentity: 12_000,
    revision: 52,
  });
  const dev = smallerWorld(production, {
    cluster: 'aegis-dev',
    nodes: 2,
    replicas: 1,
    octet: 60,
    firstIdentity: 14_000,
    revision: 60,
    without: ['gateway/debug-shell'],
  });
  return [
    {
      environment: 'PRD',
      world: production,
      character: { busy: 1.4 * rate, trouble: 1.6, findings: true, story: true, authenticatedEverywhere: false },
      objects: productionObjects(),
    },
    {
      environment: 'TST',
      world: test,
      character: { busy: 0.5 * rate, trouble: 0.6, findings: false, story: false, authenticatedEverywhere: false },
      objects: smallerObjects(production, test, false),
    },
    {
      environment: 'DEV',
      world: dev,
      character: { busy: 0.3 * rate, trouble: 0.05, findings: false, story: false, authenticatedEverywhere: true },
      objects: smallerObjects(production, dev, true),
    },
  ];
}
