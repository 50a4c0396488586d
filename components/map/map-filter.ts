import { pairFilter, termText } from '#components/flows/peer-terms.ts';
import type { Level, MapEdge, MapNode } from '#lib/topology/topology.ts';

/** The filter that selects the flows of an edge, whatever the level of the map. */
export function filterOfEdge({ source, destination, port, protocol }: MapEdge, level: Level): string {
  const last = port > 0 ? `to-port:${port}` : protocol === 'NONE' ? '' : `proto:${protocol.toLowerCase()}`;
  return [filterOfPair(source, destination, level), last].filter(Boolean).join(' ');
}

/** The filter for everything between two nodes or folded cards, whatever the port. */
export const filterOfPair = (source: string, destination: string, level: Level): string =>
  [endTerm('from', source, level), endTerm('to', destination, level)].filter(Boolean).join(' ');

/** The filter that selects the flows of a node, at either end. */
export const filterOfNode = ({ id }: Pick<MapNode, 'id'>, level: Level): string =>
  endTerm('from', id, level).replace(/^from-/, '');

function endTerm(side: 'from' | 'to', cardId: string, level: Level): string {
  const id = cardId.startsWith('to ') ? cardId.slice(3) : cardId;
  // A folded group of outside names is no single thing that a filter could name.
  if (id === '' || id.startsWith('@')) return '';
  if (!id.includes('/') && !id.includes(':')) return termText(`${side}-ns`, id);
  if (level === 'pod' && !/^(entity|fqdn|cidr|identity):/.test(id)) return termText(`${side}-pod`, id);
  return side === 'from' ? pairFilter(id, '', 'NONE', 0) : pairFilter('', id, 'NONE', 0);
}
