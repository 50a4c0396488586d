import type { AuditEnd } from '#lib/audit/tuple.ts';
import { endOf, shortNode } from '#lib/audit/tuple.ts';
import type { Flow } from '#lib/flow/flow.ts';
import type { PolicyDecision, Question } from '#lib/policy/model.ts';
import type { Inventory } from '#lib/world/inventory.ts';
import { policyProtocolOf } from '#lib/world/question.ts';
import type { FindingAbout } from './rule.ts';
import type { Propagation } from './propagation.ts';

/** Flows that agree in all that a rule looks at, with the newest of them. */
export interface Sample {
  readonly flow: Flow;
  readonly count: number;
  /** Unix milliseconds. */
  readonly first: number;
  readonly last: number;
  /** DNS names learned for an address outside; empty where none were. */
  readonly names: readonly string[];
}

/** What samples are judged by. */
export interface RuleContext {
  readonly inventory: Inventory;
  readonly decide: (question: Question) => PolicyDecision;
  /** References of the policies in force. */
  readonly policies: ReadonlySet<string>;
  readonly propagation: Propagation;
  /** Findings that were seen in an earlier window: `RULE key`. */
  readonly seenBefore: ReadonlySet<string>;
}

/** Whether a finding was seen in an earlier window. */
export const seenBefore = (context: Pick<RuleContext, 'seenBefore'>, rule: string, key: string): boolean =>
  context.seenBefore.has(`${rule} ${key}`);

/** What two flows of one finding have in common: ends by workload, direction, protocol and port. */
export function connectionAbout(
  flow: Flow,
  inventory: Inventory,
): Required<Pick<FindingAbout, 'source' | 'destination'>> & FindingAbout {
  const { l4, trafficDirection } = flow;
  const protocol = l4 && (policyProtocolOf(l4.protocol) ?? l4.protocol);
  const port = l4 && (l4.icmpType ?? l4.destinationPort);
  return {
    source: endOf(flow, 'source', inventory),
    destination: endOf(flow, 'destination', inventory),
    ...(trafficDirection !== 'TRAFFIC_DIRECTION_UNKNOWN' && { direction: trafficDirection }),
    ...(protocol !== undefined && { protocol }),
    ...(port !== undefined && { port }),
    policies: [],
    nodes: [shortNode(flow.nodeName)],
  };
}

/** Stable text for an end: its workload, else its labels, else its number. An identity changes with labels, a finding should not. */
export const endKey = ({ namespace = '', workload, labels = [], identity }: AuditEnd): string =>
  workload === undefined ? `${labels.join(',') || identity}` : `${namespace}/${workload}`;

/** The key of a finding about a connection. `and` tells apart what else the rule tells apart. */
export const connectionKey = ({ source, destination, direction, protocol, port }: FindingAbout, ...and: string[]): string =>
  JSON.stringify([
    direction ?? '',
    source ? endKey(source) : '',
    destination ? endKey(destination) : '',
    protocol ?? '',
    port ?? '',
    ...and,
  ]);

/** `monitoring/grafana → payments/ledger TCP/9090` */
export function connectionText({ source, destination, protocol, port }: FindingAbout): string {
  const ends = [source, destination].map((end) => (end ? endText(end) : 'unknown'));
  const target = protocol === undefined ? '' : ` ${protocol}${port === undefined ? '' : `/${port}`}`;
  return `${ends.join(' → ')}${target}`;
}

export function endText({ namespace, workload, labels = [], identity }: AuditEnd): string {
  if (workload !== undefined) return namespace === undefined ? workload : `${namespace}/${workload}`;
  const reserved = labels.find((label) => label.startsWith('reserved:'));
  return reserved?.slice('reserved:'.length) ?? `identity ${identity}`;
}

/** `1 connection`, `3 connections` */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** `a`, `a and b`, `a, b and 3 more` */
export function listed(names: readonly string[], most = 4): string {
  const shown = names.slice(0, most);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
