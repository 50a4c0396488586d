import { addressOrRange, addressTest, domainTest, namePrefix, workloadName, type TextTest } from './filter-patterns.ts';
import type { SideFilter } from './filter-sides.ts';
import type { Endpoint, Flow, ServiceRef } from './flow.ts';
import { valid, type FlowTest } from './flow-test.ts';
import { parseLabelSelector, selectsLabels } from './label-selector.ts';

export type LabelsOf = (endpoint: Endpoint) => readonly string[];

/** How one end of a flow is read. */
export interface End {
  readonly endpoint: (flow: Flow) => Endpoint;
  readonly names: (flow: Flow) => readonly string[];
  readonly service: (flow: Flow) => ServiceRef | undefined;
  readonly address: (flow: Flow) => string | undefined;
  readonly port: (flow: Flow) => number | undefined;
}

const hasPorts = ({ l4 }: Flow): boolean =>
  l4 !== undefined && (l4.protocol === 'TCP' || l4.protocol === 'UDP' || l4.protocol === 'SCTP');

export const SOURCE: End = {
  endpoint: (flow) => flow.source,
  names: (flow) => flow.sourceNames,
  service: (flow) => flow.sourceService,
  address: (flow) => flow.ip?.source,
  port: (flow) => (hasPorts(flow) ? flow.l4?.sourcePort : undefined),
};
export const DESTINATION: End = {
  endpoint: (flow) => flow.destination,
  names: (flow) => flow.destinationNames,
  service: (flow) => flow.destinationService,
  address: (flow) => flow.ip?.destination,
  port: (flow) => (hasPorts(flow) ? flow.l4?.destinationPort : undefined),
};

/** One test for each field that has values; the cheap ones first. */
export function sideTests(side: SideFilter, end: End, labelsOf: LabelsOf): FlowTest[] {
  const tests: FlowTest[] = [];
  if (side.port.length > 0) {
    const ports = new Set<number | undefined>(side.port);
    tests.push((flow) => ports.has(end.port(flow)));
  }
  if (side.identity.length > 0) {
    const identities = new Set(side.identity);
    tests.push((flow) => identities.has(end.endpoint(flow).identity));
  }
  if (side.namespace.length > 0) {
    const namespaces = new Set(side.namespace);
    tests.push((flow) => namespaces.has(end.endpoint(flow).namespace));
  }
  if (side.cluster.length > 0) {
    const clusters = new Set(side.cluster);
    tests.push((flow) => clusters.has(end.endpoint(flow).clusterName));
  }
  if (side.workload.length > 0) {
    const workloads = side.workload.map((value) => valid(workloadName(value)));
    tests.push((flow) => {
      const { namespace, workload } = end.endpoint(flow);
      return (
        workload !== undefined &&
        workloads.some((asked) => asked.name === workload.name && (asked.namespace === '' || asked.namespace === namespace))
      );
    });
  }
  if (side.pod.length > 0) {
    const isPod = namePrefixTest(side.pod);
    tests.push((flow) => isPod(end.endpoint(flow).namespace, end.endpoint(flow).podName));
  }
  if (side.service.length > 0) {
    const isService = namePrefixTest(side.service);
    tests.push((flow) => isService(end.service(flow)?.namespace ?? '', end.service(flow)?.name ?? ''));
  }
  if (side.ip.length > 0) {
    const isAddress = addressTest(side.ip.map((value) => valid(addressOrRange(value))));
    tests.push((flow) => isAddress(end.address(flow) ?? ''));
  }
  if (side.fqdn.length > 0) {
    const isName = anyText(side.fqdn.map((value) => valid(domainTest(value))));
    tests.push((flow) => end.names(flow).some(isName));
  }
  if (side.label.length > 0) {
    const isLabelled = labelTest(side.label);
    tests.push((flow) => isLabelled(labelsOf(end.endpoint(flow))));
  }
  return tests;
}

/** Hubble: neither a name nor a namespace is no match, even for an empty prefix. */
function namePrefixTest(values: readonly string[]): (namespace: string, name: string) => boolean {
  const prefixes = values.map((value) => valid(namePrefix(value)));
  return (namespace, name) =>
    (namespace !== '' || name !== '') &&
    prefixes.some((asked) => name.startsWith(asked.prefix) && (asked.namespace === '' || asked.namespace === namespace));
}

/** Endpoints share their label lists, so each list is judged once. */
function labelTest(selectors: readonly string[]): (labels: readonly string[]) => boolean {
  const parsed = selectors.map((selector) => valid(parseLabelSelector(selector)));
  const answers = new WeakMap<readonly string[], boolean>();
  return (labels) => {
    const known = answers.get(labels);
    if (known !== undefined) return known;
    const answer = parsed.some((selector) => selectsLabels(selector, labels));
    answers.set(labels, answer);
    return answer;
  };
}

const anyText =
  (tests: readonly TextTest[]): TextTest =>
  (text) =>
    tests.some((test) => test(text));
