import type { World } from '#lib/policy/model.ts';
import { describePeer, type RulePeer } from '#lib/policy/nearest-peer.ts';
import { clusterResolver } from '#lib/policy/nearest-resolver.ts';
import type { RulePort, RuleRequests } from '#lib/policy/nearest-rule.ts';
import type { Connection, LeftOut } from './connection.ts';
import { DNS_PORT, dnsMatchesOf, isDnsPort } from './dns.ts';
import { httpRulesOf } from './http.ts';
import { namePeers, otherEnd, type PeerWorld, samePort, type Side, workloadKey } from './peers.ts';

/** One peer at one port, what it may ask there, and the traffic that says so. */
export interface Need {
  readonly peer: RulePeer;
  readonly port: RulePort;
  readonly requests?: RuleRequests;
  readonly connections: readonly Connection[];
  readonly cautions: readonly string[];
}

export interface NeedOptions {
  readonly world: World;
  readonly peers: PeerWorld;
  /** Name HTTP requests and DNS names even where none was refused. */
  readonly l7: boolean;
  /** A resolver that others use, for a workload whose own questions were not recorded. */
  readonly resolver: RulePeer | undefined;
}

export interface Needs {
  readonly needs: readonly Need[];
  readonly leftOut: readonly LeftOut[];
  /** What was added or left out on purpose, a sentence each. */
  readonly guardRails: readonly string[];
}

interface Drafts {
  readonly leftOut: LeftOut[];
  readonly guardRails: Set<string>;
}

interface Open {
  readonly peer: RulePeer;
  readonly port: RulePort;
  readonly connections: Connection[];
}

/** What the traffic of one side needs. */
export function needsOf(side: Side, options: NeedOptions): Needs {
  const leftOut: LeftOut[] = [];
  const guardRails = new Set<string>();
  const open = new Map<string, Open>();
  for (const connection of side.passed) {
    if (isOwnHost(connection, side, options.world)) {
      guardRails.add('Probes from a pod’s own node (kubelet) need no rule: Cilium lets the local host through by default.');
      continue;
    }
    const named = namePeers(connection, side, options.peers);
    if ('reason' in named) leftOut.push({ tuple: connection.tuple, reason: named.reason });
    else for (const peer of named) for (const port of portsOf(connection)) add(open, peer, port, connection);
  }
  const needs = [...open].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, need]) => need);
  const answered = withDns(needs, side, options, { leftOut, guardRails }).flatMap((need) => {
    const asked = isDnsPort(need.port) && side.direction === 'egress' ? need : withHttp(need, side, options.l7, leftOut);
    if ('reason' in asked) leftOut.push(...need.connections.map(({ tuple }) => ({ tuple, reason: asked.reason })));
    return 'reason' in asked ? [] : [asked];
  });
  return { needs: answered, leftOut, guardRails: [...guardRails] };
}

function add(open: Map<string, Open>, peer: RulePeer, port: RulePort, connection: Connection): void {
  const key = `${peer.kind} ${describePeer(peer)} ${port.protocol} ${String(port.port).padStart(5, '0')}`;
  const need = open.get(key) ?? { peer, port, connections: [] };
  need.connections.push(connection);
  open.set(key, need);
}

const portsOf = ({ questions }: Connection): RulePort[] => [
  ...new Map(questions.map(({ protocol, port }) => [`${protocol}/${port}`, { protocol, port }])).values(),
];

const isOwnHost = (connection: Connection, { direction }: Side, { config }: World): boolean =>
  direction === 'ingress' &&
  config.allowLocalhost !== 'policy' &&
  connection.source.forms.every(({ labels }) => labels.includes('reserved:host')) &&
  connection.source.forms.length > 0;

/** HTTP is enforced where it is read: at the destination's pod, or at the source for what is outside. */
function withHttp(whole: Open, side: Side, l7: boolean, leftOut: LeftOut[]): Need | { readonly reason: string } {
  if (whole.port.protocol !== 'TCP' || (side.direction === 'egress' && whole.peer.kind === 'pods'))
    return { ...whole, cautions: [] };
  const refused = refusedOf(whole, side).filter(({ tuple }) => tuple.l7?.kind === 'http');
  const need = withoutRefused(whole, refused, leftOut);
  const plain: Need = { ...need, cautions: [] };
  const seen = need.connections.some(({ tuple }) => tuple.l7?.kind === 'http');
  if (need.connections.some(({ tuple }) => tuple.l7?.kind === 'kafka')) return { ...plain, cautions: [KAFKA] };
  if (!l7 && refused.length === 0)
    return seen ? { ...plain, cautions: ['HTTP requests were seen; without HTTP rules every request passes.'] } : plain;
  const http = httpRulesOf(need.connections, refused);
  // An empty list of rules would be none at all, and let every request pass.
  if (!http || http.rules.length === 0) return refused.length > 0 ? { reason: 'Every request on it was refused.' } : plain;
  const kept = refused.length > 0 && !l7 ? ['Requests were refused here, so the rule names those that passed.'] : [];
  return { ...plain, requests: { http: http.rules }, cautions: [...http.cautions, ...kept] };
}

/** A request that other pods of the same peer were refused is nobody's: the rule would name them all. */
function withoutRefused(need: Open, refused: readonly Connection[], leftOut: LeftOut[]): Open {
  const requests = new Set(refused.map(({ tuple }) => JSON.stringify(tuple.l7)));
  const isRefused = ({ tuple }: Connection) => requests.has(JSON.stringify(tuple.l7));
  const fallen = need.connections.filter(isRefused);
  if (fallen.length === 0) return need;
  leftOut.push(...fallen.map(({ tuple }) => ({ tuple, reason: 'Other pods of the same workload were refused it.' })));
  return { ...need, connections: need.connections.filter((one) => !isRefused(one)) };
}

const sameEnd = (a: Connection, b: Connection, { direction }: Side): boolean => {
  const [one, other] = [otherEnd(a, direction).peer, otherEnd(b, direction).peer];
  return one.name === other.name && workloadKey(one) === workloadKey(other);
};

const KAFKA = 'Kafka requests were seen; the rule does not limit them.';

type Asked = Open & Pick<Need, 'requests' | 'cautions'>;

/** The needs with what may be asked of resolvers, and a resolver where names are used without one. */
function withDns(needs: readonly Open[], side: Side, options: NeedOptions, said: Drafts): Asked[] {
  const others = needs
    .filter(({ port }) => side.direction === 'ingress' || !isDnsPort(port))
    .map((need) => ({ ...need, cautions: [] }));
  const resolvers = needs.filter(({ port }) => side.direction === 'egress' && isDnsPort(port));
  const names = needs.flatMap(({ peer }) => (peer.kind === 'fqdn' ? [peer.name] : []));
  const isProxied = names.length > 0 || [...side.passed, ...side.denied].some(({ tuple }) => tuple.l7?.kind === 'dns');
  if (names.length > 0)
    said.guardRails.add(
      'Rules by name learn their addresses from DNS answers: the rule for the resolver carries a DNS section for that.',
    );
  if (resolvers.length === 0)
    return [...others, ...(names.length > 0 ? addedResolver(names, side, options, said.guardRails) : [])];
  const asked = resolvers.flatMap((need) => withNames(need, isProxied, names, side, options, said.leftOut));
  return [...others, ...asked, ...asked.flatMap((need) => tcpBeside(need, asked, side, said.guardRails))];
}

function withNames(
  need: Open,
  isProxied: boolean,
  names: readonly string[],
  side: Side,
  { l7 }: NeedOptions,
  leftOut: LeftOut[],
): Asked[] {
  if (!isProxied) return [{ ...need, cautions: [] }];
  const { matches, cautions } = dnsMatchesOf(need.connections, refusedOf(need, side), names, l7);
  if (matches.length > 0) return [{ ...need, requests: { dns: matches }, cautions }];
  leftOut.push(...need.connections.map(({ tuple }) => ({ tuple, reason: 'Every name it asked for was refused.' })));
  return [];
}

/** What was refused of the same peer at the same port. */
function refusedOf(need: Open, side: Side): Connection[] {
  const [example] = need.connections;
  if (!example) return [];
  return side.denied.filter((other) => samePort(other, example) && need.connections.some((one) => sameEnd(one, other, side)));
}

function addedResolver(
  names: readonly string[],
  { denied }: Side,
  { resolver, world, l7 }: NeedOptions,
  guardRails: Set<string>,
): Asked[] {
  const { matches, cautions } = dnsMatchesOf([], denied, names, l7);
  if (matches.length === 0) return [];
  const peer = resolver ?? clusterResolver(world);
  const whose = resolver ? 'the resolver that others use' : 'the usual resolver of a cluster';
  guardRails.add(`Its own DNS questions were not recorded: the rule names ${describePeer(peer)}, ${whose}.`);
  return (['UDP', 'TCP'] as const).map((protocol) => ({
    peer,
    port: { protocol, port: DNS_PORT },
    connections: [],
    requests: { dns: matches },
    cautions,
  }));
}

function tcpBeside(need: Asked, asked: readonly Asked[], side: Side, guardRails: Set<string>): Asked[] {
  if (need.port.protocol !== 'UDP') return [];
  const known = asked.some(({ peer, port }) => port.protocol === 'TCP' && describePeer(peer) === describePeer(need.peer));
  const refused = side.denied.some(({ tuple }) => tuple.protocol === 'TCP' && tuple.port === DNS_PORT);
  if (known || refused) return [];
  guardRails.add('TCP/53 stands beside UDP/53: resolvers answer by TCP what is too long for UDP.');
  return [{ ...need, port: { protocol: 'TCP', port: DNS_PORT } }];
}
