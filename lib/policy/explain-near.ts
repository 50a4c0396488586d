import { atPath, jsonAt, jsonsAt, textAt } from './describe-json.ts';
import { isRecord } from './schema/problems.ts';
import { describeHttp, describePort, describeRule } from './describe.ts';
import type { FailedRequirement, NearRule } from './explain-model.ts';
import { describeRequirement, shownLabel } from './explain-labels.ts';
import { httpRule, matchesRequest } from './http.ts';
import { type AddressFacts, type Identity, selects } from './identity.ts';
import type { L7Request, PolicyObject, Question, RuleRef } from './model.ts';
import { compileNamePattern, queriedName } from './name-pattern.ts';
import type { Entry } from './normalise.ts';
import type { PeerSelector } from './peers.ts';
import { meets } from './selector.ts';

/** What rules are held against. */
export interface NearFacts {
  readonly question: Question;
  /** The other end, and how it is called. */
  readonly peer: Identity;
  readonly peerName: string;
  readonly addresses: AddressFacts;
  /** Whether a rule's ports cover the question; `unknown` where a name cannot be resolved. */
  readonly coversPort: (entry: Entry) => boolean;
  readonly objectOf: (rule: RuleRef) => PolicyObject | undefined;
}

/** Rules shown at most. */
const MOST_NEAR = 5;

/**
 * The allow rules among `entries` (those that select the subject in one direction) that come nearest to the question: by how many things fail, then by
 * how much of the peer fits. Rules that name nobody are none of them.
 */
export function nearRules(entries: readonly Entry[], facts: NearFacts): NearRule[] {
  const measured = entries
    .filter(({ deny, peers, path }) => !deny && peers !== 'nobody' && path.endsWith(']'))
    .map((entry, place) => ({ ...measure(entry, facts), place }))
    .filter(({ near }) => near.failed.length > 0)
    .toSorted((a, b) => a.distance - b.distance || a.place - b.place);
  return measured.slice(0, MOST_NEAR).map(({ near }) => near);
}

function measure(entry: Entry, facts: NearFacts): { near: NearRule; distance: number } {
  const rule: RuleRef = { policy: entry.policy, path: entry.path };
  const object = facts.objectOf(rule);
  const json = object ? atPath(object, entry.path) : undefined;
  const peer = peerFailure(entry, facts);
  const port = facts.coversPort(entry) ? undefined : portFailure(json, object?.kind === 'NetworkPolicy', facts.question);
  const request = peer || port ? undefined : requestFailure(json, facts.question);
  const failed = [peer?.failed, port, request].filter((one) => one !== undefined);
  const near: NearRule = { rule, kind: 'allow', text: object ? describeRule(object, entry.path) : '', failed };
  return {
    near,
    distance:
      failed.length + (peer?.unmet ?? 0) + (port?.what === 'protocol' || request?.wanted.startsWith('a rule for') ? 0.1 : 0),
  };
}

/** What the peer lacks for the selector it comes nearest to; `unmet` is the share of conditions that fail, below 1. */
function peerFailure({ peers }: Entry, facts: NearFacts): { failed: FailedRequirement; unmet: number } | undefined {
  if (typeof peers === 'string') return undefined;
  if (peers.some((selector) => selects(selector, facts.peer, facts.addresses) !== 'no')) return undefined;
  const [best] = peers.map((selector) => selectorFailure(selector, facts)).toSorted((a, b) => a.unmet - b.unmet);
  return best;
}

function selectorFailure(selector: PeerSelector, { peer, peerName }: NearFacts): { failed: FailedRequirement; unmet: number } {
  const failed = (wanted: string, got: string): FailedRequirement => ({ what: 'peer', wanted, got });
  switch (selector.kind) {
    case 'labels': {
      const unmet = selector.requirements.filter((requirement) => meets(requirement, peer.labels) === 'no');
      const wanted = unmet.map(describeRequirement).join(', ');
      const got = unmet.map((requirement) => shownLabel(peer.labels, requirement) ?? peerName);
      return { failed: failed(wanted, [...new Set(got)].join(', ')), unmet: unmet.length / (selector.requirements.length + 1) };
    }
    case 'cidr':
      return { failed: failed(selector.key.split(' ')[1] ?? '', addressOf(peer, peerName)), unmet: 0.9 };
    case 'group':
      return {
        failed: failed('name' in selector.group ? `group ${selector.group.name}` : 'a CIDR group', addressOf(peer, peerName)),
        unmet: 0.9,
      };
    case 'fqdn': {
      const names = peer.names === 'unknown' || peer.names.length === 0 ? peerName : peer.names.join(', ');
      return { failed: failed(nameOf(selector.key), names), unmet: 0.8 };
    }
    case 'unresolved':
      return { failed: failed(selector.what === 'services' ? 'a service' : 'a group of the cloud', peerName), unmet: 0.95 };
  }
}

const addressOf = ({ kind, address }: Identity, name: string): string =>
  kind === 'pod' ? `${name}, a pod (addresses do not select pods)` : address === 'unknown' ? `${name}, address unknown` : name;

/** The name in the key of a FQDN selector, `fqdn {"matchName": …}`. */
function nameOf(key: string): string {
  const written: unknown = JSON.parse(key.slice(5));
  return textAt(written, 'matchName') || textAt(written, 'matchPattern');
}

function portFailure(rule: unknown, network: boolean, { protocol, port }: Question): FailedRequirement {
  const got = protocol.startsWith('ICMP') ? `${protocol} type ${port}` : `${protocol}/${port}`;
  const fallback = network ? 'TCP' : 'ANY';
  const ports = network ? jsonsAt(rule, 'ports') : jsonsAt(rule, 'toPorts').flatMap((section) => jsonsAt(section, 'ports'));
  const icmps = jsonsAt(rule, 'icmps').flatMap((icmp) => jsonsAt(icmp, 'fields'));
  const wanted = [
    ...ports.map((one) => describePort(one, fallback)),
    ...icmps.map((field) => `${textAt(field, 'family') === 'IPv6' ? 'ICMPv6' : 'ICMP'} type ${textAt(field, 'type')}`),
  ];
  const sameProtocol = ports.some((one) =>
    [protocol, 'ANY', ''].includes(textAt(one, 'protocol').toUpperCase() || (network ? 'TCP' : 'ANY')),
  );
  return {
    what: sameProtocol ? 'port' : 'protocol',
    wanted: wanted.length > 0 ? [...new Set(wanted)].join(', ') : 'no port',
    got,
  };
}

/** What a request lacks for the HTTP or DNS rule that comes nearest. */
function requestFailure(rule: unknown, question: Question): FailedRequirement | undefined {
  const { l7: request } = question;
  if (!request || !isRecord(rule)) return undefined;
  if ('dns' in request) return nameFailure(rule, request.dns, question);
  const sections = jsonsAt(rule, 'toPorts')
    .filter((section) => jsonsAt(section, 'ports').some((one) => isFor(one, question, false)))
    .map((section) => jsonAt(section, 'rules'));
  const rules = sections.flatMap((section) => jsonsAt(section, 'http'));
  const { http, notSeen } = request;
  if (rules.length === 0 || rules.some((one) => matchesRequest(httpRule(one), http, notSeen) !== 'no')) return undefined;
  const [nearest] = rules
    .map((one) => ({ one, unmet: unmetFields(one, request) }))
    .toSorted((a, b) => a.unmet.length - b.unmet.length);
  if (!nearest) return undefined;
  const { one, unmet } = nearest;
  const shown = unmet.length === 1 && unmet[0] !== 'headers';
  const [field = ''] = unmet;
  return {
    what: 'http',
    wanted: shown ? `${field} ${textAt(one, field)}` : describeHttp(one),
    got: shown
      ? `${field} ${field === 'host' ? (http.host ?? '(none)') : field === 'path' ? http.path : http.method}`
      : `${http.method} ${http.path}`,
  };
}

/** The DNS proxy looks at sections for exactly its port: wider ones let traffic through, but no name. */
function nameFailure(rule: unknown, name: string, question: Question): FailedRequirement | undefined {
  const { protocol, port } = question;
  const exact = jsonsAt(rule, 'toPorts').filter((section) => jsonsAt(section, 'ports').some((one) => isFor(one, question, true)));
  if (exact.length === 0)
    return { what: 'dns', wanted: `a rule for exactly ${protocol}/${port}`, got: 'a wider one, which lets no name pass' };
  const names = exact.flatMap((section) => jsonsAt(jsonAt(section, 'rules'), 'dns'));
  const queried = queriedName(name);
  if (names.length === 0 || names.some((one) => compileNamePattern(one, 'dns').matches(queried))) return undefined;
  return {
    what: 'dns',
    wanted: names.map((one) => textAt(one, 'matchName') || textAt(one, 'matchPattern')).join(' or '),
    got: name,
  };
}

/** Whether an element of `ports` is for the question's protocol and port, alone or in a range. A name is taken for the port that it stands for. */
function isFor(one: unknown, { protocol, port }: Question, exactly: boolean): boolean {
  const written = textAt(one, 'protocol').toUpperCase();
  if (written !== '' && written !== 'ANY' && written !== protocol) return false;
  const first = textAt(one, 'port');
  if (!/^\d+$/.test(first)) return true;
  const end = Number(textAt(one, 'endPort')) || 0;
  const last = Number(first) === 0 && end === 0 ? 65_535 : Math.max(Number(first), end);
  return exactly ? Number(first) === port && last === port : Number(first) <= port && port <= last;
}

const HTTP_FIELDS = ['method', 'path', 'host', 'headers'] as const;

function unmetFields(rule: unknown, request: Extract<L7Request, { http: unknown }>): (typeof HTTP_FIELDS)[number][] {
  return HTTP_FIELDS.filter((field) => {
    const alone =
      field === 'headers'
        ? { headers: atPath(rule, 'headers'), headerMatches: atPath(rule, 'headerMatches') }
        : { [field]: atPath(rule, field) };
    return matchesRequest(httpRule(alone), request.http, request.notSeen) === 'no';
  });
}
