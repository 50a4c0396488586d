import { type AddressFacts, type Identity, type IdentityKind, noMatches } from './identity.ts';
import { endpointLabels, hostLabels, outsideLabels, remoteNodeLabels } from './identity-labels.ts';
import { labelFilter, type LabelFilter } from './label-filter.ts';
import { DEFAULT_CLUSTER, type Label, labelSet, type LabelSet, reserved } from './labels.ts';
import type { CidrGroup, Entity, World, WorldEndpoint, WorldNode } from './model.ts';
import { clusterPorts, type NamedPorts, noPorts, podPorts, portsSignature } from './named-ports.ts';
import type { GroupChoice } from './peers.ts';
import { parseAddress, parsePrefix, type Prefix } from './schema/words.ts';
import { meetsAll, requirementsKey } from './selector.ts';

/** Somebody that can be one side of a question, found once and then judged by identity. */
export interface JudgedPeer {
  /** What the rules of others see. */
  readonly identity: Identity;
  /** What its own policies see; undefined where policy is never enforced on it. */
  readonly subject: SubjectOf | undefined;
}

/** One side as a subject: all that its own policies depend on. */
export interface SubjectOf {
  /** Equal for equal subjects of one world. */
  readonly id: number;
  readonly identity: Identity;
  /** `host`: the policies of nodes select it; `unknown`: nobody can tell which do. */
  readonly role: 'endpoint' | 'host' | 'unknown';
  /** Named ports of its containers, for ingress. */
  readonly ports: NamedPorts;
}

/** So many identities are kept, of addresses mostly; a judge that lives for long starts over then. Numbers are never given twice. */
const MAX_IDENTITIES = 200_000;

/** The facts of a world as the engine asks for them. Identities are made when they are first asked for. */
export class WorldIndex implements AddressFacts {
  readonly world: World;
  readonly filter: LabelFilter;
  readonly cluster: string;
  readonly cidrSelectsNodes: boolean;
  /** For egress to named ports. */
  readonly egressPorts: NamedPorts;
  readonly #groups = new Map<string, readonly Prefix[]>();
  readonly #identities = new Map<string, Identity>();
  readonly #subjects = new Map<string, SubjectOf>();
  #nextId = 0;

  constructor(world: World) {
    this.world = world;
    this.filter = labelFilter(world.config.labels);
    this.cluster = world.config.clusterName ?? DEFAULT_CLUSTER;
    this.cidrSelectsNodes = world.config.policyCIDRMatchMode?.includes('nodes') ?? false;
    this.egressPorts = clusterPorts(world);
  }

  groupPrefixes(choice: GroupChoice): readonly Prefix[] | undefined {
    if (this.world.missing?.includes('cidrGroups')) return undefined;
    const key = 'name' in choice ? `name ${choice.name}` : requirementsKey(choice.requirements);
    const known = this.#groups.get(key);
    if (known) return known;
    const chosen = this.world.cidrGroups.filter((group) => isChosen(choice, group));
    const found = chosen.flatMap(({ externalCIDRs }) =>
      externalCIDRs.flatMap((text) => parsePrefix(text) ?? parseAddress(text) ?? []),
    );
    this.#groups.set(key, found);
    return found;
  }

  /** The identity with these properties: one for all that no rule can tell apart. */
  identity(kind: IdentityKind, labels: LabelSet, address: Identity['address'] = 'none', names: Identity['names'] = []): Identity {
    const where = typeof address === 'string' ? address : `${address.bytes.join('.')}/${address.bits}`;
    const needsAddress = kind === 'outside' || kind === 'remote-node';
    const key = JSON.stringify([kind, labels.texts, labels.namespaceUnknown, needsAddress && where, names]);
    let identity = this.#identities.get(key);
    if (!identity) {
      identity = { id: this.#nextId++, kind, labels, address: needsAddress ? address : 'none', names, matches: noMatches() };
      if (this.#identities.size >= MAX_IDENTITIES) this.#identities.clear();
      this.#identities.set(key, identity);
    }
    return identity;
  }

  /** A node that is either the local host or another one. */
  eitherIdentity(host: Identity, remote: Identity): Identity {
    const key = `either ${host.id} ${remote.id}`;
    let identity = this.#identities.get(key);
    if (!identity) {
      identity = { ...host, id: this.#nextId++, either: [host, remote], matches: noMatches() };
      this.#identities.set(key, identity);
    }
    return identity;
  }

  /** `signature` is equal for equal `ports`. */
  subject(identity: Identity, role: SubjectOf['role'], ports: NamedPorts = noPorts, signature = ''): SubjectOf {
    const key = `${role} ${identity.id} ${signature}`;
    let subject = this.#subjects.get(key);
    if (!subject) {
      subject = { id: this.#subjects.size, identity, role, ports };
      this.#subjects.set(key, subject);
    }
    return subject;
  }

  endpointPeer(endpoint: WorldEndpoint): JudgedPeer {
    const identity = this.identity('pod', endpointLabels(endpoint, this.world, this.filter));
    const isLocal = (endpoint.cluster ?? this.cluster) === this.cluster;
    return {
      identity,
      subject: isLocal ? this.subject(identity, 'endpoint', podPorts(endpoint), portsSignature(endpoint)) : undefined,
    };
  }

  hostIdentity(node: WorldNode | undefined, more: readonly Label[] = []): Identity {
    const labels = hostLabels(node, this.filter);
    return this.identity('host', more.length === 0 ? labels : labelSet([...more, ...[...labels.byKey.values()].flat()]));
  }

  /** `more` is what a record shows, e.g. that the node is of another cluster: it counts more than what the world says. */
  remoteNodeIdentity(node: WorldNode | undefined, more: readonly Label[] = [], address: Identity['address'] = 'none'): Identity {
    const labels = remoteNodeLabels(node, this.world, this.filter);
    const own = node?.ip === undefined ? undefined : parseAddress(node.ip);
    return this.identity(
      'remote-node',
      more.length === 0 ? labels : labelSet([...[...labels.byKey.values()].flat(), ...more]),
      this.cidrSelectsNodes ? (own ?? address) : 'none',
    );
  }

  /** A node as the agent of this world's local node sees it. */
  nodePeer(node: WorldNode): JudgedPeer {
    if (!node.local) return { identity: this.remoteNodeIdentity(node), subject: undefined };
    const identity = this.hostIdentity(node);
    return { identity, subject: this.hostSubject(identity) };
  }

  /** The local host is a subject with the host firewall on. */
  hostSubject(identity: Identity): SubjectOf | undefined {
    return this.world.config.hostFirewall ? this.subject(identity, 'host') : undefined;
  }

  /** `family` where the address is not known, but its family is. */
  outsideIdentity(address: Identity['address'], names: Identity['names'], isApiServer = false, family?: 4 | 6): Identity {
    const known = typeof address === 'string' ? family : address.family;
    return this.identity('outside', outsideLabels(this.world, known, isApiServer), address, names);
  }

  entityPeer(entity: Entity): JudgedPeer {
    switch (entity) {
      case 'host': {
        const identity = this.hostIdentity(this.world.nodes.find(({ local }) => local));
        return { identity, subject: this.hostSubject(identity) };
      }
      case 'world':
        return { identity: this.outsideIdentity('none', []), subject: undefined };
      case 'remote-node':
        return { identity: this.remoteNodeIdentity(undefined), subject: undefined };
      case 'kube-apiserver':
        return { identity: this.remoteNodeIdentity(undefined, [reserved('kube-apiserver')]), subject: undefined };
      case 'unmanaged':
        return { identity: this.identity('other', labelSet([reserved(entity)])), subject: undefined };
      case 'health':
      case 'init':
      case 'ingress': {
        const identity = this.identity('other', labelSet([reserved(entity)]));
        return { identity, subject: this.subject(identity, 'endpoint') };
      }
    }
  }
}

function isChosen(choice: GroupChoice, { name, labels = {} }: CidrGroup): boolean {
  if ('name' in choice) return choice.name === name;
  const own = Object.entries(labels).map(([key, value]): Label => ({ source: 'cidrgroup', key, value }));
  return meetsAll(choice.requirements, labelSet(own)) === 'yes';
}
