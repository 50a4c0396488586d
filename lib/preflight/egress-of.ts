import type { CompiledPolicies } from '#lib/policy/compile.ts';
import { decide } from '#lib/policy/decide.ts';
import type { Peer, WorldEndpoint } from '#lib/policy/model.ts';

/** Whether egress of an endpoint is closed by default, and what it says of one destination. */
export interface EgressAnswer {
  readonly closed: boolean;
  readonly verdict: 'allowed' | 'denied' | 'error' | 'unknown';
}

/** What endpoints may send to one place. Endpoints with the same identity get the same answer, which is worked out once. */
export function egressTo(compiled: CompiledPolicies, destination: Peer, protocol: 'TCP' | 'UDP', port: number) {
  const known = new Map<number, EgressAnswer>();
  return ({ id }: WorldEndpoint): EgressAnswer => {
    const src = { endpoint: id };
    const { subject } = compiled.peers.find(src);
    if (!subject) return { closed: false, verdict: 'allowed' };
    let answer = known.get(subject.id);
    if (!answer) {
      const { egress } = decide(compiled, { src, dst: destination, protocol, port });
      answer = { closed: egress.enforced && egress.defaultDeny, verdict: egress.verdict };
      known.set(subject.id, answer);
    }
    return answer;
  };
}
