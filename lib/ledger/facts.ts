import { isPolicyDrop } from '#lib/flow/drops.ts';
import { EVENT_TYPE, type Flow } from '#lib/flow/flow.ts';
import type { Attributed } from '#lib/topology/attribution.ts';
import { normalName } from '#lib/topology/names.ts';

/**
 * What is learned of a tuple beside what makes it one, so that a policy can be judged for it: exact addresses and names of who is outside, examples of
 * paths, ICMP types, and whether it is known who opened the connection. No part of its id. Stored as texts, a kind and a value, so that what two
 * batches learned is joined as a set, the smallest of each kind kept.
 */
export type Fact = string;

/** Kinds by their first two characters, with how many of each are kept: one more than are told, so that it shows when there were more. */
const KEPT = { sa: 33, da: 33, sn: 17, dn: 17, ic: 17, pa: 3, or: 1, un: 1 } as const;
type Kind = keyof typeof KEPT;
const factOf = (kind: Kind, value: string): Fact => `${kind} ${value}`;
const limitOf = (fact: Fact): number => new Map<string, number>(Object.entries(KEPT)).get(fact.slice(0, 2)) ?? 0;

/** Stands in rows of before facts were kept: there were more than are known. */
export const EARLIER_FACTS_UNKNOWN: Fact = 'un ';

const MAX_PATH_LENGTH = 512;
const ICMP_ECHO: ReadonlySet<number | undefined> = new Set([0, 8, 128, 129]);

/** One end outside the cluster, as far as it was seen. */
export interface EndFacts {
  /** Sorted, at most 32. */
  readonly addresses: readonly string[];
  readonly moreAddresses: boolean;
  /** Sorted, at most 16: more are not told apart. */
  readonly names: readonly string[];
}

export interface TupleFacts {
  readonly source: EndFacts;
  readonly destination: EndFacts;
  /** As sent, query included where it was not redacted. */
  readonly paths: readonly string[];
  readonly icmpTypes: readonly number[];
  readonly oriented: boolean;
}

/** The facts that these texts state. */
export function readFacts(facts: readonly Fact[]): TupleFacts {
  const of = (kind: Kind): string[] => facts.filter((fact) => fact.startsWith(`${kind} `)).map((fact) => fact.slice(3));
  const earlier = facts.includes(EARLIER_FACTS_UNKNOWN);
  const end = (addressKind: Kind, nameKind: Kind): EndFacts => {
    const addresses = of(addressKind);
    const most = KEPT[addressKind] - 1;
    return {
      addresses: addresses.slice(0, most).toSorted(),
      moreAddresses: earlier || addresses.length > most,
      names: of(nameKind)
        .slice(0, KEPT[nameKind] - 1)
        .toSorted(),
    };
  };
  return {
    source: end('sa', 'sn'),
    destination: end('da', 'dn'),
    paths: of('pa').toSorted(),
    icmpTypes: of('ic')
      .map(Number)
      .toSorted((a, b) => a - b),
    oriented: of('or').length > 0,
  };
}

/** All facts of both, the smallest of each kind as far as they are kept: whatever the order in which they are joined. */
export function joinFacts(...lists: readonly (readonly Fact[])[]): Fact[] {
  const kept = new Map<string, number>();
  return [...new Set(lists.flat())].toSorted().filter((fact) => {
    const place = kept.get(fact.slice(0, 2)) ?? 0;
    kept.set(fact.slice(0, 2), place + 1);
    return place < limitOf(fact);
  });
}

/** For `joinFacts` in the database: a kind and how many of it are kept. */
export const FACTS_KEPT: readonly (readonly [kind: string, kept: number])[] = Object.entries(KEPT);

/** Gathers the facts of one tuple, flow by flow. */
export class FactBuffer {
  #oriented = false;
  #source: EndBuffer | undefined;
  #destination: EndBuffer | undefined;
  #paths: string[] | undefined;
  #icmpTypes: number[] | undefined;

  /** Takes what a flow tells. `namesOf`: names that DNS answers gave an address. */
  add(flow: Flow, seen: Attributed, namesOf: (ip: string, time: number) => readonly string[]): void {
    const { ip, l4, l7 } = flow;
    if (!this.#oriented) this.#oriented = isOriented(flow, seen);
    if (ip) {
      const { source, destination } = seen.edge;
      const [from, to] = seen.reversed ? [ip.destination, ip.source] : [ip.source, ip.destination];
      const [fromNames, toNames] = seen.reversed
        ? [flow.destinationNames, flow.sourceNames]
        : [flow.sourceNames, flow.destinationNames];
      if (source.namespace === '') (this.#source ??= new EndBuffer()).add(from, fromNames, flow.time, namesOf);
      if (destination.namespace === '') (this.#destination ??= new EndBuffer()).add(to, toNames, flow.time, namesOf);
    }
    if (l7?.http) this.#addPath(l7.http.url);
    if (l4?.icmpType !== undefined && !seen.reversed) {
      const types = (this.#icmpTypes ??= []);
      if (types.length < KEPT.ic && !types.includes(l4.icmpType)) types.push(l4.icmpType);
    }
  }

  list(): Fact[] {
    return [
      ...(this.#oriented ? [factOf('or', '')] : []),
      ...(this.#source?.addresses.map((address) => factOf('sa', address)) ?? []),
      ...(this.#source?.names.map((name) => factOf('sn', name)) ?? []),
      ...(this.#destination?.addresses.map((address) => factOf('da', address)) ?? []),
      ...(this.#destination?.names.map((name) => factOf('dn', name)) ?? []),
      ...(this.#icmpTypes?.map((type) => factOf('ic', String(type))) ?? []),
      ...(this.#paths?.map((path) => factOf('pa', path)) ?? []),
    ];
  }

  #addPath(url: string): void {
    const paths = (this.#paths ??= []);
    if (paths.length >= KEPT.pa) return;
    const path = rawPathOf(url);
    if (path !== '' && path.length <= MAX_PATH_LENGTH && !paths.includes(path)) paths.push(path);
  }
}

/** Addresses and names of one end. */
class EndBuffer {
  readonly addresses: string[] = [];
  readonly names: string[] = [];

  add(ip: string, names: readonly string[], time: number, namesOf: (ip: string, time: number) => readonly string[]): void {
    for (const name of names) this.#addName(name);
    if (ip === '' || this.addresses.length >= KEPT.sa || this.addresses.includes(ip)) return;
    this.addresses.push(ip);
    for (const name of namesOf(ip, time)) this.#addName(name);
  }

  #addName(name: string): void {
    const normal = normalName(name);
    if (this.names.length < KEPT.sn && normal !== '' && !this.names.includes(normal)) this.names.push(normal);
  }
}

/** Whether a flow tells which end opened its connection, rather than that its ports make it likely. */
function isOriented(flow: Flow, seen: Attributed): boolean {
  if (flow.isReply !== undefined) return true;
  if (flow.l7 && flow.l7.type !== 'UNKNOWN_L7_TYPE') return true;
  if (flow.l4?.flags?.includes('SYN') || ICMP_ECHO.has(flow.l4?.icmpType)) return true;
  // Policy is asked about the packet that opens a connection only.
  const isPolicyEvent =
    flow.eventType.type === EVENT_TYPE.policyVerdict || (flow.dropReason !== undefined && isPolicyDrop(flow.dropReason));
  return isPolicyEvent && !seen.reversed;
}

/** `:path` of a request: what follows the authority in its URL, as it was sent. */
const rawPathOf = (url: string): string => {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(url)?.[0];
  return url.slice(scheme?.length ?? 0);
};
