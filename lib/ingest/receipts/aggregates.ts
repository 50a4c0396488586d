import 'server-only';
import { createHash } from 'node:crypto';
import type { Flow } from '#lib/flow/flow.ts';
import { MINUTE_MS } from '#lib/topology/minutes.ts';
import { directionOf, encryptionKeyOf, identityOf } from './evidence.ts';
import type { HeldPolicies } from './policy-history.ts';

type End = ReturnType<typeof identityOf>;

/** Flows of one minute that have everything in common that an aggregate names. */
export interface AggregateGroup {
  count: number;
  /** Unix milliseconds. */
  first: number;
  last: number;
  /** Up to three uuids. */
  readonly samples: string[];
  /** The first flow: it stands for the others. */
  readonly flow: Flow;
  /** It went from the server to the client. */
  readonly reversed: boolean;
  /** A flow of them with which Hubble names policies. */
  named: Flow | undefined;
  readonly client: End;
  readonly server: End;
  /** Set once flows from several workloads of one identity were seen. */
  severalClients: boolean;
  severalServers: boolean;
  readonly port: number;
  readonly direction: ReturnType<typeof directionOf>;
  readonly encryption: number;
  readonly held: HeldPolicies | undefined;
}

/** A minute that is over. */
export interface ClosedWindow {
  /** Unix milliseconds: its first, and the first after it. */
  readonly from: number;
  readonly until: number;
  readonly groups: readonly { readonly about: string; readonly group: AggregateGroup }[];
  /** Flows of further groups that had no room. */
  readonly folded: number;
}

const MOST_SAMPLES = 3;
/** Flows that may come after their minute was closed, in a minute. */
const MOST_LATE = 2000;
/** Groups of one minute: what is beyond is counted as missing. */
const MOST_GROUPS = 8192;
/** Minutes that may be open: after that the oldest is closed, whatever is still to come. */
const MOST_OPEN = 75;
/** How long after its end a minute waits for flows that are on their way. */
export const LATE_MS = 10_000;
/** A node's clock may be this far ahead. */
const MOST_EARLY_MS = 10 * MINUTE_MS;

interface Window {
  readonly groups: Map<string, AggregateGroup>;
  folded: number;
}

/** Sums up what was let through: by identities, protocol, port, verdict, policy set and encryption, for each minute of the flows' own time. */
export class Aggregates {
  readonly #windows = new Map<number, Window>();
  #until: number;
  readonly #begin: number;
  #lateIn = { minute: 0, flows: 0 };
  /** Flows that came after their minute was closed and had no place, and from when to when. */
  #late: { count: number; from: number; to: number } | undefined;

  /** `until`: flows before it are in aggregates already; or, on a first start, nobody asked for them: `isFirst`. */
  constructor(until: number, isFirst = false) {
    this.#until = until;
    this.#begin = isFirst ? until : Number.NEGATIVE_INFINITY;
  }

  /** Gives the flow as a sum of its own where its minute is closed already: a few of them may be so late, the rest is told as missing. */
  add(
    flow: Flow,
    reversed: boolean,
    encryption: number,
    held: HeldPolicies | undefined,
    now: number,
  ): AggregateGroup | undefined {
    const { time } = flow;
    if (time < this.#begin) return undefined;
    if (time > now + MOST_EARLY_MS) return this.#addLate(time);
    if (time < this.#until) return this.#mayBeLate(now) ? groupOf(flow, reversed, encryption, held) : this.#addLate(time);
    const minute = time - (time % MINUTE_MS);
    let window = this.#windows.get(minute);
    if (!window) this.#windows.set(minute, (window = { groups: new Map(), folded: 0 }));
    const key = keyOf(flow, reversed, encryption, held);
    const group = window.groups.get(key);
    if (group) addTo(group, flow, reversed);
    else if (window.groups.size < MOST_GROUPS) window.groups.set(key, groupOf(flow, reversed, encryption, held));
    else window.folded += 1;
    return undefined;
  }

  /** Takes the minutes that are over, in their order. Nothing is over while it is not `settled`: older flows may still come. */
  close(now: number, settled: boolean): ClosedWindow[] {
    const minutes = [...this.#windows.keys()].toSorted((a, b) => a - b);
    const surplus = Math.max(0, minutes.length - MOST_OPEN);
    return minutes
      .filter((minute, place) => place < surplus || (settled && minute + MINUTE_MS + LATE_MS <= now))
      .map((minute) => this.#close(minute));
  }

  /** Late flows that had no place, once. */
  takeLate(): { readonly count: number; readonly from: number; readonly to: number } | undefined {
    const late = this.#late;
    this.#late = undefined;
    return late;
  }

  /** Groups that are open. */
  get size(): number {
    let size = 0;
    for (const { groups } of this.#windows.values()) size += groups.size;
    return size;
  }

  #close(from: number): ClosedWindow {
    const { groups, folded } = this.#windows.get(from) as Window;
    this.#windows.delete(from);
    const until = from + MINUTE_MS;
    this.#until = Math.max(this.#until, until);
    return { from, until, folded, groups: [...groups].map(([key, group]) => ({ about: aboutOf(from, key), group })) };
  }

  #mayBeLate(now: number): boolean {
    const minute = now - (now % MINUTE_MS);
    if (this.#lateIn.minute !== minute) this.#lateIn = { minute, flows: 0 };
    this.#lateIn.flows += 1;
    return this.#lateIn.flows <= MOST_LATE;
  }

  #addLate(time: number): undefined {
    const late = (this.#late ??= { count: 0, from: time, to: time });
    late.count += 1;
    late.from = Math.min(late.from, time);
    late.to = Math.max(late.to, time);
  }
}

/** A minute of a group, whoever sums it up: in a form of bounded length. */
const aboutOf = (minute: number, key: string): string =>
  `minute ${minute} ${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;

function keyOf(flow: Flow, reversed: boolean, encryption: number, held: HeldPolicies | undefined): string {
  const [client, server] = reversed ? [flow.destination, flow.source] : [flow.source, flow.destination];
  return `${client.identity} ${server.identity} ${flow.l4?.protocol} ${portOf(flow, reversed)} ${flow.verdict} ${held?.setHash} ${encryptionKeyOf(flow, encryption)}`;
}

function groupOf(flow: Flow, reversed: boolean, encryption: number, held: HeldPolicies | undefined): AggregateGroup {
  return {
    count: 1,
    first: flow.time,
    last: flow.time,
    samples: flow.uuid === '' ? [] : [flow.uuid],
    flow,
    reversed,
    named: namesPolicies(flow) ? flow : undefined,
    client: identityOf(flow, reversed ? 'destination' : 'source'),
    server: identityOf(flow, reversed ? 'source' : 'destination'),
    severalClients: false,
    severalServers: false,
    port: portOf(flow, reversed),
    direction: directionOf(flow),
    encryption,
    held,
  };
}

function addTo(group: AggregateGroup, flow: Flow, reversed: boolean): void {
  group.count += 1;
  if (flow.time < group.first) group.first = flow.time;
  if (flow.time > group.last) group.last = flow.time;
  if (group.samples.length < MOST_SAMPLES && flow.uuid !== '' && !group.samples.includes(flow.uuid))
    group.samples.push(flow.uuid);
  if (!group.named && namesPolicies(flow)) group.named = flow;
  const [client, server] = reversed ? [flow.destination, flow.source] : [flow.source, flow.destination];
  const [first, second] = group.reversed
    ? [group.flow.destination, group.flow.source]
    : [group.flow.source, group.flow.destination];
  // Endpoints are shared between flows: nearly always the very same object.
  if (!group.severalClients && client !== first) group.severalClients = !isSame(client, first);
  if (!group.severalServers && server !== second) group.severalServers = !isSame(server, second);
}

const namesPolicies = ({ ingressAllowedBy, egressAllowedBy }: Flow): boolean =>
  ingressAllowedBy.length > 0 || egressAllowedBy.length > 0;

type Endpoint = Flow['source'];
const isSame = (a: Endpoint, b: Endpoint): boolean => a.namespace === b.namespace && workloadName(a) === workloadName(b);
const workloadName = ({ workload, podName }: Endpoint): string => workload?.name ?? podName;

const portOf = ({ l4 }: Flow, reversed: boolean): number =>
  l4 === undefined ? 0 : (l4.icmpType ?? (reversed ? l4.sourcePort : l4.destinationPort));
