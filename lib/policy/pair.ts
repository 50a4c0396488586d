import { blockOf } from './auth.ts';
import type { Cover, Localhost } from './covering.ts';
import { type DirectionState, type Judged, judgeEither, judgeL4 } from './judge-l4.ts';
import { PROTOCOL_COUNT, type ProtocolIndex } from './protocols.ts';

/** Ports of one protocol, cut where an answer may change; `judged` is filled as it is asked for. */
interface PortTable {
  /** First port of each piece, ascending, from 0. */
  readonly starts: readonly number[];
  readonly judged: (Judged | undefined)[];
}

/** One direction between a subject and a peer. */
export interface PairPolicy {
  judge(protocol: ProtocolIndex, port: number): Judged;
}

/** One direction between a subject and peers that its rules cannot tell apart: an answer for every protocol and port, each worked out once. */
export class Pair implements PairPolicy {
  readonly #localhost: Localhost;
  readonly #covers: readonly Cover[];
  readonly #state: DirectionState;
  readonly #tables: (PortTable | undefined)[] = Array.from({ length: PROTOCOL_COUNT }, () => undefined);

  constructor(covers: readonly Cover[], localhost: Localhost, state: DirectionState) {
    this.#covers = covers;
    this.#localhost = localhost;
    this.#state = state;
  }

  judge(protocol: ProtocolIndex, port: number): Judged {
    const table = (this.#tables[protocol] ??= this.#cut(protocol));
    const { starts, judged } = table;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= port) low = middle;
      else high = middle - 1;
    }
    return (judged[low] ??= this.#judgeNow(protocol, port));
  }

  #judgeNow(protocol: ProtocolIndex, port: number): Judged {
    const covers = this.#covers.filter((cover) => isOf(cover, protocol) && cover.first <= port && port <= cover.last);
    return judgeL4(covers, port, this.#localhost, this.#state);
  }

  #cut(protocol: ProtocolIndex): PortTable {
    const own = this.#covers.filter((cover) => isOf(cover, protocol));
    const starts = new Set([0]);
    for (const { first, last } of own) starts.add(first).add(last + 1);
    // With modes of authentication the width of the block that holds a port decides: cut at blocks too.
    if (own.some(({ entry }) => entry.auth === 'disabled'))
      for (const { section, first, last } of own)
        if (section) for (let port = first; port <= last; port = blockOf(first, last, port).high + 1) starts.add(port);
    const sorted = [...starts].toSorted((a, b) => a - b);
    return { starts: sorted, judged: sorted.map(() => undefined) };
  }
}

/** A node that is the local host or a remote one: both are judged. */
export class EitherPair implements PairPolicy {
  readonly #remote: PairPolicy;
  readonly #host: PairPolicy;
  readonly #judged = new Map<Judged, Map<Judged, Judged>>();

  constructor(remote: PairPolicy, host: PairPolicy) {
    this.#remote = remote;
    this.#host = host;
  }

  judge(protocol: ProtocolIndex, port: number): Judged {
    const remote = this.#remote.judge(protocol, port);
    const host = this.#host.judge(protocol, port);
    let known = this.#judged.get(remote);
    if (!known) this.#judged.set(remote, (known = new Map()));
    let judged = known.get(host);
    if (!judged) known.set(host, (judged = judgeEither(remote, host)));
    return judged;
  }
}

const isOf = ({ section }: Cover, protocol: ProtocolIndex): boolean => !section || section.protocol === protocol;
