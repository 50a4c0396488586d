import { EVENT_TYPE, FLOW_TYPES, type FlowType } from './flow.ts';
import type { FlowFilter } from './filter.ts';

/** The fields of a filter that ask about one end of a flow. */
export interface SideFilter {
  readonly namespace: readonly string[];
  readonly pod: readonly string[];
  readonly workload: readonly string[];
  readonly label: readonly string[];
  readonly ip: readonly string[];
  readonly identity: readonly number[];
  readonly fqdn: readonly string[];
  readonly service: readonly string[];
  readonly port: readonly number[];
  readonly cluster: readonly string[];
}

/** What a filter asks of the source, of the destination, and of one of the two, whichever it is. */
export interface Sides {
  readonly source: SideFilter;
  readonly destination: SideFilter;
  readonly either: SideFilter;
}

export const sidesOf = (filter: FlowFilter): Sides => ({
  source: {
    namespace: filter.sourceNamespace ?? [],
    pod: filter.sourcePod ?? [],
    workload: filter.sourceWorkload ?? [],
    label: filter.sourceLabel ?? [],
    ip: filter.sourceIp ?? [],
    identity: filter.sourceIdentity ?? [],
    fqdn: filter.sourceFqdn ?? [],
    service: filter.sourceService ?? [],
    port: filter.sourcePort ?? [],
    cluster: filter.sourceCluster ?? [],
  },
  destination: {
    namespace: filter.destinationNamespace ?? [],
    pod: filter.destinationPod ?? [],
    workload: filter.destinationWorkload ?? [],
    label: filter.destinationLabel ?? [],
    ip: filter.destinationIp ?? [],
    identity: filter.destinationIdentity ?? [],
    fqdn: filter.destinationFqdn ?? [],
    service: filter.destinationService ?? [],
    port: filter.destinationPort ?? [],
    cluster: filter.destinationCluster ?? [],
  },
  either: {
    namespace: filter.namespace ?? [],
    pod: filter.pod ?? [],
    workload: filter.workload ?? [],
    label: filter.label ?? [],
    ip: filter.ip ?? [],
    identity: filter.identity ?? [],
    fqdn: filter.fqdn ?? [],
    service: filter.service ?? [],
    port: filter.port ?? [],
    cluster: filter.cluster ?? [],
  },
});

export const asksNothing = (side: SideFilter): boolean => Object.values(side).every((values) => values.length === 0);

/** A filter without a single value: Hubble lets it match every flow, so it is refused wherever a filter is used. */
export const isEmptyFilter = (filter: FlowFilter): boolean =>
  Object.values(filter).every((values: readonly unknown[] | undefined) => values === undefined || values.length === 0);

/** The events that make flows of each type (cilium pkg/hubble/parser). */
const EVENTS_OF_TYPE: Readonly<Record<FlowType, readonly number[]>> = {
  UNKNOWN_TYPE: [],
  L3_L4: [EVENT_TYPE.drop, EVENT_TYPE.capture, EVENT_TYPE.trace, EVENT_TYPE.policyVerdict],
  L7: [EVENT_TYPE.l7],
  SOCK: [EVENT_TYPE.socket],
};

export const eventsOfTypes = (types: readonly FlowType[]): readonly number[] =>
  FLOW_TYPES.filter((type) => types.includes(type)).flatMap((type) => EVENTS_OF_TYPE[type]);
