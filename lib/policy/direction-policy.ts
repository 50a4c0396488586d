import type { Cover, Doubt, Localhost } from './covering.ts';
import { type Identity, selects } from './identity.ts';
import type { DirectionState } from './judge-l4.ts';
import type { Direction, Entry } from './normalise.ts';
import { EitherPair, Pair, type PairPolicy } from './pair.ts';
import type { PeerSelector } from './peers.ts';
import { HOST_SELECTOR } from './selector-table.ts';
import { ALL_PORTS, type PortSection } from './sections.ts';
import type { SubjectOf, WorldIndex } from './world-index.ts';

/** So many peers are kept; more than that pass by only where addresses of the whole world do. */
const MAX_PAIRS = 200_000;

/** The entries of one direction that select one subject, resolved for each peer when it is first asked about. */
export class DirectionPolicy {
  readonly state: DirectionState;
  readonly entries: readonly Entry[];
  readonly subject: SubjectOf;
  readonly #direction: Direction;
  readonly #world: WorldIndex;
  readonly #selectors: readonly PeerSelector[];
  readonly #pairs = new Map<number, PairPolicy>();
  readonly #bySignature = new Map<string, Pair>();

  constructor(subject: SubjectOf, direction: Direction, entries: readonly Entry[], state: DirectionState, world: WorldIndex) {
    this.subject = subject;
    this.#direction = direction;
    this.entries = entries;
    this.state = state;
    this.#world = world;
    this.#selectors = [...new Set(entries.flatMap(({ peers }) => (typeof peers === 'string' ? [] : peers)))];
  }

  pair(peer: Identity): PairPolicy {
    const known = this.#pairs.get(peer.id);
    if (known) return known;
    const pair = peer.either ? new EitherPair(this.pair(peer.either[1]), this.pair(peer.either[0])) : this.#pairOf(peer);
    if (this.#pairs.size >= MAX_PAIRS) this.#forget();
    this.#pairs.set(peer.id, pair);
    return pair;
  }

  #forget(): void {
    this.#pairs.clear();
    this.#bySignature.clear();
  }

  /** One pair for all peers that the rules treat alike. */
  #pairOf(peer: Identity): Pair {
    const localhost = this.#localhost(peer);
    const signature = this.#signature(peer, localhost);
    let pair = this.#bySignature.get(signature);
    if (!pair) {
      pair = new Pair(this.#covers(peer), localhost, this.state);
      this.#bySignature.set(signature, pair);
    }
    return pair;
  }

  #signature(peer: Identity, localhost: Localhost): string {
    let signature = `${typeof localhost === 'string' ? localhost : 'unknown'} ${doubtOf(peer).code} `;
    for (const selector of this.#selectors) signature += selects(selector, peer, this.#world)[0];
    return signature;
  }

  #covers(peer: Identity): Cover[] {
    return this.entries.flatMap((entry) => {
      const chosen = this.#choice(entry, peer);
      if (!chosen) return [];
      const { by, doubt } = chosen;
      if (!entry.ports) return [{ entry, section: undefined, first: 0, last: ALL_PORTS, certain: !doubt, doubt, by }];
      return entry.ports.flatMap((section) => this.#sectionCover(entry, section, by, doubt) ?? []);
    });
  }

  /** How an entry names the peer; undefined when it does not. */
  #choice({ peers }: Entry, peer: Identity): Pick<Cover, 'by' | 'doubt'> | undefined {
    if (peers === 'nobody') return undefined;
    if (peers === 'everybody') return { by: 'everybody', doubt: undefined };
    let doubtful: PeerSelector | undefined;
    let isSelected = false;
    for (const selector of peers) {
      const match = selects(selector, peer, this.#world);
      if (match === 'yes' && selector.id === HOST_SELECTOR) return { by: 'host', doubt: undefined };
      if (match === 'yes') isSelected = true;
      else if (match === 'unknown') doubtful ??= selector;
    }
    if (isSelected) return { by: 'selector', doubt: undefined };
    return doubtful && { by: doubtful.id === HOST_SELECTOR ? 'host' : 'selector', doubt: doubtOf(peer, doubtful) };
  }

  #sectionCover(entry: Entry, section: PortSection, by: Cover['by'], peerDoubt: Doubt | undefined): Cover | undefined {
    const certain = peerDoubt === undefined;
    if (section.name === undefined)
      return { entry, section, first: section.first, last: section.last, certain, doubt: peerDoubt, by };
    const ports = this.#direction === 'ingress' ? this.subject.ports : this.#world.egressPorts;
    const number = ports(section.name, section.protocol);
    if (number === undefined) return undefined;
    if (number === 'unknown')
      return { entry, section, first: 0, last: ALL_PORTS, certain: false, doubt: peerDoubt ?? PORT_NOT_KNOWN, by };
    return { entry, section, first: number, last: Math.max(number, section.last), certain, doubt: peerDoubt, by };
  }

  /** The local host is let in to endpoints by a setting. */
  #localhost(peer: Identity): Localhost {
    const { config, missing } = this.#world.world;
    if (this.#direction !== 'ingress' || this.subject.role !== 'endpoint' || config.allowLocalhost === 'policy') return 'no';
    if (peer.kind === 'unknown') return doubtOf(peer);
    if (peer.kind !== 'host') return 'no';
    return missing?.includes('config') ? SETTINGS_NOT_KNOWN : 'yes';
  }
}

const SETTINGS_NOT_KNOWN: Doubt = {
  code: 'settings-not-known',
  detail: 'whether the agents always let the local host in (allow-localhost) is not known',
};

const PORT_NOT_KNOWN: Doubt = { code: 'named-port-not-known', detail: 'which number a named port has is not known' };

/** What is not known of a peer, or of what a selector stands for. */
function doubtOf({ kind, address, names, labels }: Identity, selector?: PeerSelector): Doubt {
  if (kind === 'unknown') return { code: 'identity-not-known', detail: 'whose identity the peer has was not recorded' };
  if (selector?.kind === 'unresolved')
    return selector.what === 'services'
      ? { code: 'services-not-known', detail: 'the services of the cluster are not known' }
      : { code: 'cloud-group', detail: 'the addresses of a group of the cloud are not known' };
  if (selector?.kind === 'fqdn')
    return { code: 'names-not-known', detail: 'which names the address was learned for is not known' };
  if (selector?.kind === 'group' && typeof address !== 'string')
    return { code: 'cidr-groups-not-known', detail: 'the members of the CIDR group are not known' };
  if (address === 'unknown' || selector?.kind === 'cidr')
    return { code: 'address-not-known', detail: 'the address of the peer was not recorded' };
  if (labels.namespaceUnknown)
    return { code: 'namespace-labels-not-known', detail: 'the labels of the peer’s namespace are not known' };
  return names === 'unknown'
    ? { code: 'names-not-known', detail: 'which names the address was learned for is not known' }
    : NO_DOUBT;
}

const NO_DOUBT: Doubt = { code: '', detail: '' };
