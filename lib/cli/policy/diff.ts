import { compareSets, type Comparison, type JudgedSet, replayedOf } from '#lib/audit/compare.ts';
import type { JudgeInput } from '#lib/audit/judge-input.ts';
import { type ReachChange, reachChanges } from '#lib/audit/reach-diff.ts';
import { reachOf } from '#lib/audit/reach.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { compilePolicies } from '#lib/policy/compile.ts';
import type { PolicyObject } from '#lib/policy/model.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { setHash, specHash } from '#lib/policy/spec-hash.ts';
import { diffMarkdown, diffText } from './diff-report.ts';
import { readJudgeInput, readPolicySet } from './judge-input.ts';

export const DIFF_FORMATS = ['text', 'json', 'markdown'] as const;
export const FAIL_ON = ['newly-denied', 'newly-allowed', 'unknown'] as const;

export interface DiffCommandOptions {
  /** The candidate. */
  readonly policies: string;
  /** What it is set against. */
  readonly against: string;
  readonly flows?: string;
  readonly objects?: string;
  readonly format: (typeof DIFF_FORMATS)[number];
  readonly failOn?: string;
}

/** What a candidate changes: for traffic that was seen, and for connections by policy alone. */
export interface PolicyDiff {
  /** Absent without flows. */
  readonly traffic: Comparison | undefined;
  /** Absent without objects. */
  readonly connections: readonly ReachChange[] | undefined;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  /** Policies that Cilium would refuse in the candidate. */
  readonly refused: readonly string[];
}

type Say = (line: string) => void;

/** `causeway policy diff`. Gives the exit status: 1 where something of `failOn` was found. */
export async function diffPolicies(options: DiffCommandOptions, say: Say): Promise<0 | 1> {
  const failOn = kindsOf(options.failOn);
  if (options.flows === undefined && options.objects === undefined)
    throw new CausewayError(
      'bad-input',
      'give --flows to compare by traffic, --objects to compare by who may reach whom, or both',
    );
  const { policies: _, ...input } = await readJudgeInput(options);
  const diff = diffOf(
    { ...input, policies: readPolicySet(options.against).policies },
    readPolicySet(options.policies).policies,
    options,
  );
  switch (options.format) {
    case 'json':
      say(JSON.stringify(diff, null, 2));
      break;
    case 'markdown':
      for (const line of diffMarkdown(diff)) say(line);
      break;
    case 'text':
      for (const line of diffText(diff)) say(line);
  }
  return failOn.some((kind) => countOf(kind, diff) > 0) ? 1 : 0;
}

function diffOf(input: JudgeInput, policies: readonly PolicyObject[], { flows, objects }: DiffCommandOptions): PolicyDiff {
  const base = judgedSet(input, input.policies);
  const candidate = judgedSet(input, policies);
  const compared = compareSets(input, base, candidate);
  const reach = ({ compiled }: JudgedSet) =>
    reachOf(compiled, replayedOf(input), { level: 'workload', mostPorts: Number.POSITIVE_INFINITY });
  return {
    traffic: flows === undefined ? undefined : compared,
    connections: objects === undefined ? undefined : reachChanges(reach(base), reach(candidate)),
    added: compared.added,
    removed: compared.removed,
    changed: compared.changed,
    refused: candidate.compiled.rejected.map(({ policy }) => policy),
  };
}

const judgedSet = ({ world }: JudgeInput, policies: readonly PolicyObject[]): JudgedSet => ({
  compiled: compilePolicies(world, policies),
  policies,
  hash: setHash(policies.map((policy) => ({ ref: refOf(policy), hash: specHash(policy) }))),
});

/** By traffic where there is some; else by connections that policy opens or closes. */
function countOf(kind: (typeof FAIL_ON)[number], { traffic, connections = [] }: PolicyDiff): number {
  switch (kind) {
    case 'newly-denied':
      return traffic ? traffic.newlyDenied.tuples : connections.filter(({ removed }) => removed.length > 0).length;
    case 'newly-allowed':
      return traffic ? traffic.newlyAllowed.tuples : connections.filter(({ added }) => added.length > 0).length;
    case 'unknown':
      return traffic ? traffic.unknown.tuples : connections.filter(({ after }) => after === 'unknown').length;
  }
}

function kindsOf(text = ''): (typeof FAIL_ON)[number][] {
  const kinds = text
    .split(',')
    .map((kind) => kind.trim())
    .filter(Boolean);
  return kinds.map((kind) => {
    const known = FAIL_ON.find((one) => one === kind);
    if (!known) throw new CausewayError('bad-input', `--fail-on ${kind}: one of ${FAIL_ON.join(', ')}`);
    return known;
  });
}
