import 'server-only';
import type { BUS_VERDICTS, PolicyMessage } from '#lib/api/bus.ts';
import { EVENT_TYPE, type Endpoint, type Flow } from '#lib/flow/flow.ts';

type BusVerdict = (typeof BUS_VERDICTS)[number];

/** Kinds of traffic that are remembered of a cluster; the ones unseen the longest are forgotten first. */
const REMEMBERED = 50_000;

/** Sees when the same traffic (who, to whom, at which port) gets another verdict of the policies than the time before. */
export class VerdictWatch {
  readonly #cluster: string;
  readonly #last = new Map<string, BusVerdict>();

  constructor(cluster: string) {
    this.#cluster = cluster;
  }

  /** What changed with this flow; undefined when nothing did, or the flow tells nothing of policies. */
  see(flow: Flow): Extract<PolicyMessage, { type: 'verdict' }> | undefined {
    const to = policyVerdictOf(flow);
    if (!to) return undefined;
    const source = peerOf(flow.source);
    const destination = peerOf(flow.destination);
    const { protocol = '', destinationPort: port = 0 } = flow.l4 ?? {};
    const key = JSON.stringify([source, destination, protocol, port, flow.trafficDirection]);
    const from = this.#last.get(key);
    this.#last.delete(key);
    this.#last.set(key, to);
    if (this.#last.size > REMEMBERED) this.#forgetOldest();
    if (from === undefined || from === to) return undefined;
    return {
      type: 'verdict',
      cluster: this.#cluster,
      at: flow.time,
      source,
      destination,
      protocol,
      port,
      direction: flow.trafficDirection,
      from,
      to,
      flow: flow.uuid,
    };
  }

  #forgetOldest(): void {
    const oldest = this.#last.keys().next();
    if (!oldest.done) this.#last.delete(oldest.value);
  }
}

/** Only a policy's own events tell: a trace of an established connection says nothing of what a new one would get. */
function policyVerdictOf({ eventType, verdict, dropReason, isReply }: Flow): BusVerdict | undefined {
  if (isReply === true) return undefined;
  const decided =
    eventType.type === EVENT_TYPE.policyVerdict || (eventType.type === EVENT_TYPE.drop && dropReason === 'POLICY_DENIED');
  if (!decided) return undefined;
  if (verdict === 'REDIRECTED') return 'FORWARDED';
  return verdict === 'FORWARDED' || verdict === 'DROPPED' || verdict === 'AUDIT' ? verdict : undefined;
}

/** Pods come and go; what they are parts of stays. Without a workload the identity tells. */
const peerOf = ({ namespace, workload, identity }: Endpoint): { namespace: string; workload: string; identity: number } => ({
  namespace,
  workload: workload?.name ?? '',
  identity: workload ? 0 : identity,
});
