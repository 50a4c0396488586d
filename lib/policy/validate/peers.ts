import type { AgentConfig } from '../model.ts';
import { ENTITY_NAMES } from '../schema/cnp.ts';
import { at, type Path } from '../schema/path.ts';
import { inWords } from '../schema/walk.ts';
import { containsPrefix, isNamePattern, parseAddress, parsePrefix, type Prefix } from '../schema/words.ts';
import { listOf, type Problems, recordOf, shown, textOf } from '../schema/problems.ts';
import { checkSelector } from './selector.ts';

/** Fields of an entry that say with whom, by direction, in the order in which they are told. */
export const PEER_FIELDS = {
  ingress: ['fromEndpoints', 'fromEntities', 'fromCIDR', 'fromCIDRSet', 'fromNodes', 'fromGroups'],
  egress: ['toEndpoints', 'toEntities', 'toCIDR', 'toCIDRSet', 'toNodes', 'toGroups', 'toServices', 'toFQDNs'],
} as const;

/** Entities the agent takes; `world-ipv4` and `world-ipv6` are refused by the schema only. */
const AGENT_ENTITIES: ReadonlySet<string> = new Set([...ENTITY_NAMES, 'world-ipv4', 'world-ipv6']);

/** What the agent refuses of the peers of one entry. Source: Cilium pkg/policy/api/rule_validation.go. */
export function checkPeers(
  entry: Readonly<Record<string, unknown>>,
  path: Path,
  { direction, isDeny, config }: { direction: 'ingress' | 'egress'; isDeny: boolean; config: AgentConfig },
  problems: Problems,
): void {
  // A deny entry has no field toFQDNs: there it is dropped.
  const given = PEER_FIELDS[direction].filter((field) => listOf(entry[field]).length > 0 && !(isDeny && field === 'toFQDNs'));
  if (given.length > 1)
    problems.add(
      'engine',
      'combined-peers',
      path,
      `${inWords(given, 'and')} cannot be combined in one entry: make an entry of each`,
    );
  const prefix = direction === 'ingress' ? 'from' : 'to';
  const eachOf = (field: string, check: (item: unknown, place: Path) => void): void => {
    for (const [index, item] of listOf(entry[field]).entries()) check(item, at(at(path, field), index));
  };
  eachOf(`${prefix}Endpoints`, (item, place) => checkSelector(item, place, problems));
  eachOf(`${prefix}Nodes`, (item, place) => checkSelector(item, place, problems));
  eachOf(`${prefix}Entities`, (item, place) => checkEntity(item, place, problems));
  eachOf(`${prefix}CIDR`, (item, place) => checkCidr(item, place, problems));
  eachOf(`${prefix}CIDRSet`, (item, place) => checkCidrSet(item, place, problems));
  if (!isDeny) eachOf('toFQDNs', (item, place) => checkNameRule(item, place, true, problems));
  const nodes = `${prefix}Nodes`;
  if (listOf(entry[nodes]).length > 0 && config.nodeSelectorLabels !== true)
    problems.add('engine', 'nodes-disabled', at(path, nodes), `${nodes} needs the agent's setting enable-node-selector-labels`);
}

function checkEntity(value: unknown, path: Path, problems: Problems): void {
  const name = textOf(value);
  if (name !== undefined && !AGENT_ENTITIES.has(name))
    problems.add('engine', 'unknown-entity', path, `there is no entity ${shown(name)}`);
}

function checkCidr(value: unknown, path: Path, problems: Problems): void {
  const text = textOf(value);
  if (text !== undefined && !parsePrefix(text) && !parseAddress(text))
    problems.add('engine', 'bad-cidr', path, `${shown(text)} is not an address with its prefix length`);
}

const CIDR_CHOICES = ['cidr', 'cidrGroupRef', 'cidrGroupSelector'];

function checkCidrSet(value: unknown, path: Path, problems: Problems): void {
  const { cidr, cidrGroupRef, cidrGroupSelector, except } = recordOf(value);
  const given = [textOf(cidr) !== '', textOf(cidrGroupRef) !== '', cidrGroupSelector !== undefined && cidrGroupSelector !== null];
  if (given[2]) checkSelector(cidrGroupSelector, at(path, 'cidrGroupSelector'), problems, 'cidrgroup');
  const count = given.filter(Boolean).length;
  if (count !== 1) {
    const chosen = CIDR_CHOICES.filter((_, index) => given[index]);
    const message =
      count === 0 ? `needs one of ${inWords(CIDR_CHOICES, 'and')}` : `may have only one of ${inWords(chosen, 'and')}`;
    problems.add('engine', 'cidr-one-of', path, message);
    return;
  }
  const text = textOf(cidr);
  if (!given[0] || text === undefined) return;
  const outer = parsePrefix(text);
  if (!outer) {
    problems.add('engine', 'bad-cidr', at(path, 'cidr'), `${shown(text)} is not an address with its prefix length`);
    return;
  }
  checkExceptions(except, outer, text, at(path, 'except'), problems);
}

/** Exceptions of a prefix: of its family and inside it. */
export function checkExceptions(except: unknown, outer: Prefix, outerText: string, path: Path, problems: Problems): void {
  for (const [index, item] of listOf(except).entries()) {
    const text = textOf(item);
    if (text === undefined) continue;
    const inner = parsePrefix(text);
    if (!inner) problems.add('engine', 'bad-except', at(path, index), `${shown(text)} is not an address with its prefix length`);
    else if (!containsPrefix(outer, inner))
      problems.add('engine', 'bad-except', at(path, index), `the exception ${text} is not inside ${outerText}`);
  }
}

/** One rule of `toFQDNs` or of DNS rules, where both a name and a pattern may stand. */
export function checkNameRule(value: unknown, path: Path, onlyOne: boolean, problems: Problems): void {
  const { matchName, matchPattern } = recordOf(value);
  const name = textOf(matchName);
  const pattern = textOf(matchPattern);
  if (onlyOne && name && pattern) problems.add('engine', 'bad-fqdn', path, 'may have only one of matchName and matchPattern');
  if (name && !isNamePattern(name, false)) {
    const hint = name.includes('*') ? ': a "*" belongs in matchPattern' : '';
    problems.add('engine', 'bad-fqdn', at(path, 'matchName'), `${shown(name)} is not a DNS name${hint}`);
  }
  if (pattern && !isNamePattern(pattern, true))
    problems.add('engine', 'bad-fqdn', at(path, 'matchPattern'), `${shown(pattern)} is not a pattern of DNS names`);
}
