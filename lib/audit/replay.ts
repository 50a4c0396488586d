import type { L7Shape } from '#lib/ledger/l7-shape.ts';
import type { L7Request, Peer, Question, UnknownReason } from '#lib/policy/model.ts';
import { policyProtocolOf } from '#lib/world/question.ts';
import type { JudgeInput, ReplayPeer, ReplayTuple } from './judge-input.ts';

/** A tuple as questions to a set of policies: one for each address, path and ICMP type that may make a difference. */
export type Replayed =
  | { readonly tuple: ReplayTuple; readonly questions: readonly Question[]; readonly requests: 'seen' | 'not-seen' | 'none' }
  | { readonly tuple: ReplayTuple; readonly unknown: UnknownReason };

/** Questions of one tuple at most; a tuple that would need more says so. */
const MOST_QUESTIONS = 128;

const because = (code: string, detail: string): UnknownReason => ({ code, detail });

/** Why a tuple cannot be put to any set, whatever the set says. */
const NOT_JUDGEABLE = {
  folded: because('folded', 'Counted together with other traffic because a limit on ports or peers was met.'),
  direction: because('direction-unknown', 'No flow says which end opened the connection.'),
  protocol: because('protocol-not-judged', 'Policies of these kinds do not name its protocol.'),
  icmp: because('icmp-type-unknown', 'The ICMP type was not recorded.'),
  identity: because('identity-unknown', 'Hubble did not know who one of the ends is.'),
  labels: because('labels-unknown', 'The labels of one identity were never seen.'),
  tooMany: because('too-many-forms', 'It was seen with too many addresses and paths to try each.'),
} as const;

/** The questions of all tuples, in their order. Peers are the same objects wherever they occur, so that an engine can know them by identity. */
export function replay(input: Pick<JudgeInput, 'tuples' | 'labelSets'>): Replayed[] {
  const peers = new Map<ReplayPeer, readonly Peer[] | UnknownReason>();
  const peersOf = (peer: ReplayPeer): readonly Peer[] | UnknownReason => {
    let known = peers.get(peer);
    if (!known) peers.set(peer, (known = formsOf(peer, input.labelSets)));
    return known;
  };
  const withRequests = new Set(input.tuples.filter(({ l7 }) => l7 !== null).map(connectionOf));
  return input.tuples.map((tuple) => {
    const questions = questionsOf(tuple, peersOf(tuple.source), peersOf(tuple.destination));
    if (!Array.isArray(questions)) return { tuple, unknown: questions };
    return { tuple, questions, requests: tuple.l7 ? 'none' : withRequests.has(connectionOf(tuple)) ? 'seen' : 'not-seen' };
  });
}

const connectionOf = ({ source, destination, protocol, port }: ReplayTuple): string =>
  `${source.name} ${source.identity} ${destination.name} ${destination.identity} ${protocol} ${port}`;

function questionsOf(
  tuple: ReplayTuple,
  sources: readonly Peer[] | UnknownReason,
  destinations: readonly Peer[] | UnknownReason,
): Question[] | UnknownReason {
  const protocol = policyProtocolOf(tuple.protocol);
  if (tuple.other && tuple.l7?.kind !== 'other') return NOT_JUDGEABLE.folded;
  if (!protocol) return NOT_JUDGEABLE.protocol;
  if ('code' in sources) return sources;
  if ('code' in destinations) return destinations;
  if (!tuple.oriented) return NOT_JUDGEABLE.direction;
  const isIcmp = protocol === 'ICMP' || protocol === 'ICMPv6';
  if (isIcmp && tuple.icmpTypes.length === 0) return NOT_JUDGEABLE.icmp;
  const ports = isIcmp ? tuple.icmpTypes : [tuple.port];
  const requests = requestsOf(tuple.l7, tuple.paths);
  if (sources.length * destinations.length * ports.length * requests.length > MOST_QUESTIONS) return NOT_JUDGEABLE.tooMany;
  const questions: Question[] = [];
  for (const src of sources)
    for (const dst of destinations)
      for (const port of ports)
        for (const l7 of requests) questions.push(l7 ? { src, dst, protocol, port, l7 } : { src, dst, protocol, port });
  return questions;
}

/** A peer as an engine may see it: once for each of its addresses, and once without where it has more than are known. */
function formsOf(peer: ReplayPeer, labelSets: ReadonlyMap<string, readonly string[]>): readonly Peer[] | UnknownReason {
  if (peer.namespace !== '') {
    const labels = labelSets.get(peer.labels);
    return labels ? [{ seen: { labels } }] : NOT_JUDGEABLE.labels;
  }
  if (peer.name === 'entity:other') return NOT_JUDGEABLE.folded;
  if (peer.name === 'entity:unknown') return NOT_JUDGEABLE.identity;
  const labels = reservedLabels(peer);
  const facts = {
    labels,
    ...(peer.names.length > 0 && { names: peer.names }),
    ...(peer.name === 'entity:host' && { local: true }),
    ...(labels.includes('reserved:remote-node') && { local: false }),
  };
  const forms = peer.addresses.map((ip): Peer => ({ seen: { ...facts, ip } }));
  return forms.length === 0 || peer.moreAddresses ? [...forms, { seen: facts }] : forms;
}

/** The reserved labels of what is outside the cluster. The API server is a node, or an address of the world, as its identity tells. */
function reservedLabels({ name, identity }: ReplayPeer): readonly string[] {
  if (name === 'entity:kube-apiserver') {
    return ['reserved:kube-apiserver', identity === 0 ? 'reserved:world' : 'reserved:remote-node'];
  }
  return [name.startsWith('entity:') ? `reserved:${name.slice('entity:'.length)}` : 'reserved:world'];
}

const NO_REQUEST: readonly undefined[] = [undefined];

/** The requests that a shape stands for, as far as they were kept; one undefined where none is asked about. */
function requestsOf(l7: L7Shape | null, paths: readonly string[]): readonly (L7Request | undefined)[] {
  switch (l7?.kind) {
    case 'http': {
      const method = l7.method === '{method}' ? '' : l7.method;
      const seen = paths.length > 0 ? paths : isLiteral(l7.path) ? [l7.path] : [];
      const request = (path: string | undefined): L7Request => ({
        http: { method, path: path ?? '', ...(l7.host !== '' && { host: l7.host }) },
        notSeen: notSeen(l7.host === '', method === '', path === undefined),
      });
      return seen.length > 0 ? seen.map(request) : [request(undefined)];
    }
    case 'dns':
      return [{ dns: l7.name }];
    default:
      return NO_REQUEST;
  }
}

type Fields = NonNullable<Extract<L7Request, { http: unknown }>['notSeen']>;

/** The fields of a request that no record holds; headers never are. Nearly all requests lack the same. */
const notSeen = (host: boolean, method: boolean, path: boolean): Fields =>
  host || method || path
    ? [
        'headers',
        ...(host ? (['host'] as const) : []),
        ...(method ? (['method'] as const) : []),
        ...(path ? (['path'] as const) : []),
      ]
    : ONLY_HEADERS;
const ONLY_HEADERS: Fields = ['headers'];

/** Whether a template is a path itself: nothing in it was replaced or cut. */
const isLiteral = (template: string): boolean => template.startsWith('/') && !/[{…]/.test(template);

/** An HTTP request of which nothing is known but that it may have been made. */
export const UNSEEN_REQUEST: L7Request = { http: { method: '', path: '' }, notSeen: ['headers', 'host', 'path', 'method'] };
