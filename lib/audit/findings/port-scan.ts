import type { JudgedTuple } from '../agreement.ts';
import { evidenceOf, type TupleRule } from '../finding.ts';

/** So many ports of one destination, denied to one source, are a scan. */
export const SCANNED_PORTS = 20;
const SAMPLE = 5;

/** Tuples of denials that make up a scan together: one source, one destination, one protocol, many ports. */
export function scansIn(tuples: readonly JudgedTuple[]): [JudgedTuple, ...JudgedTuple[]][] {
  const groups = new Map<string, [JudgedTuple, ...JudgedTuple[]]>();
  for (const tuple of tuples) {
    if (tuple.finding !== 'default-deny-drop' && tuple.finding !== 'deny-rule-drop') continue;
    const key = JSON.stringify([tuple.source, tuple.destination, tuple.protocol]);
    const group = groups.get(key);
    if (group) group.push(tuple);
    else groups.set(key, [tuple]);
  }
  return [...groups.values()].filter((group) => portsOf(group).size >= SCANNED_PORTS);
}

/** One source that was denied at many ports of one destination. */
export const portScans: TupleRule = ({ tuples }) =>
  scansIn(tuples).map((group) => {
    const ports = portsOf(group);
    const dropReason = mostFrequent(group.map(({ observed }) => observed.dropReason ?? ''));
    return {
      kind: 'port-scan',
      ...evidenceOf(group),
      ports: ports.size,
      portSample: [...ports].toSorted((a, b) => (String(a) < String(b) ? -1 : 1)).slice(0, SAMPLE),
      dropReason,
    };
  });

const portsOf = (tuples: readonly JudgedTuple[]): ReadonlySet<number> => new Set(tuples.flatMap(({ port }) => port ?? []));

function mostFrequent(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
  return most?.[0] ?? '';
}
