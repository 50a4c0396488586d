import { entityOf } from '#lib/flow/endpoint-name.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { cidrGroupOf } from '#lib/topology/names.ts';
import { pairOfFlow } from './peer-terms.ts';

/** Key of the map's edge at level workload that a flow belongs to, as far as the flow alone tells it. */
export function mapSelection(flow: Flow): string {
  const { source, destination, protocol, port } = pairOfFlow(flow);
  const reply = flow.isReply === true;
  const from = mapId(source, flow, reply ? 'destination' : 'source');
  const to = mapId(destination, flow, reply ? 'source' : 'destination');
  return `${from}->${to}:${protocol}/${port}`;
}

/** The map's id of one end: `payments/ledger`, `entity:world`, `fqdn:api.example.com`, `cidr:203.0.113.0/24`. */
function mapId(name: string, flow: Flow, side: 'source' | 'destination'): string {
  const endpoint = flow[side];
  if (endpoint.podName !== '' || endpoint.namespace !== '') return name;
  if (entityOf(endpoint) === name) return `entity:${name}`;
  const group = cidrGroupOf(name);
  return group === undefined ? `fqdn:${name}` : `cidr:${group}`;
}
