import 'server-only';
import type { StreamEvent } from '#lib/flow/flow.ts';

/** Of what cluster an event tells, in the words of the one who observed it; empty when it does not say. */
export function clusterNameOf(event: StreamEvent): string {
  switch (event.kind) {
    case 'flow': {
      const { nodeName, source, destination } = event.flow;
      // Ends in several clusters are named by the one that observed nothing too: without its node, only ends that agree tell.
      const ends = [source.clusterName, destination.clusterName].filter(Boolean);
      return prefixOf(nodeName) || (new Set(ends).size === 1 ? (ends[0] ?? '') : '');
    }
    case 'node-status':
      return prefixOf(event.status.nodeNames[0] ?? '');
    case 'lost-events':
      return prefixOf(event.lost.nodeName);
    case 'gap':
      return prefixOf(event.gap.nodeName);
  }
}

/** Hubble names a node `cluster/node`, and of Cilium's nameless default cluster just `node`. */
const prefixOf = (nodeName: string): string => {
  const slash = nodeName.indexOf('/');
  return slash < 0 ? '' : nodeName.slice(0, slash);
};

/** The console's cluster for such a name: as configured, else the one of that id; nameless ones by `*`. */
export const clusterFor = (name: string, clusters: ReadonlyMap<string, string>): string | undefined =>
  name === '' ? clusters.get('*') : (clusters.get(name) ?? name);
