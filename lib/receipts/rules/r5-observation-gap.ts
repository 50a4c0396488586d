import { Merged } from './merged.ts';
import type { FindingAbout, RuleReport, Sighting } from './rule.ts';
import { counted } from './sample.ts';

/** What was not seen in a window. Names of nodes are without the cluster's. Times are Unix milliseconds. */
export interface ObservationWindow {
  readonly from: number;
  readonly to: number;
  readonly nodes: number;
  readonly missing: readonly string[];
  readonly lost: readonly { readonly node: string; readonly source: string; readonly count: number }[];
  /** `node` is empty for the whole cluster. */
  readonly gaps: readonly { readonly from: number; readonly to: number; readonly node: string; readonly reason: string }[];
  /** How far each node's clock is ahead of ours, or behind the others (negative). */
  readonly skews: readonly { readonly node: string; readonly ms: number }[];
  /** Nodes that sent nothing while their own count of flows grew. */
  readonly silent: readonly { readonly node: string; readonly since: number; readonly missed: number }[];
  /** Why the window cannot be judged: the relay was not asked, or did not answer. */
  readonly unknown: readonly string[];
}

/** Clocks that are this far apart are named. */
export const MOST_SKEW_MS = 2000;
/** A node that sends nothing for this long is silent. */
export const SILENT_MS = 60_000;

/**
 * R5: something was not seen. It accuses nobody; it says for which time silence of the other rules means nothing. Counts of lost events are a lower
 * bound, and a window without any is no proof that there were none.
 */
export function observationGaps(window: ObservationWindow): RuleReport {
  const { from, to, missing, lost, gaps, skews, silent, unknown } = window;
  const all: Sighting[] = [
    ...lost.map(({ node, source, count }) =>
      gap({
        key: ['lost', node, source],
        title: 'Events were lost',
        subject: `node ${node}`,
        reasons: [`${counted(count, 'event')} of node ${node} were lost in ${sourceText(source)}; the count is a lower bound.`],
        node,
        count,
        first: from,
        last: to,
      }),
    ),
    ...missing.map((node) =>
      gap({
        key: ['missing', node],
        title: 'A node does not report',
        subject: `node ${node}`,
        reasons: [`The relay expects node ${node} and has no connection to it: nothing it does is seen.`],
        node,
        count: 1,
        first: from,
        last: to,
      }),
    ),
    ...gaps.map(({ node, reason, ...times }) =>
      gap({
        key: ['gap', node, reason],
        title: 'A stretch was not seen',
        subject: node === '' ? 'the whole cluster' : `node ${node}`,
        reasons: [
          `${Math.max(1, Math.round((times.to - times.from) / 1000))} s are missing: ${GAP_REASONS.get(reason) ?? reason}.`,
        ],
        node,
        count: 1,
        first: times.from,
        last: times.to,
      }),
    ),
    ...skews
      .filter(({ ms }) => Math.abs(ms) > MOST_SKEW_MS)
      .map(({ node, ms }) =>
        gap({
          key: ['skew', node],
          title: 'A clock is off',
          subject: `node ${node}`,
          reasons: [
            ms > 0
              ? `Its flows are dated ${seconds(ms)} s in the future.`
              : `Its newest flows are ${seconds(-ms)} s older than those of other nodes: its clock is behind, or it sends late.`,
            'The order of its flows and those of other nodes is not to be relied on.',
          ],
          node,
          count: 1,
          first: from,
          last: to,
          // Late flows look like a clock that is behind.
          severity: ms > 0 ? 'confirmed' : 'suspected',
        }),
      ),
    ...silent.map(({ node, since, missed }) =>
      gap({
        key: ['silent', node],
        title: 'A node fell silent',
        subject: `node ${node}`,
        reasons: [`It sent nothing for ${seconds(to - since)} s, while by its own count it saw ${counted(missed, 'flow')}.`],
        node,
        count: 1,
        first: since,
        last: to,
      }),
    ),
  ];
  const found = new Merged();
  for (const sighting of all) found.add(sighting);
  return { rule: 'R5', sightings: found.all(), looked: window.nodes, notEvaluable: unknown };
}

interface Seen extends Pick<Sighting, 'title' | 'subject' | 'reasons' | 'count' | 'first' | 'last'> {
  readonly key: readonly string[];
  readonly node: string;
  readonly severity?: Sighting['severity'];
}

function gap({ key, node, severity = 'confirmed', ...rest }: Seen): Sighting {
  const about: FindingAbout = { policies: [], nodes: node === '' ? [] : [node] };
  return { rule: 'R5', key: JSON.stringify(key), severity, ...rest, about, flows: [] };
}

/** Whether a sighting tells of what goes on from window to window, and not of something that happened in its own. */
export const isLasting = ({ key }: Pick<Sighting, 'key'>): boolean => LASTING.some((kind) => key.startsWith(`["${kind}"`));

const LASTING = ['missing', 'skew', 'silent'];

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

const SOURCES: ReadonlyMap<string, string> = new Map([
  ['PERF_EVENT_RING_BUFFER', 'the kernel’s ring buffer'],
  ['OBSERVER_EVENTS_QUEUE', 'the agent’s queue'],
  ['HUBBLE_RING_BUFFER', 'Hubble’s ring buffer'],
]);
const sourceText = (source: string): string => SOURCES.get(source) ?? 'a place that is not told';

const GAP_REASONS: ReadonlyMap<string, string> = new Map([
  ['relay-unreachable', 'the relay could not be reached'],
  ['ingest-restarted', 'the console did not run'],
  ['relay-restarted', 'the relay was restarted'],
  ['node-unavailable', 'the relay had no connection to the node'],
  ['database-unreachable', 'the database could not be reached'],
]);

/** Why rules that judge flows cannot say that all was well in a window, as sentences; empty when nothing is known to be missing. */
export function incompleteness({ missing, lost, gaps, silent, unknown }: ObservationWindow): string[] {
  const events = lost.reduce((sum, { count }) => sum + count, 0);
  return [
    ...unknown,
    ...(missing.length > 0 ? [`${counted(missing.length, 'node does', 'nodes do')} not report.`] : []),
    ...(events > 0 ? [`At least ${counted(events, 'event was', 'events were')} lost.`] : []),
    ...(gaps.length > 0 ? [`${counted(gaps.length, 'stretch was', 'stretches were')} not seen.`] : []),
    ...(silent.length > 0 ? [`${counted(silent.length, 'node')} fell silent.`] : []),
  ];
}
