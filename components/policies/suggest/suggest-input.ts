import type { SuggestInput } from '#lib/api/what-if.ts';
import type { Console } from '#components/live/use-console.ts';

export const SIDES = ['both', 'ingress', 'egress'] as const;

/** For whom policies are suggested. */
export interface Scope {
  readonly ns: string | null;
  readonly workload: string | null;
  readonly side: (typeof SIDES)[number];
  /** HTTP requests become rules. */
  readonly l7: boolean;
}

/** The body for `POST policies/suggest`; null while no namespace is chosen. */
export function suggestInput(scope: Scope, view: Pick<Console, 'window' | 'capture'>): SuggestInput | null {
  const { ns, workload, side, l7 } = scope;
  if (ns === null) return null;
  return {
    ...windowInput(view),
    namespace: ns,
    ...(workload === null ? {} : { workload }),
    directions: side === 'both' ? ['ingress', 'egress'] : [side],
    l7,
  };
}

/** The window shown, as bodies have it. */
export function windowInput({ window, capture }: Pick<Console, 'window' | 'capture'>): {
  range?: string;
  from?: number;
  to?: number;
  capture?: string;
} {
  const { range, from, to } = window;
  return {
    ...(from === null ? { range } : { from, ...(to === null ? {} : { to }) }),
    ...(capture === null ? {} : { capture }),
  };
}

/** The scope for a link. */
export const suggestParams = ({ ns, workload, side, l7 }: Scope): Record<string, string> => ({
  ...(ns === null ? {} : { ns }),
  ...(workload === null ? {} : { workload }),
  ...(side === 'both' ? {} : { side }),
  ...(l7 ? { l7: 'true' } : {}),
});
