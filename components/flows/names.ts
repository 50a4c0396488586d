import { type Side, nameOf } from '#lib/flow/endpoint-name.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { visibleText } from '#lib/flow/text.ts';

/** One side of a flow as it is shown: what cannot be seen is visible, the namespace stands apart. */
export interface PeerName {
  /** Empty outside the cluster. */
  readonly namespace: string;
  readonly name: string;
  /** `namespace/name`. */
  readonly full: string;
}

export function peerName(flow: Flow, side: Side, level: 'workload' | 'pod' = 'workload'): PeerName {
  const full = nameOf(flow, side, level);
  const prefix = `${flow[side].namespace}/`;
  const inside = prefix !== '/' && full.startsWith(prefix);
  return {
    namespace: inside ? visibleText(flow[side].namespace) : '',
    name: visibleText(inside ? full.slice(prefix.length) : full),
    full: visibleText(full),
  };
}
