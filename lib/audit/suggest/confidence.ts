import { labelOf, namespaceOf, NAMESPACE_KEY } from '#lib/policy/nearest-labels.ts';
import type { Connection } from './connection.ts';
import type { Need } from './needs.ts';
import { otherEnd, type Side } from './peers.ts';

export type Confidence = 'high' | 'medium' | 'low';

/** Flows that a connection leaves, both ends watched or one: a verdict and traces at each, and its replies. */
const FLOWS_OF_BOTH_ENDS = 9;
const FLOWS_OF_ONE_END = 4;
const RARE_CONNECTIONS = 2;
const FEW_FLOWS = 100;
const DAY_MS = 86_400_000;

/** What the whole capture says of how far it can be relied on. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly incompleteMinutes: number;
}

export const flowsOf = (connections: readonly Connection[]): number =>
  [...new Set(connections)].reduce((sum, { tuple }) => sum + tuple.flows, 0);

/** Whether a need rests on about two connections at most. */
export function isRare({ connections }: Pick<Need, 'connections'>): boolean {
  const [first] = connections;
  if (!first) return false;
  const isInside = first.tuple.source.namespace !== '' && first.tuple.destination.namespace !== '';
  return flowsOf(connections) <= RARE_CONNECTIONS * (isInside ? FLOWS_OF_BOTH_ENDS : FLOWS_OF_ONE_END);
}

/** Whether somebody should look at a need before it is allowed: then it stands in a rule of its own. */
export const isDoubtful = (need: Need): boolean =>
  isRare(need) || need.connections.some(({ mixed, audited, unauthenticated }) => mixed || audited || unauthenticated);

/** How far a rule can be relied on and what would break it, a sentence each. */
export function confidenceOf(
  needs: readonly Need[],
  side: Side,
  window: Window,
  known: ReadonlySet<string> | undefined,
): { confidence: Confidence; cautions: string[] } {
  const connections = [...new Set(needs.flatMap((need) => need.connections))];
  const flows = flowsOf(connections);
  const cautions = new Set(needs.flatMap((need) => need.cautions));
  const doubts: string[] = [];
  if (needs.some(isRare))
    doubts.push(`Seen in ${flows} ${flows === 1 ? 'flow' : 'flows'} only, about two connections: a rare job, or a mistake.`);
  if (connections.some(({ mixed }) => mixed)) doubts.push('It was also refused at times in this window.');
  if (connections.some(({ audited }) => audited))
    doubts.push('It passed only because denials are reported there and not made (audit mode).');
  if (connections.some(({ unauthenticated }) => unauthenticated))
    doubts.push('It was dropped where the two ends had not authenticated each other.');
  if (needs.some(({ peer }) => peer.kind === 'entity' && peer.entity === 'world'))
    doubts.push('It lets all of the outside in question through: too many addresses were seen to name them.');
  if (known && connections.some((connection) => isStranger(connection, side, known)))
    doubts.push('No pod in the cluster has these labels now: it is gone, or nobody knows whose it is.');
  if (needs.some(({ peer }) => peer.kind === 'pods' && !peer.choice.exact))
    doubts.push('Its labels do not tell it from other pods of its namespace: they are let through with it.');
  for (const doubt of doubts) cautions.add(doubt);
  const span = Math.min(window.to - window.from, spanOf(connections));
  const confidence = doubts.length > 0 ? 'low' : flows < FEW_FLOWS || span < DAY_MS ? 'medium' : 'high';
  return { confidence: connections.length === 0 ? 'medium' : confidence, cautions: [...cautions] };
}

const spanOf = (connections: readonly Connection[]): number =>
  connections.length === 0
    ? 0
    : connections.reduce((last, { tuple }) => Math.max(last, tuple.lastSeen), 0) -
      connections.reduce((first, { tuple }) => Math.min(first, tuple.firstSeen), Infinity);

const isStranger = (connection: Connection, { direction }: Side, known: ReadonlySet<string>): boolean =>
  otherEnd(connection, direction).forms.some(
    ({ labels }) => namespaceOf(labels) !== undefined && !known.has(strangerKey(labels)),
  );

/** What a pod is known by to tell strangers: its namespace and the labels that are its own. */
export function strangerKey(labels: readonly string[]): string {
  return [
    labelOf(labels, NAMESPACE_KEY) ?? '',
    ...labels.filter((label) => label.startsWith('k8s:') && !label.startsWith('k8s:io.')).toSorted(),
  ].join('\n');
}

/** What holds for all rules alike. */
export function windowCautions({ from, to, incompleteMinutes }: Window): string[] {
  const minutes = Math.max(1, Math.round((to - from) / 60_000));
  const length =
    minutes < 120
      ? `${minutes} minutes`
      : minutes < 2880
        ? `${Math.round(minutes / 60)} hours`
        : `${Math.round(minutes / 1440)} days`;
  return [
    ...(to - from < DAY_MS
      ? [`The window is ${length}: what runs daily, weekly or monthly was not seen and would be refused.`]
      : []),
    ...(incompleteMinutes > 0
      ? [
          `${incompleteMinutes} of ${minutes} minutes lack flows (lost events or a missing node): what happened only then is not here.`,
        ]
      : []),
  ];
}
