import 'server-only';
import { timeOfMoment } from '#lib/receipts/moment.ts';
import type { SignedReceipt } from '#lib/receipts/receipt.ts';

/** What of a receipt stands in columns, to list and search by. Everything in it is in the signed body too. */
export interface SearchColumns {
  readonly class: string;
  readonly verdict: string;
  /** Unix milliseconds, with the microseconds as its fraction. */
  readonly observed_at_ms: number;
  readonly flow_uuid: string;
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  readonly protocol: string;
  readonly reason: string;
  readonly policies: readonly string[];
  readonly rule: string;
  readonly search: string;
}

type Peer = NonNullable<SignedReceipt['flow']>['source'];

/** The columns of a receipt. A finding about something else than a flow is listed under its subject. */
export function searchColumns({ receipt_id, observed_at, policy, flow, observation }: SignedReceipt): SearchColumns {
  const policies = policy.map(({ ref }) => ref);
  const { finding } = observation;
  const columns = {
    class: observation.class,
    verdict: flow?.verdict ?? '',
    observed_at_ms: timeOfMoment(observed_at),
    flow_uuid: flow?.uuid ?? '',
    source: flow ? nameOf(flow.source) : (finding?.subject ?? ''),
    destination: flow ? nameOf(flow.destination) : '',
    port: flow?.port ?? 0,
    protocol: flow?.protocol ?? '',
    reason: flow?.drop_reason ?? '',
    policies,
    rule: finding?.rule ?? '',
  };
  const words = [
    receipt_id,
    ...(flow ? [...wordsOf(flow.source), ...wordsOf(flow.destination)] : []),
    columns.verdict,
    columns.reason,
    columns.rule,
    finding?.subject ?? '',
    ...policies,
    observation.node,
    ...(flow?.l7?.host === undefined ? [] : [flow.l7.host]),
  ];
  return { ...columns, search: [...new Set(words.filter(Boolean))].join(' ').toLowerCase() };
}

/** As people call it: `namespace/workload`, an outside name, or the identity. */
function nameOf({ identity, namespace, pod, workload, entity, ip }: Peer): string {
  const name = workload ?? pod;
  if (name !== undefined) return namespace === undefined ? name : `${namespace}/${name}`;
  return entity ?? ip ?? `identity:${identity}`;
}

const wordsOf = ({ namespace, pod, workload, entity, ip }: Peer): string[] =>
  [namespace, pod, workload, entity, ip].filter((word) => word !== undefined);
