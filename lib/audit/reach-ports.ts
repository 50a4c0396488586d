import type { CompiledPolicies } from '#lib/policy/compile.ts';
import type { Judged } from '#lib/policy/judge-l4.ts';
import { POLICY_PROTOCOLS } from '#lib/policy/model.ts';
import type { Direction } from '#lib/policy/normalise.ts';
import type { ProtocolIndex } from '#lib/policy/protocols.ts';
import { ALL_PORTS } from '#lib/policy/sections.ts';
import type { JudgedPeer, SubjectOf } from '#lib/policy/world-index.ts';

/** Ports of one protocol, both ends included, that something lets pass. */
export interface OpenPorts {
  readonly protocol: ProtocolIndex;
  readonly first: number;
  readonly last: number;
  /** It cannot be told whether they are open. */
  readonly unknown: boolean;
  /** What they depend on besides, e.g. `http`, `auth`; sorted. */
  readonly conditions: readonly string[];
}

const PROTOCOLS = POLICY_PROTOCOLS.map((_, index) => index as ProtocolIndex);
const ALL: readonly OpenPorts[] = PROTOCOLS.map((protocol) => ({
  protocol,
  first: 0,
  last: ALL_PORTS,
  unknown: false,
  conditions: [],
}));
const UNKNOWN: readonly OpenPorts[] = ALL.map((ports) => ({ ...ports, unknown: true }));

/** Ports that one direction leaves open between subjects and peers, worked out once for all peers that its rules cannot tell apart. */
export class SideReach {
  readonly #compiled: CompiledPolicies;
  readonly #direction: Direction;
  readonly #known = new WeakMap<object, readonly OpenPorts[]>();
  readonly #cuts = new Map<number, readonly (readonly number[])[]>();

  constructor(compiled: CompiledPolicies, direction: Direction) {
    this.#compiled = compiled;
    this.#direction = direction;
  }

  /** What passes at `subject`, coming from or going to `peer`. */
  open({ subject }: JudgedPeer, { identity }: JudgedPeer): readonly OpenPorts[] {
    if (!subject) return ALL;
    const policy = this.#compiled.policyOf(subject);
    if (policy.conflict) return UNKNOWN;
    const own = policy[this.#direction];
    if (!own.state.enforced) return ALL;
    if (subject.role === 'unknown') return UNKNOWN;
    const pair = own.pair(identity);
    let open = this.#known.get(pair);
    if (!open) {
      const cuts = this.#cutsOf(subject);
      open = PROTOCOLS.flatMap((protocol) => pieces(protocol, cuts[protocol] ?? [0], (port) => pair.judge(protocol, port)));
      this.#known.set(pair, open);
    }
    return open;
  }

  /** First ports at which an answer may change, by protocol. */
  #cutsOf(subject: SubjectOf): readonly (readonly number[])[] {
    const known = this.#cuts.get(subject.id);
    if (known) return known;
    const starts = PROTOCOLS.map(() => new Set([0]));
    for (const { ports } of this.#compiled.policyOf(subject)[this.#direction].entries)
      for (const { protocol, first, last, name } of ports ?? []) {
        const named = this.#direction === 'ingress' ? subject.ports : this.#compiled.peers.index.egressPorts;
        const number = name === undefined ? first : named(name, protocol);
        if (typeof number === 'number') starts[protocol]?.add(number).add(Math.max(number, last) + 1);
      }
    const cuts = starts.map((set) => [...set].filter((port) => port <= ALL_PORTS).toSorted((a, b) => a - b));
    this.#cuts.set(subject.id, cuts);
    return cuts;
  }
}

function pieces(protocol: ProtocolIndex, cuts: readonly number[], judge: (port: number) => Judged): OpenPorts[] {
  const open = cuts.flatMap((first, index): OpenPorts[] => {
    const judged = judge(first);
    if (judged.effect === 'denied' || judged.effect === 'error') return [];
    const last = (cuts[index + 1] ?? ALL_PORTS + 1) - 1;
    return [{ protocol, first, last, unknown: judged.effect === 'unknown', conditions: conditionsOf(judged) }];
  });
  return merged(open);
}

/** A proxy decides unless some rule lets the traffic pass without asking it anything; for DNS only a rule for the very port does. */
function conditionsOf({ decision: { auth, redirect }, allowing }: Judged): string[] {
  const isPlain = redirect === 'http' && allowing.some(({ section, certain }) => certain && !section?.l7?.http);
  return [...(auth === undefined ? [] : ['auth']), ...(redirect === undefined || isPlain ? [] : [redirect])].toSorted();
}

/** Neighbouring pieces that are alike become one. */
function merged(open: readonly OpenPorts[]): OpenPorts[] {
  const result: OpenPorts[] = [];
  for (const piece of open) {
    const before = result.at(-1);
    if (before?.protocol === piece.protocol && before.last + 1 === piece.first && isAlike(before, piece))
      result[result.length - 1] = { ...before, last: piece.last };
    else result.push(piece);
  }
  return result;
}

const isAlike = (a: OpenPorts, b: OpenPorts): boolean => a.unknown === b.unknown && a.conditions.join() === b.conditions.join();

/** Ports that both directions leave open. */
export function both(a: readonly OpenPorts[], b: readonly OpenPorts[]): readonly OpenPorts[] {
  if (a === ALL) return b;
  if (b === ALL) return a;
  const open = a.flatMap((one) =>
    b.flatMap((two): OpenPorts[] => {
      const [first, last] = [Math.max(one.first, two.first), Math.min(one.last, two.last)];
      if (one.protocol !== two.protocol || first > last) return [];
      const conditions = [...new Set([...one.conditions, ...two.conditions])].toSorted();
      return [{ protocol: one.protocol, first, last, unknown: one.unknown || two.unknown, conditions }];
    }),
  );
  return merged(open);
}

/** The union, for peers that stand for several. */
export function union(all: Iterable<readonly OpenPorts[]>): readonly OpenPorts[] {
  const lists = new Set(all);
  const [first = []] = lists;
  if (lists.size <= 1) return first;
  const unique = new Map([...lists].flat().map((open) => [keyOf(open), open]));
  return [...unique.values()].toSorted((a, b) => a.protocol - b.protocol || a.first - b.first || a.last - b.last);
}

const keyOf = ({ protocol, first, last, unknown, conditions }: OpenPorts): string =>
  `${protocol} ${first} ${last} ${unknown} ${conditions.join()}`;

/** Ports in words, e.g. `TCP/8080 (http)`, `every TCP port`, `every port`. */
export function portTexts(open: readonly OpenPorts[]): string[] {
  const whole = open.filter(({ first, last }) => first === 0 && last === ALL_PORTS);
  const isEverything = PROTOCOLS.every((protocol) =>
    whole.some((each) => each.protocol === protocol && isAlike(each, whole[0] ?? each)),
  );
  if (isEverything && whole[0]) return [`every port${suffixOf(whole[0])}`];
  return [...new Set(open.map((each) => portText(each) + suffixOf(each)))];
}

function portText({ protocol, first, last }: OpenPorts): string {
  const name = POLICY_PROTOCOLS[protocol] ?? '';
  const isIcmp = name.startsWith('ICMP');
  if (first === 0 && last === ALL_PORTS) return isIcmp ? name : `every ${name} port`;
  return `${name}${isIcmp ? ' type ' : '/'}${first === last ? first : `${first}-${last}`}`;
}

const suffixOf = ({ conditions, unknown }: OpenPorts): string => {
  const words = [...conditions, ...(unknown ? ['unknown'] : [])];
  return words.length > 0 ? ` (${words.join(', ')})` : '';
};
