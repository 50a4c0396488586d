import 'server-only';
import { shortNode } from '#lib/audit/tuple.ts';
import { EVENT_TYPE, type Flow } from '#lib/flow/flow.ts';
import type { EndSample } from '#lib/receipts/rules/r2-unknown-identity.ts';
import { YOUNG_MS } from '#lib/receipts/rules/r2-unknown-identity.ts';
import { isForwardedRequest, requestText } from '#lib/receipts/rules/r4-l7-drift.ts';
import type { DeviceTraces } from '#lib/receipts/rules/r3-plaintext.ts';
import type { Propagation } from '#lib/receipts/rules/propagation.ts';
import type { FlowWindow } from '#lib/receipts/rules/rules.ts';
import type { Sample } from '#lib/receipts/rules/sample.ts';

/** Kinds of traffic that are told apart between two looks, and those that are handed over at once. */
const MOST_SAMPLES = 5000;
const MOST_ENDS = 10_000;
/** Connections remembered of the last one to two minutes: those on their way into the tunnel, and packets seen in clear whose connection may yet be. */
const MOST_CONNECTIONS = 50_000;
const MOST_CLEAR = 2000;
const MEMORY_MS = 60_000;
/** So long a packet seen in clear waits for its connection to be seen at `to-crypto`. */
const CLEAR_WAIT_MS = 5000;
/** Of a node's names that are told apart: they come with flows. */
const MOST_NODES = 5000;

interface Growing {
  flow: Flow;
  count: number;
  first: number;
  last: number;
}

/** Names learned for an address at a time. */
export type NamesOf = (address: string, time: number) => readonly string[];

/**
 * What the rules look at, gathered from a cluster's flows as they come: each kind of traffic once, with an example and a count. It costs a few map
 * look-ups for a flow, is bounded, and says so when something did not fit.
 */
export class FlowSamples {
  #verdicts = new Map<string, Growing>();
  #requests = new Map<string, Growing>();
  readonly #ends = new Map<string, Growing & { readonly side: EndSample['side'] }>();
  readonly #clear = new Map<string, Growing>();
  #atCrypto = new Set<string>();
  #atCryptoBefore = new Set<string>();
  #turnedAt = 0;
  #toCrypto = 0;
  #toNetwork = 0;
  #forgot = false;
  #overflow = 0;
  readonly #revisions = new Map<string, number>();
  #propagation: Propagation = { changedAt: 0, before: new Map(), since: new Map() };
  #setHash = '';

  /** Takes a flow. Never throws; what is beyond the bounds is counted. */
  observe(flow: Flow): void {
    switch (flow.eventType.type) {
      case EVENT_TYPE.policyVerdict:
        this.#noteRevision(flow);
        this.#noteEnds(flow);
        if ((flow.verdict === 'FORWARDED' || flow.verdict === 'REDIRECTED') && flow.isReply === false)
          this.#add(this.#verdicts, verdictKey(flow), flow);
        return;
      case EVENT_TYPE.l7:
        if (isForwardedRequest(flow)) this.#add(this.#requests, `${verdictKey(flow)} ${requestText(flow)}`, flow);
        return;
      case EVENT_TYPE.drop:
        return this.#noteEnds(flow);
      case EVENT_TYPE.trace:
        return this.#trace(flow);
      default:
    }
  }

  /** The set in force is another one since `changedAt` (Unix milliseconds): nodes may still go by the one before. */
  inForce(setHash: string, changedAt: number): void {
    if (setHash === this.#setHash) return;
    this.#setHash = setHash;
    this.#propagation = { changedAt, before: new Map(this.#revisions), since: new Map() };
  }

  get propagation(): Propagation {
    return { ...this.#propagation, since: new Map(this.#revisions) };
  }

  /** What is due to be judged at `now`; the rest stays. `lossy`: nodes that lost events, by their short names. */
  take(now: number, lossy: ReadonlySet<string>, incomplete: readonly string[], namesOf: NamesOf): FlowWindow {
    const verdicts = samplesOf(this.#verdicts, namesOf);
    const requests = samplesOf(this.#requests, namesOf);
    const ends = this.#takeEnds(now);
    const traces = this.#takeTraces(now, lossy);
    const overflow = this.#overflow;
    this.#verdicts = new Map();
    this.#requests = new Map();
    this.#overflow = 0;
    return {
      verdicts,
      requests,
      ends,
      traces,
      incomplete: [
        ...incomplete,
        ...(overflow > 0 ? [`${overflow.toLocaleString('en')} flows were of more kinds than are told apart.`] : []),
      ],
    };
  }

  #add(into: Map<string, Growing>, key: string, flow: Flow): void {
    const known = into.get(key);
    if (known) {
      known.count += 1;
      if (flow.time < known.first) known.first = flow.time;
      if (flow.time < known.last) return;
      known.last = flow.time;
      known.flow = flow;
    } else if (into.size < MOST_SAMPLES) into.set(key, begun(flow));
    else this.#overflow += 1;
  }

  #noteRevision({ nodeName, ingressAllowedBy, egressAllowedBy }: Flow): void {
    for (const { revision } of [...ingressAllowedBy, ...egressAllowedBy]) {
      const node = shortNode(nodeName);
      const known = this.#revisions.get(node);
      if (revision > (known ?? 0) && (known !== undefined || this.#revisions.size < MOST_NODES))
        this.#revisions.set(node, revision);
    }
  }

  #noteEnds(flow: Flow): void {
    this.#noteEnd(flow, 'source');
    this.#noteEnd(flow, 'destination');
  }

  /** Of each end the first flow is kept: by the time it is judged, what is new has come to the objects. */
  #noteEnd(flow: Flow, side: EndSample['side']): void {
    const end = flow[side];
    if (end.identity < FIRST_IDENTITY || end.identity >= FIRST_LOCAL_IDENTITY) return;
    const isOwn = flow.trafficDirection === (side === 'source' ? 'EGRESS' : 'INGRESS');
    const key = `${end.identity} ${end.namespace}/${end.podName} ${flow.ip?.[side] ?? ''} ${isOwn ? flow.nodeName : ''}`;
    const known = this.#ends.get(key);
    if (known) {
      known.count += 1;
      if (flow.time > known.last) known.last = flow.time;
    } else if (this.#ends.size < MOST_ENDS) this.#ends.set(key, { ...begun(flow), side });
    else this.#overflow += 1;
  }

  #takeEnds(now: number): EndSample[] {
    const due: EndSample[] = [];
    for (const [key, end] of this.#ends) {
      if (end.first > now - YOUNG_MS) continue;
      due.push(end);
      this.#ends.delete(key);
    }
    return due;
  }

  #trace(flow: Flow): void {
    switch (flow.traceObservationPoint) {
      case 'TO_CRYPTO':
        this.#toCrypto += 1;
        if (this.#atCrypto.size < MOST_CONNECTIONS) this.#atCrypto.add(connectionOf(flow));
        else this.#forgot = true;
        return;
      case 'TO_NETWORK': {
        this.#toNetwork += 1;
        if (flow.ip?.encrypted || flow.source.podName === '' || flow.destination.podName === '') return;
        const connection = connectionOf(flow);
        if (this.#wasAtCrypto(connection)) return;
        const known = this.#clear.get(connection);
        if (known) {
          known.count += 1;
          known.last = Math.max(known.last, flow.time);
        } else if (this.#clear.size < MOST_CLEAR) this.#clear.set(connection, begun(flow));
        else this.#forgot = true;
        return;
      }
      default:
    }
  }

  #wasAtCrypto(connection: string): boolean {
    return this.#atCrypto.has(connection) || this.#atCryptoBefore.has(connection);
  }

  #takeTraces(now: number, lossy: ReadonlySet<string>): DeviceTraces {
    const inClear: Sample[] = [];
    for (const [connection, packet] of this.#clear) {
      if (packet.first > now - CLEAR_WAIT_MS) continue;
      if (!this.#wasAtCrypto(connection)) inClear.push({ ...packet, names: [] });
      this.#clear.delete(connection);
    }
    const traces = { inClear, toCrypto: this.#toCrypto, toNetwork: this.#toNetwork, lossy, forgot: this.#forgot };
    this.#toCrypto = 0;
    this.#toNetwork = 0;
    if (now - this.#turnedAt >= MEMORY_MS) {
      this.#turnedAt = now;
      this.#atCryptoBefore = this.#atCrypto;
      this.#atCrypto = new Set();
      this.#forgot = false;
    }
    return traces;
  }
}

const FIRST_IDENTITY = 256;
const FIRST_LOCAL_IDENTITY = 1 << 24;

const begun = (flow: Flow): Growing => ({ flow, count: 1, first: flow.time, last: flow.time });

/** What decides a verdict: identities, and outside of the cluster addresses. */
function verdictKey({ trafficDirection, nodeName, source, destination, ip, l4, verdict }: Flow): string {
  const from = source.podName === '' ? (ip?.source ?? '') : '';
  const to = destination.podName === '' ? (ip?.destination ?? '') : '';
  return `${trafficDirection} ${nodeName} ${verdict} ${source.identity} ${from} ${destination.identity} ${to} ${l4?.protocol} ${l4?.icmpType ?? l4?.destinationPort}`;
}

const connectionOf = ({ ip, l4 }: Flow): string =>
  `${l4?.protocol} ${ip?.source} ${l4?.sourcePort} ${ip?.destination} ${l4?.destinationPort}`;

const samplesOf = (growing: ReadonlyMap<string, Growing>, namesOf: NamesOf): Sample[] =>
  Array.from(growing.values(), (one) => ({ ...one, names: outsideNames(one.flow, namesOf) }));

function outsideNames(
  { source, destination, ip, time, sourceNames, destinationNames }: Flow,
  namesOf: NamesOf,
): readonly string[] {
  if (!ip) return [];
  if (destination.podName === '') return [...new Set([...namesOf(ip.destination, time), ...destinationNames])];
  return source.podName === '' ? [...new Set([...namesOf(ip.source, time), ...sourceNames])] : [];
}
