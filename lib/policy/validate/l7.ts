import { RE2JS } from 're2js';
import { HEADER_MISMATCHES } from '../schema/cnp.ts';
import { at, type Path } from '../schema/path.ts';
import { checkNameRule } from './peers.ts';
import type { EntryPlace } from './ports.ts';
import { listOf, type Problems, recordOf, shown, textOf } from '../schema/problems.ts';

const LISTS = ['http', 'kafka', 'dns', 'l7'] as const;
const isGiven = (value: unknown): boolean => (value ?? null) !== null;

/** Whether there are L7 rules as the agent counts them: an empty list is none, and neither is `l7proto` alone. */
export const hasRules = (rules: unknown): boolean => LISTS.some((kind) => listOf(recordOf(rules)[kind]).length > 0);

/** What the agent refuses of `rules` of a port section. Source: Cilium pkg/policy/api/rule_validation.go, http.go, kafka.go. */
export function checkRules(value: unknown, ports: number, path: Path, entry: EntryPlace, problems: Problems): void {
  if (!hasRules(value)) return;
  const rules = recordOf(value);
  checkPlace(rules, path, entry, problems);
  if (isGiven(rules['dns']) && ports === 0)
    problems.add('engine', 'dns-without-port', path, 'DNS rules need a port, most often 53');
  const proto = textOf(rules['l7proto']);
  if (isGiven(rules['l7']) && proto === '') problems.add('engine', 'l7-without-proto', path, 'l7 needs l7proto beside it');
  const kinds = [...LISTS.filter((kind) => kind !== 'l7' && isGiven(rules[kind])), ...(proto ? ['l7proto'] : [])];
  if (kinds.length > 1) problems.add('engine', 'l7-mixed', path, `${kinds.join(' and ')} cannot stand in one block of rules`);
  const eachOf = (kind: string, check: (item: unknown, place: Path) => void): void => {
    for (const [index, item] of listOf(rules[kind]).entries()) check(item, at(at(path, kind), index));
  };
  eachOf('http', (item, place) => checkHttp(item, place, problems));
  eachOf('kafka', (item, place) => checkKafka(item, place, problems));
  eachOf('dns', (item, place) => checkNameRule(item, place, false, problems));
  if (proto)
    eachOf('l7', (item, place) => {
      if (Object.hasOwn(recordOf(item), '')) problems.add('engine', 'bad-l7', place, 'a key must not be empty');
    });
}

/** Where L7 rules can be enforced at all. */
function checkPlace(
  rules: Readonly<Record<string, unknown>>,
  path: Path,
  { direction, isHost }: EntryPlace,
  problems: Problems,
): void {
  if (direction === 'ingress' && listOf(rules['dns']).length > 0)
    problems.add('engine', 'dns-on-ingress', at(path, 'dns'), 'DNS rules are possible on egress only');
  if (!isHost) return;
  if (direction === 'ingress')
    problems.add('engine', 'l7-on-host', path, 'L7 rules are not possible on ingress of a host policy');
  else if (listOf(rules['http']).length > 0 || listOf(rules['kafka']).length > 0)
    problems.add('engine', 'l7-on-host', path, 'a host policy can have DNS rules only');
}

function checkHttp(value: unknown, path: Path, problems: Problems): void {
  const rule = recordOf(value);
  for (const field of ['method', 'path']) {
    const pattern = textOf(rule[field]);
    const fault = pattern ? expressionFault(pattern) : undefined;
    if (fault !== undefined) problems.add('engine', 'bad-regex', at(path, field), fault);
  }
  for (const [index, item] of listOf(rule['headerMatches']).entries()) {
    const place = at(at(path, 'headerMatches'), index);
    const { name, mismatch, secret } = recordOf(item);
    if (textOf(name) === '') problems.add('engine', 'bad-header', place, 'the name of the header is missing');
    const action = textOf(mismatch);
    if (action && !HEADER_MISMATCHES.some((known) => known === action))
      problems.add('engine', 'bad-header', at(place, 'mismatch'), `${shown(action)} is none of ${HEADER_MISMATCHES.join(', ')}`);
    if (isGiven(secret) && textOf(recordOf(secret)['name']) === '')
      problems.add('engine', 'bad-header', at(place, 'secret'), 'the name of the secret is missing');
  }
}

/** Policies repeat few expressions, and compiling is what validation spends its time on. */
const faults = new Map<string, string | undefined>();
const MAX_REMEMBERED = 5000;

/** Why RE2 does not take an expression; undefined when it does. */
function expressionFault(pattern: string): string | undefined {
  if (faults.has(pattern)) return faults.get(pattern);
  let fault: string | undefined;
  try {
    RE2JS.compile(pattern);
  } catch (error) {
    const lookaround = /\(\?<?[=!]/.test(pattern) ? ': look-around is not possible, as it takes more than linear time' : '';
    fault = `${shown(pattern)} is not an expression of RE2 (${error instanceof Error ? error.message.slice(0, 160) : 'error'})${lookaround}`;
  }
  if (faults.size >= MAX_REMEMBERED) faults.clear();
  if (pattern.length <= 1024) faults.set(pattern, fault);
  return fault;
}

const KAFKA_TOPIC = /^[a-zA-Z0-9._-]+$/;

function checkKafka(value: unknown, path: Path, problems: Problems): void {
  const rule = recordOf(value);
  const [role, apiKey, version, topic] = ['role', 'apiKey', 'apiVersion', 'topic'].map((field) => textOf(rule[field]) ?? '');
  if (role && apiKey) problems.add('engine', 'bad-kafka', path, 'may have only one of role and apiKey');
  if (role && !/^(produce|consume)$/i.test(role))
    problems.add('engine', 'bad-kafka', at(path, 'role'), `${shown(role)} is none of produce and consume`);
  if (version && !/^\d{1,5}$/.test(version))
    problems.add('engine', 'bad-kafka', at(path, 'apiVersion'), `${shown(version)} is no number`);
  if (topic && (topic.length > 255 || !KAFKA_TOPIC.test(topic)))
    problems.add('engine', 'bad-kafka', at(path, 'topic'), `${shown(topic)} is not a Kafka topic`);
}
