import { nodeTest } from '#lib/flow/filter-patterns.ts';
import type { FlowFilter, FlowQuery } from '#lib/flow/filter.ts';
import type { DropsFilter } from './drops-report.ts';
import type { DropRollup, EdgeRollup } from './rollup.ts';

/** What is looked at: the ends and port, and of a drop its reason and (where one is asked about) the node that saw it. */
interface Subject {
  readonly ends: Pick<EdgeRollup, 'source' | 'destination' | 'protocol' | 'port'>;
  readonly reason?: string;
  readonly node?: string;
}
/** Undefined: the subject does not tell. */
type Test = (subject: Subject) => boolean | undefined;

/**
 * A filter as one over drop reports; or the names of the fields that only single flows can answer. Nothing is ignored silently.
 * All flows between the ends that match are what a share of drops is of: reason, verdict and node do not apply to them.
 */
export function dropsFilterOf(
  query: FlowQuery,
): { readonly ok: true; readonly filter: DropsFilter } | { readonly ok: false; readonly unsupported: readonly string[] } {
  const include = query.include.map(testsOf);
  const exclude = query.exclude.map(testsOf);
  const unsupported = new Set([...include, ...exclude].flatMap((filter) => filter.unsupported));
  if (unsupported.size > 0) return { ok: false, unsupported: [...unsupported] };

  const matches = (subject: Subject): boolean =>
    (include.length === 0 || include.some(({ tests }) => tests.every((test) => test(subject) ?? true))) &&
    !exclude.some(({ tests }) => tests.every((test) => test(subject) ?? false));
  const byNode = [...query.include, ...query.exclude].some(({ node }) => node !== undefined);
  const matchesNode = (drop: DropRollup, node: string) => matches({ ends: drop, reason: drop.reason, node });
  return {
    ok: true,
    filter: {
      matchesEdge: (ends) => matches({ ends }),
      matchesDrop: (drop) =>
        byNode ? Object.keys(drop.nodes).some((node) => matchesNode(drop, node)) : matches({ ends: drop, reason: drop.reason }),
      matchesNode: (drop, node) => !byNode || matchesNode(drop, node),
    },
  };
}

/** The tests of a filter, all of which have to hold, and the fields that have none. */
function testsOf(filter: FlowFilter): { readonly tests: readonly Test[]; readonly unsupported: readonly string[] } {
  const { namespace, sourceNamespace, destinationNamespace, workload, sourceWorkload, destinationWorkload, ...others } = filter;
  const { port, destinationPort, protocol, dropReason, node, verdict, ...rest } = others;
  const tests: readonly (Test | undefined)[] = [
    namespace && either(inNamespace(namespace)),
    sourceNamespace && source(inNamespace(sourceNamespace)),
    destinationNamespace && destination(inNamespace(destinationNamespace)),
    workload && either(isWorkload(workload)),
    sourceWorkload && source(isWorkload(sourceWorkload)),
    destinationWorkload && destination(isWorkload(destinationWorkload)),
    port && (({ ends }) => port.includes(ends.port)),
    destinationPort && (({ ends }) => destinationPort.includes(ends.port)),
    protocol && (({ ends }) => protocol.some((value) => isProtocol(value, ends.protocol))),
    dropReason && (({ reason }) => (reason === undefined ? undefined : dropReason.includes(reason))),
    verdict && (({ reason }) => (reason === undefined ? undefined : verdict.includes('DROPPED'))),
    node && onNode(node),
  ];
  return { tests: tests.filter((test) => test !== undefined), unsupported: Object.keys(rest) };
}

interface End {
  readonly namespace: string;
  readonly name: string;
}

/** Namespace and workload of a node id; both empty outside the cluster. */
function endOf(id: string): End {
  const slash = id.indexOf('/');
  if (slash < 0 || /^(entity|fqdn|cidr):/.test(id)) return { namespace: '', name: '' };
  return { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}

function source(test: (end: End) => boolean): Test {
  return ({ ends }) => test(endOf(ends.source));
}
function destination(test: (end: End) => boolean): Test {
  return ({ ends }) => test(endOf(ends.destination));
}
function either(test: (end: End) => boolean): Test {
  return ({ ends }) => test(endOf(ends.source)) || test(endOf(ends.destination));
}

/** `[namespace/]name`. */
function isWorkload(values: readonly string[]): (end: End) => boolean {
  return ({ namespace, name }) => name !== '' && (values.includes(name) || values.includes(`${namespace}/${name}`));
}

function inNamespace(values: readonly string[]): (end: End) => boolean {
  return ({ namespace }) => values.includes(namespace);
}

const isProtocol = (value: string, protocol: string): boolean =>
  value === 'icmp' ? protocol.startsWith('ICMP') : protocol.toLowerCase() === value.toLowerCase();

function onNode(values: readonly string[]): Test {
  const tests = values.map(nodeTest).flatMap((test) => (test.ok ? test.value : []));
  return ({ node }) => (node === undefined ? undefined : tests.some((test) => test(node)));
}
