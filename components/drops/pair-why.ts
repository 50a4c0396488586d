import type { DropPair } from '#lib/api/drops.ts';
import { dropCauseOf } from '#lib/flow/drop-catalogue.ts';
import { exact } from '#components/ui/format.ts';
import type { WhyPoint } from '#components/flows/flow-why.ts';

/** Why a pair is dropped, as far as Hubble says: the policy that denied, that a default deny names none, or what the reason code means. */
export function whyPair(pair: DropPair): readonly WhyPoint[] {
  const cause = dropCauseOf(pair.reason);
  if (cause.decidedBy !== 'policy') {
    return [
      { tone: 'note', text: `${cause.label}: no policy decided this`, detail: cause.meaning },
      { tone: 'note', text: 'Where to look', detail: cause.look },
    ];
  }
  const side = sideOf(pair);
  const denied: WhyPoint[] = pair.policies.map((policy) => {
    const { kind, name } = splitPolicy(policy);
    return { tone: 'denied', text: `${side.direction} denied by`, policy: name, ...(kind ? { detail: kind } : {}) };
  });
  if (denied.length > 0) return [...denied, { tone: 'note', text: cause.label, detail: cause.meaning }];
  if (pair.reason === 'POLICY_DENIED') {
    return [
      {
        tone: 'denied',
        text: `${side.direction} at ${side.name}: no rule allows it`,
        detail: `Hubble named no policy, so this is the default deny: at least one policy selects ${side.name} for ${side.direction.toLowerCase()}, and none of their rules allows this peer and port.`,
      },
    ];
  }
  return [
    { tone: 'denied', text: `${side.direction} at ${side.name}: ${cause.label.toLowerCase()}`, detail: cause.meaning },
    { tone: 'note', text: 'Where to look', detail: cause.look },
  ];
}

/** Egress is decided at the source, ingress at the destination. */
function sideOf({ direction, source, destination }: DropPair): { direction: string; name: string } {
  if (direction === 'EGRESS') return { direction: 'Egress', name: shortName(source) };
  if (direction === 'INGRESS') return { direction: 'Ingress', name: shortName(destination) };
  return { direction: 'Traffic', name: 'one of the ends' };
}

const shortName = (id: string): string => id.replace(/^(entity|fqdn|cidr):/, '');

/** `CiliumNetworkPolicy:payments/ledger` as kind and name; a name alone stays one. */
export function splitPolicy(policy: string): { kind: string; name: string } {
  const colon = policy.indexOf(':');
  return colon < 0 ? { kind: '', name: policy } : { kind: policy.slice(0, colon), name: policy.slice(colon + 1) };
}

/** What to weigh before a newly seen pair is allowed; undefined when there is nothing special about it. */
export function adviceFor(pair: DropPair, clock: (time: number) => string): string | undefined {
  const policy = dropCauseOf(pair.reason).decidedBy === 'policy';
  if (!policy || !pair.newlySeen) return undefined;
  const share =
    pair.flows > pair.count
      ? `${exact(pair.flows - pair.count)} flows of this pair and port were not dropped in this window. `
      : 'No flow of this pair and port got through. ';
  return `This pair was not seen before in all that the console has kept. It began at ${clock(pair.firstSeen)}. ${share}The policy may be doing its work: find out what changed, and ask the owner of the source first.`;
}
