import { peerTerm, termText } from '#components/flows/peer-terms.ts';
import { quoted } from '#lib/flow/filter-tokens.ts';
import type { MapEdge, MapNode } from '#lib/topology/topology.ts';

/** The filter that selects the flows of an edge, whatever the level of the map. Outside ranges and names have words of their own. */
export function filterOfEdge({ source, destination, port, protocol }: MapEdge): string {
  const ends = [endTerm('source', source), endTerm('destination', destination)];
  const last = port > 0 ? `to-port:${port}` : protocol === 'NONE' ? '' : `proto:${protocol.toLowerCase()}`;
  return [...ends, last].filter(Boolean).join(' ');
}

/** The filter for everything between two cards' nodes; without ports. */
export const filterOfPair = (source: string, destination: string): string =>
  [endTerm('source', source), endTerm('destination', destination)].filter(Boolean).join(' ');

/** The filter that selects the flows of a node, at either end. */
export function filterOfNode({
  id,
  namespace,
  kind,
  pods,
  workloadKind,
}: Pick<MapNode, 'id' | 'namespace' | 'kind' | 'pods' | 'workloadKind'>): string {
  if (kind === 'namespace') return `ns:${quoted(id)}`;
  if (namespace !== '') return workloadKind === '' && pods === 1 ? `pod:${quoted(id)}` : `workload:${quoted(id)}`;
  const term = peerTerm('source', id);
  return term ? termText({ ...term, key: term.key.replace('from-', '') }) : '';
}

function endTerm(side: 'source' | 'destination', id: string): string {
  // Namespaces and groups of the folded map hold neither slash nor colon.
  if (!id.includes('/') && !id.includes(':'))
    return id.startsWith('@') || id === '' ? '' : `${side === 'source' ? 'from' : 'to'}-ns:${quoted(id)}`;
  const term = peerTerm(side, id.startsWith('to ') ? id.slice(3) : id);
  return term ? termText(term) : '';
}
