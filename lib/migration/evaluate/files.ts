import { counted } from '#lib/policy/lint/words.ts';
import type { JUnitReport } from '#lib/preflight/files/junit.ts';
import type { Iperf3Report } from '#lib/preflight/files/iperf3.ts';
import type { UploadContent } from '#lib/preflight/files/upload.ts';
import type { UploadKind } from '../model.ts';
import type { Evidence, UploadedFile } from './evidence.ts';
import { type Measured, unknown } from './measure.ts';

/** Tests of the connectivity test that failed. One that skips nearly everything proves nothing. */
export function connectivity(evidence: Evidence): Measured {
  const file = fileOf(evidence, 'connectivity-junit');
  if (!file) return unknown('No JUnit file of cilium connectivity test was uploaded.', 'connectivity-junit');
  const { tests, passed, failed, skipped, failures } = (file.content as { readonly report: JUnitReport }).report;
  const figures = { tests, passed, failed, skipped };
  if (passed === 0 && failed === 0)
    return {
      kind: 'unknown',
      missing: ['connectivity-junit'],
      figures,
      reason: `All ${counted(tests, 'test')} were skipped.`,
      at: file.at,
    };
  return {
    kind: 'figure',
    figure: failed,
    value: `${passed} of ${tests - skipped} passed`,
    reason: `${counted(tests, 'test')}, ${passed} passed, ${failed} failed, ${skipped} skipped.`,
    figures,
    objects: failures.map(({ name, message }) => (message === '' ? name : `${name}: ${message}`)),
    at: file.at,
  };
}

/** Whether agents and operator are ready, by `cilium status`. */
export function agentsReady(evidence: Evidence): Measured {
  const file = fileOf(evidence, 'cilium-status');
  if (!file || file.content.kind !== 'cilium-status') return unknown('No cilium status -o json was uploaded.', 'cilium-status');
  const { workloads, errors, collectionErrors } = file.content.status;
  const agents = workloads.find(({ name }) => name === 'cilium');
  const operator = workloads.find(({ name }) => name === 'cilium-operator');
  if (!agents || !operator)
    return {
      ...unknown('This status says nothing of the agents or the operator: use cilium status of the cilium CLI.', 'cilium-status'),
      at: file.at,
    };
  const short = [agents, operator].filter(({ desired, ready }) => ready < desired || desired === 0);
  const told = errors.flatMap(({ component, pod, errors: own }) => own.map((text) => `${component} ${pod}: ${text}`));
  const passes = short.length === 0 && told.length === 0 && collectionErrors.length === 0;
  return {
    kind: 'verdict',
    passes,
    value: `${agents.ready} of ${agents.desired}`,
    needs: 'all ready, no errors',
    reason: passes
      ? `${counted(agents.ready, 'agent')} and ${counted(operator.ready, 'operator')} are ready and report no error.`
      : `${agents.ready} of ${counted(agents.desired, 'agent')} and ${operator.ready} of ${counted(operator.desired, 'operator')} are ready; ${counted(told.length + collectionErrors.length, 'error')}.`,
    figures: { ready: agents.ready, desired: agents.desired, errors: told.length + collectionErrors.length },
    objects: [...told, ...collectionErrors],
    at: file.at,
  };
}

/** IPv4 and TCP headers of a segment, with the timestamps that Linux sends. */
const HEADERS = 52;

/** MTU of pods with WireGuard: what agents say, else what the largest segment of the measurement shows. */
export function mtu(evidence: Evidence): Measured {
  const agents = evidence.inputs.status?.agents.flatMap(({ mtu: own }) => (own === undefined ? [] : [own])) ?? [];
  if (agents.length > 0) {
    const least = Math.min(...agents);
    const at = evidence.uploads.get('cilium-status')?.at;
    return {
      kind: 'figure',
      figure: least,
      reason: `${counted(agents.length, 'agent')} say ${[...new Set(agents)].join(', ')}.`,
      ...(at !== undefined && { at }),
    };
  }
  const file = fileOf(evidence, 'iperf3-after');
  const mss = file && (file.content as { readonly report: Iperf3Report }).report.mss;
  if (!file || mss === undefined)
    return unknown(
      'Neither cilium status nor iperf3 after the change says an MTU or a segment size.',
      'cilium-status',
      'iperf3-after',
    );
  const size = mss + HEADERS;
  return {
    kind: 'figure',
    figure: size,
    reason: `Segments of ${mss} bytes: packets of ${size} with their headers.`,
    figures: { mss },
    at: file.at,
  };
}

/** Throughput with encryption in percent of that before. */
export function throughput(evidence: Evidence): Measured {
  const before = reportOf(evidence, 'iperf3-before');
  const after = reportOf(evidence, 'iperf3-after');
  const missing = (['iperf3-before', 'iperf3-after'] as const).filter((kind) => !evidence.uploads.has(kind));
  if (!before || !after) return unknown('It takes a measurement before and one after.', ...missing);
  if (before.report.protocol !== after.report.protocol)
    return unknown(`One measured ${before.report.protocol}, the other ${after.report.protocol}.`, 'iperf3-after');
  const gigabits = (bits: number): string => (bits / 1e9).toFixed(2);
  return {
    kind: 'figure',
    figure: (after.report.bitsPerSecond / before.report.bitsPerSecond) * 100,
    reason: `${gigabits(after.report.bitsPerSecond)} Gbit/s after, ${gigabits(before.report.bitsPerSecond)} before.`,
    figures: { before: before.report.bitsPerSecond, after: after.report.bitsPerSecond },
    at: after.at,
  };
}

/** SPIRE entries that Cilium's agents and operator need. */
export function spireEntries(evidence: Evidence): Measured {
  const { entries } = evidence.inputs;
  if (!entries) return unknown('The entries of the SPIRE server were not uploaded.', 'spire-entries');
  const names = ['cilium-agent', 'cilium-operator'] as const;
  const found = names.filter((name) => entries.some(({ spiffeId }) => isIdOf(spiffeId, name)));
  const at = evidence.uploads.get('spire-entries')?.at;
  return {
    kind: 'figure',
    figure: found.length,
    value: `${found.length} of ${names.length}`,
    reason: `${counted(entries.length, 'entry', 'entries')}, of them ${found.length > 0 ? found.join(' and ') : 'none of Cilium'}.`,
    objects: names.filter((name) => !found.includes(name)).map((name) => `no entry for ${name}`),
    ...(at !== undefined && { at }),
  };
}

/** `spiffe://TRUST-DOMAIN/cilium-agent`, or a path that ends so. */
const isIdOf = (spiffeId: string, name: string): boolean => {
  const last = spiffeId.split('/').at(-1) ?? '';
  return last === name || (name === 'cilium-agent' && last === 'cilium');
};

const fileOf = ({ uploads }: Evidence, kind: UploadKind): UploadedFile | undefined => {
  const file = uploads.get(kind);
  return file?.content.kind === kind ? file : undefined;
};

function reportOf(evidence: Evidence, kind: 'iperf3-before' | 'iperf3-after') {
  const file = fileOf(evidence, kind);
  return (
    file && { report: (file.content as Extract<UploadContent, { kind: 'iperf3-before' | 'iperf3-after' }>).report, at: file.at }
  );
}
