import { dropReasonName, dropReasonNumber, L7_DENIED } from './drop-reasons.ts';
import { FILTER_PROTOCOLS } from './enums.ts';
import { addressOrRange, addressTest, httpStatus, nodeTest, pattern, statusTest, type TextTest } from './filter-patterns.ts';
import { eventsOfTypes } from './filter-sides.ts';
import type { FlowFilter } from './filter.ts';
import { EVENT_TYPE, type Flow } from './flow.ts';
import { valid, type FlowTest } from './flow-test.ts';
import { requestPath } from './http-path.ts';
import { bad, good, type Result } from './result.ts';

/** The tests of a filter that ask about the flow as a whole, one for each field that has values; the cheap ones first. */
export function flowTests(filter: FlowFilter): FlowTest[] {
  const tests: FlowTest[] = [];
  const when = <T>(values: readonly T[] | undefined, build: (values: readonly T[]) => FlowTest): void => {
    if (values && values.length > 0) tests.push(build(values));
  };
  when(filter.verdict, (verdicts) => isOneOf(verdicts, (flow) => flow.verdict));
  when(filter.direction, (directions) => isOneOf(directions, (flow) => flow.trafficDirection));
  when(filter.type, (types) => isOneOf(eventsOfTypes(types), (flow) => flow.eventType.type));
  when(filter.eventType, eventTypeTest);
  when(filter.dropReason, dropReasonTest);
  when(filter.reply, replyTest);
  when(filter.encrypted, (values) => isOneOf(values, (flow) => flow.ip?.encrypted ?? false));
  when(filter.ipVersion, (versions) => isOneOf(versions, (flow) => flow.ip?.version ?? 0));
  when(filter.uuid, (uuids) => isOneOf(uuids, (flow) => flow.uuid));
  when(filter.traceId, (ids) => isOneOf(ids, (flow) => flow.traceId));
  when(filter.protocol, protocolTest);
  when(filter.tcpFlags, tcpFlagsTest);
  when(filter.sourceIpXlated, (values) => {
    const isAddress = addressTest(values.map((value) => valid(addressOrRange(value))));
    return (flow) => isAddress(flow.ip?.sourceXlated ?? '');
  });
  when(filter.node, nodeNameTest);
  when(filter.httpMethod, (values) => {
    const methods = new Set(values.map((value) => value.toLowerCase()));
    return ({ l7 }) => l7?.http !== undefined && l7.http.method !== '' && methods.has(l7.http.method.toLowerCase());
  });
  when(filter.httpStatus, (values) => {
    const isStatus = anyText(values.map((value) => statusTest(valid(httpStatus(value)))));
    return ({ l7 }) => l7?.http !== undefined && l7.http.code !== 0 && isStatus(String(l7.http.code).padStart(3, '0'));
  });
  when(filter.httpPath, (values) => {
    const isPath = anyText(values.map((value) => valid(pattern(value))));
    return ({ l7 }) => {
      const path = l7?.http && l7.http.url !== '' ? requestPath(l7.http.url) : undefined;
      return path !== undefined && isPath(path);
    };
  });
  when(filter.httpUrl, (values) => {
    const isUrl = anyText(values.map((value) => valid(pattern(value))));
    return ({ l7 }) => l7?.http !== undefined && l7.http.url !== '' && isUrl(l7.http.url);
  });
  when(filter.dnsQuery, (values) => {
    const isQuery = anyText(values.map((value) => valid(pattern(value))));
    return ({ l7 }) => l7?.dns !== undefined && isQuery(l7.dns.query);
  });
  return tests;
}

function isOneOf<T>(values: readonly T[], valueOf: (flow: Flow) => T): FlowTest {
  const [first] = values;
  if (values.length === 1) return (flow) => valueOf(flow) === first;
  const set = new Set(values);
  return (flow) => set.has(valueOf(flow));
}

const anyText =
  (tests: readonly TextTest[]): TextTest =>
  (text) =>
    tests.some((test) => test(text));

const eventTypeTest = (values: NonNullable<FlowFilter['eventType']>): FlowTest =>
  values.every(({ subType }) => subType === undefined)
    ? isOneOf(
        values.map(({ type }) => type),
        (flow) => flow.eventType.type,
      )
    : ({ eventType }) =>
        values.some(({ type, subType }) => eventType.type === type && (subType === undefined || eventType.subType === subType));

/** Hubble: only flows with verdict DROPPED have a reason; none given is the zero value. */
function dropReasonTest(values: readonly string[]): FlowTest {
  const reasons = new Set(values.map((value) => (value === L7_DENIED ? value : dropReasonName(valid(knownReason(value))))));
  const proxy = reasons.has(L7_DENIED);
  return ({ verdict, dropReason, eventType }) =>
    verdict === 'DROPPED' &&
    (reasons.has(dropReason ?? 'DROP_REASON_UNKNOWN') || (proxy && dropReason === undefined && eventType.type === EVENT_TYPE.l7));
}

function knownReason(name: string): Result<number> {
  const number = dropReasonNumber(name);
  return number === undefined ? bad(`“${name}” is no drop reason.`) : good(number);
}

/** Hubble: unknown is no match, but false on drops (older clients expect it). */
function replyTest(values: readonly boolean[]): FlowTest {
  const replies = new Set(values);
  return ({ isReply, verdict }) => (isReply === undefined ? verdict === 'DROPPED' && replies.has(false) : replies.has(isReply));
}

function protocolTest(values: readonly string[]): FlowTest {
  const protocols = new Set(values.map((value) => valid(knownProtocol(value.toLowerCase()))));
  if (protocols.has('icmp')) protocols.add('icmpv4').add('icmpv6');
  return ({ l4, l7 }) =>
    (l4 !== undefined && protocols.has(l4.protocol.toLowerCase())) ||
    (l7 !== undefined &&
      ((l7.http !== undefined && protocols.has('http')) ||
        (l7.dns !== undefined && protocols.has('dns')) ||
        (l7.kafka !== undefined && protocols.has('kafka'))));
}

const knownProtocol = (name: string): Result<string> =>
  FILTER_PROTOCOLS.some((protocol) => protocol === name) ? good(name) : bad(`“${name}” is no protocol that can be filtered for.`);

/** All flags of one value must be set; further ones may be. */
function tcpFlagsTest(values: readonly string[]): FlowTest {
  const masks = values.map((value) => value.toUpperCase().split('+'));
  return ({ l4 }) => {
    const flags = l4?.protocol === 'TCP' ? l4.flags : undefined;
    return flags !== undefined && masks.some((mask) => mask.every((flag) => flags.includes(flag)));
  };
}

/** Hubble: a node name without a cluster belongs to the cluster `default`. */
function nodeNameTest(values: readonly string[]): FlowTest {
  const isNode = anyText(values.map((value) => valid(nodeTest(value))));
  return ({ nodeName }) => nodeName !== '' && isNode(nodeName.includes('/') ? nodeName : `default/${nodeName}`);
}
