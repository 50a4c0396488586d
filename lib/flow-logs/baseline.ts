import { type TrafficTuple, type TuplePeer, tupleId } from '#lib/ledger/tuple.ts';
import { type AddressBook, type BaselineNode, networkOf, outsideNode, type Owner } from './address-book.ts';
import type { LineFormat } from './format.ts';
import { type FlowLogRecord, RecordReader } from './record-reader.ts';
import { openingOf, type KnownPorts, type Opening, protocolName } from './server-side.ts';
import { restOf, type TupleCounts, TupleTable } from './tuple-table.ts';

export interface BaselineLimits {
  /** Tuples; records of further ones are counted in one tuple of everything else. */
  readonly tuples: number;
  /** Nodes, at most 65,535. */
  readonly nodes: number;
  /** Addresses whose owner is remembered; those of further ones are looked up each time and not listed. */
  readonly addresses: number;
}
export const BASELINE_LIMITS: BaselineLimits = { tuples: 100_000, nodes: 60_000, addresses: 300_000 };

/** Places of broken lines that are kept. */
const MOST_PLACES = 20;
/** Further reading of a file with this many broken lines tells nothing new. */
export const MOST_BROKEN = 10_000;
const MOST_UNKNOWN = 50;
/** Minutes of 400 days. */
const MOST_MINUTES = 576_000;

/** A tuple of the ledger with what the records of it add up to. Times in Unix milliseconds. */
export interface BaselineTuple {
  readonly id: string;
  readonly tuple: TrafficTuple;
  readonly records: number;
  readonly bytes: number;
  readonly packets: number;
  readonly first: number;
  readonly last: number;
}

/** What came out of the files. */
export interface Baseline {
  /** How many tuples there are, and each of them, in no order: made as they are taken, since their ids cost time. */
  readonly size: number;
  readonly tuples: () => Iterable<BaselineTuple>;
  readonly accepted: number;
  readonly rejected: number;
  /** Records of addresses, nodes or tuples beyond a limit: they are in the tuple `entity:other`. */
  readonly folded: number;
  readonly coverage: {
    readonly bothKnown: number;
    readonly oneKnown: number;
    readonly noneKnown: number;
    readonly minutesSeen: number;
    readonly minutesTotal: number;
    readonly unknown: readonly { readonly address: string; readonly records: number; readonly as: string }[];
  };
  /** Unix milliseconds; absent when there is no record. */
  readonly from?: number;
  readonly to?: number;
}

/** An address that was met. */
interface Met {
  readonly address: string;
  readonly owners: readonly Owner[];
  /** Number of the network it is counted in while nobody is known for it; -1 until it is needed. */
  network: number;
  unknownRecords: number;
}

/**
 * Turns flow logs into a baseline: records are joined to who had the addresses, turned to the direction of their connection, and counted as tuples.
 * Memory is bounded whatever the files hold; nothing is lost from the sums: what does not fit is counted in `entity:other`.
 */
export class BaselineBuilder {
  readonly reader: RecordReader;
  /** The first broken lines. */
  readonly places: { readonly line: number; readonly reason: string }[] = [];
  readonly #book: AddressBook;
  readonly #limits: BaselineLimits;
  readonly #latest: number;
  readonly #table: TupleTable;
  /** What did not fit. */
  readonly #rest: TupleTable;
  readonly #nodes: BaselineNode[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #byNumber = new Map<number, Met>();
  readonly #byText = new Map<string, Met>();
  readonly #services = new Map<string, number>();
  readonly #opening: Opening = { reversed: false, port: 0 };
  readonly #minutes = new Set<number>();
  #lastMinute = -1;
  #accepted = 0;
  #rejected = 0;
  #folded = 0;
  readonly #known = [0, 0, 0];
  #from = Number.POSITIVE_INFINITY;
  #to = 0;
  /** What `#find` found besides the node. */
  #isKnown = false;
  #ports: KnownPorts;

  /** `now` in Unix milliseconds: records of the future are broken lines. */
  constructor(book: AddressBook, now: number, format?: LineFormat, limits: Partial<BaselineLimits> = {}) {
    this.#book = book;
    this.#limits = { ...BASELINE_LIMITS, ...limits };
    this.#latest = now / 1000 + 86_400;
    this.#table = new TupleTable(this.#limits.tuples);
    this.#rest = new TupleTable(2);
    this.#number(outsideNode('entity:other'));
    this.reader = new RecordReader(
      {
        record: (record) => this.#add(record),
        broken: (line, reason) => {
          if (this.places.length < MOST_PLACES) this.places.push({ line, reason });
        },
      },
      format,
    );
  }

  finish(): Baseline {
    const minutesTotal = this.#to > 0 ? Math.floor(this.#to / 60) - Math.floor(this.#from / 60) + 1 : 0;
    const [noneKnown = 0, oneKnown = 0, bothKnown = 0] = this.#known;
    return {
      size: this.#table.size + this.#rest.size,
      tuples: () => this.#tuples(),
      accepted: this.#accepted,
      rejected: this.#rejected,
      folded: this.#folded,
      coverage: { bothKnown, oneKnown, noneKnown, minutesSeen: this.#minutes.size, minutesTotal, unknown: this.#unknown() },
      ...(this.#to > 0 && { from: this.#from * 1000, to: this.#to * 1000 }),
    };
  }

  #add(record: FlowLogRecord): string {
    const { start, end, rejected } = record;
    if (end > this.#latest) return 'end is in the future';
    const source = this.#find(record.sourceText, record.source, record.sourceService, start);
    const [isSourceKnown, sourcePorts] = [this.#isKnown, this.#ports];
    const destination = this.#find(record.destinationText, record.destination, record.destinationService, start);
    const known = (isSourceKnown ? 1 : 0) + (this.#isKnown ? 1 : 0);
    this.#known[known] = (this.#known[known] ?? 0) + 1;
    if (rejected) this.#rejected += 1;
    else this.#accepted += 1;
    if (start < this.#from) this.#from = start;
    if (end > this.#to) this.#to = end;
    this.#mark(start, end);

    const opening = this.#opening;
    openingOf(record, sourcePorts, this.#ports, opening);
    const isFolded = opening.port === 0 && record.sourcePort > 0 && record.destinationPort > 0;
    const rest = restOf(opening.port, record.protocol, isFolded, rejected);
    const client = opening.reversed ? destination : source;
    const server = opening.reversed ? source : destination;
    const { bytes, packets } = record;
    if (client > 0 && server > 0 && this.#table.add(client, server, rest, bytes, packets, start, end)) return '';
    this.#folded += 1;
    this.#rest.add(0, 0, restOf(0, 255, true, rejected), bytes, packets, start, end);
    return '';
  }

  /** The node of an address at a time, by its number; 0 stands for all that did not fit. */
  #find(text: string, address: number, service: string, time: number): number {
    const met = (text === '' ? this.#byNumber.get(address) : this.#byText.get(text)) ?? this.#meet(text, address);
    const { owners } = met;
    for (let at = owners.length - 1; at >= 0; at -= 1) {
      const owner = owners[at] as Owner;
      if (time < owner.from || time >= owner.to) continue;
      this.#isKnown = true;
      this.#ports = owner.ports;
      return this.#number(owner.node);
    }
    this.#ports = undefined;
    if (service !== '' && !VAGUE_SERVICES.has(service)) {
      this.#isKnown = true;
      return this.#serviceNumber(service);
    }
    this.#isKnown = false;
    met.unknownRecords += 1;
    if (met.network < 0) met.network = this.#number(outsideNode(networkOf(met.address)));
    return met.network;
  }

  #meet(text: string, address: number): Met {
    const written = text === '' ? dotted(address) : text;
    const met = { address: written, owners: this.#book.ownersOf(written), network: -1, unknownRecords: 0 };
    if (this.#byNumber.size + this.#byText.size >= this.#limits.addresses) return met;
    if (text === '') this.#byNumber.set(address, met);
    else this.#byText.set(text, met);
    return met;
  }

  #serviceNumber(service: string): number {
    let number = this.#services.get(service);
    if (number === undefined) this.#services.set(service, (number = this.#number(outsideNode(`aws:${service}`))));
    return number;
  }

  #number(node: BaselineNode): number {
    const known = this.#numbers.get(node.id);
    if (known !== undefined) return known;
    if (this.#nodes.length >= this.#limits.nodes) return 0;
    this.#numbers.set(node.id, this.#nodes.length);
    return this.#nodes.push(node) - 1;
  }

  /** Minutes in which there was a record. */
  #mark(start: number, end: number): void {
    const last = Math.floor(end / 60);
    let minute = Math.floor(start / 60);
    if (minute === this.#lastMinute && last === minute) return;
    this.#lastMinute = last;
    for (; minute <= last; minute += 1) if (this.#minutes.size < MOST_MINUTES) this.#minutes.add(minute);
  }

  *#entries(): Generator<TupleCounts> {
    yield* this.#table.entries();
    yield* this.#rest.entries();
  }

  *#tuples(): Generator<BaselineTuple> {
    const peers = this.#nodes.map(peerOf);
    for (const { source, destination, rejected, folded, protocol, port, ...counts } of this.#entries()) {
      const isOther = source + destination === 0;
      const tuple: TrafficTuple = {
        source: peers[source] as TuplePeer,
        destination: peers[destination] as TuplePeer,
        direction: 'TRAFFIC_DIRECTION_UNKNOWN',
        protocol: isOther ? 'OTHER' : protocolName(protocol),
        port,
        l7: null,
        verdict: rejected ? 'DROPPED' : 'FORWARDED',
        drop_reason: rejected ? REJECTED : '',
        policies: [],
        encryption: '',
        auth: '',
        other: folded,
        origin: 'vpc-flow-logs',
      };
      yield { id: tupleId(tuple), tuple, ...counts, first: counts.first * 1000, last: counts.last * 1000 };
    }
  }

  /** The unknown addresses with most records. */
  #unknown(): Baseline['coverage']['unknown'] {
    const top: Met[] = [];
    for (const met of this.#everyMet()) {
      const least = top.length < MOST_UNKNOWN ? undefined : top.at(-1);
      if (met.unknownRecords === 0 || (least && !isBefore(met, least))) continue;
      top.splice(top.findLastIndex((each) => isBefore(each, met)) + 1, 0, met);
      if (top.length > MOST_UNKNOWN) top.pop();
    }
    return top.map(({ address, unknownRecords: records, network }) => ({
      address,
      records,
      as: this.#nodes[network]?.id ?? 'entity:other',
    }));
  }

  *#everyMet(): Generator<Met> {
    yield* this.#byNumber.values();
    yield* this.#byText.values();
  }
}

const isBefore = (a: Met, b: Met): boolean =>
  a.unknownRecords > b.unknownRecords || (a.unknownRecords === b.unknownRecords && a.address < b.address);

/** Drop reason of what a security group or a network ACL refused: no reason of Cilium's. */
export const REJECTED = 'VPC_REJECT';

/** Ranges of all of AWS, or of everybody's instances: they say less than the network itself. */
const VAGUE_SERVICES: ReadonlySet<string> = new Set(['AMAZON', 'EC2']);

const dotted = (address: number): string =>
  `${address >>> 24}.${(address >>> 16) & 0xff}.${(address >>> 8) & 0xff}.${address & 0xff}`;

/** Without identity and labels: an address is no proof of either. */
const peerOf = ({ id, namespace, workload }: BaselineNode): TuplePeer => ({
  node: id,
  namespace,
  workload,
  identity: 0,
  labels: '',
});
