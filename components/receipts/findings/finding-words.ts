import type { FindingEntry, FindingList } from '#lib/api/receipts.ts';
import { RULE_WORDS } from '#lib/receipts/statement.ts';
import { pairFilter } from '#components/flows/peer-terms.ts';
import { askedOfNames, paramsOfAsked } from '#components/policies/why/question.ts';
import { exact } from '#components/ui/format.ts';
import type { MarkName } from '#components/ui/Mark.tsx';

/** Words of findings, and where one gets from them. Pure. */

export type Rule = FindingEntry['rule'];
export type FindingState = FindingEntry['state'];

/** What a rule asks, what excuses it, and where to look first. */
interface RuleTold {
  readonly fires: string;
  readonly not: string;
  readonly look: string;
}

export const RULES_TOLD: Readonly<Record<Rule, RuleTold>> = {
  R1: {
    fires: 'A node’s policy verdict let a connection through that the policies in force deny.',
    not: 'Replies, older connections, audit mode, a host to its own pods, and 30 s after a change of policies.',
    look: 'Compare the policy revision of that node with the others (cilium-dbg policy get): an agent that is behind keeps an old policy in force.',
  },
  R2: {
    fires:
      'An identity that no CiliumIdentity has, a flow that its pod’s endpoint contradicts, or a pod on a node that does not run it.',
    not: 'Reserved identities, addresses outside, other clusters of a mesh, and what is younger than 60 s.',
    look: 'Find the pod by its address on the node that saw it (cilium-dbg endpoint list, cilium-dbg ip list).',
  },
  R3: {
    fires: 'A packet between pods of two nodes with WireGuard keys was readable at a network device.',
    not: 'Pods of one node, hosts, peers outside, and connections that were seen on their way into the tunnel.',
    look: 'See whether both nodes know each other’s key (cilium-dbg encrypt status), and whether the pod’s address was known when the connection began.',
  },
  R4: {
    fires: 'A proxy let a request through that no rule of the policies on its port matches.',
    not: 'Answers, redirects only for visibility, ports without rules for requests, and 30 s after a change of policies.',
    look: 'Read the rules of the policies named here beside the request: a path rule has to match the whole path.',
  },
  R5: {
    fires: 'Something was not seen: lost events, a missing or silent node, a gap in the stream, a clock that is off.',
    not: 'It accuses nobody: it says for which time silence of the other rules means nothing.',
    look: 'See the node’s Hubble status and buffer (hubble status, cilium-dbg status --verbose).',
  },
  R6: {
    fires: 'The spec of a policy changed, or a policy was deleted, outside of every approved phase.',
    not: 'New policies, and changes while an approved phase is carried out.',
    look: 'Compare the versions on the policy’s page, and ask the API server’s audit log who changed it.',
  },
};

/** `Enforcement gap` */
export const ruleName = (rule: Rule): string => RULE_WORDS[rule].charAt(0).toUpperCase() + RULE_WORDS[rule].slice(1);

export const SEVERITY_LOOK: Readonly<Record<FindingEntry['severity'], { readonly mark: MarkName; readonly means: string }>> = {
  confirmed: { mark: 'fail', means: 'what the rule asks for was seen, and nothing that could excuse it' },
  suspected: { mark: 'advice', means: 'it was seen, and something harmless could still explain it' },
  'not-evaluable': { mark: 'unknown', means: 'what it would rest on is missing' },
};

export const STATE_LOOK: Readonly<
  Record<FindingState, { readonly name: string; readonly mark: MarkName; readonly means: string }>
> = {
  open: { name: 'Open', mark: 'trace', means: 'Nobody has looked at it yet.' },
  acknowledged: { name: 'Acknowledged', mark: 'stale', means: 'Somebody works on it; it is counted on.' },
  expected: { name: 'Expected', mark: 'audit', means: 'It is meant to be so; it is counted on and stays out of the way.' },
  fixed: { name: 'Fixed', mark: 'pass', means: 'It should not come back: seen again, it opens by itself.' },
};

/** What can be said of a rule for its last window. */
export interface RuleStanding {
  readonly kind: 'open' | 'clean' | 'cannot-say' | 'not-yet';
  readonly words: string;
  readonly reasons: readonly string[];
  readonly window: FindingList['windows'][number] | undefined;
}

/** Only a rule that looked at all of its window may say that nothing was found. */
export function standingOf(rule: Rule, { counts, windows, notEvaluable }: FindingList): RuleStanding {
  const open = counts.find((one) => one.rule === rule)?.open ?? 0;
  const window = windows.find((one) => one.rule === rule);
  const reasons = notEvaluable.filter((one) => one.rule === rule).map(({ reason }) => reason);
  const seen = { reasons, window };
  if (open > 0) return { kind: 'open', words: `${exact(open)} open`, ...seen };
  if (!window) return { kind: 'not-yet', words: 'has not looked yet', ...seen };
  if (reasons.length > 0) return { kind: 'cannot-say', words: 'cannot say', ...seen };
  return { kind: 'clean', words: 'nothing found', ...seen };
}

export const STANDING_MARK: Readonly<Record<RuleStanding['kind'], MarkName>> = {
  open: 'advice',
  clean: 'pass',
  'cannot-say': 'unknown',
  'not-yet': 'trace',
};

type End = NonNullable<FindingEntry['about']['source']>;

/** An end as maps and filters name it. */
export function endName({ namespace, workload, labels = [], identity }: End): string {
  if (workload !== undefined) return namespace === undefined ? workload : `${namespace}/${workload}`;
  const reserved = labels.find((label) => label.startsWith('reserved:'));
  return reserved === undefined ? `identity:${identity}` : `entity:${entityOf(reserved.slice('reserved:'.length))}`;
}

const entityOf = (name: string): string => (name.startsWith('world') ? 'world' : name);

/** Where one gets from a finding: parameters of the pages Flows, Why and Map; undefined for what it does not name. */
export function linksOf({ about }: Pick<FindingEntry, 'about'>): {
  readonly flows?: string;
  readonly why?: Readonly<Record<string, string>>;
  readonly edge?: string;
} {
  const { source, destination, protocol = '', port = 0, nodes } = about;
  if (!source || !destination) return nodes.length === 1 ? { flows: `node:${nodes[0]}` } : {};
  const [from, to] = [endName(source), endName(destination)];
  const asked = askedOfNames(from, to, protocol, port);
  return {
    flows: pairFilter(from, to, protocol, port),
    ...(asked && { why: paramsOfAsked(asked) }),
    ...(protocol !== '' && { edge: `${from}->${to}:${protocol}/${port}` }),
  };
}
