import type { WhatIfReport } from '#lib/api/what-if.ts';
import { candidateSet } from '#lib/audit/candidate.ts';
import { type JudgedSet, compareSets } from '#lib/audit/compare.ts';
import { type JudgeInput, type ReplayTuple } from '#lib/audit/judge-input.ts';
import { compilePolicies, recompile } from '#lib/policy/compile.ts';
import { lintPolicies } from '#lib/policy/lint/lint.ts';
import type { PolicyProblem } from '#lib/policy/model.ts';
import { policyText } from '#lib/policy/nearest-yaml.ts';
import { type ParsedPolicies, type ParsedPolicy, createPolicyParser } from '#lib/policy/parse.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { problemsOf } from '#lib/policy/validate.ts';
import { policyLabel } from '../links.ts';
import { type Facts, type SeenTuple, factsOf } from './facts.ts';
import type { Candidate, InForce, Judged } from './judge-messages.ts';
import type { Remark } from './remarks.ts';

/** Rows of each kind at most: what the server gives too. */
const MOST_ROWS = 500;
/** Policies that are looked at together at each edit; beyond it those of the text alone. */
const MOST_LINTED = 400;

/** Judges texts against one input, with all that can be kept between two edits kept. Without an input it only reads. */
export class Judge {
  readonly #parse = createPolicyParser();
  readonly #input: JudgeInput | undefined;
  readonly #base: JudgedSet | undefined;

  constructor(input: JudgeInput | undefined) {
    this.#input = input;
    this.#base = input && {
      compiled: compilePolicies(input.world, input.policies),
      policies: input.policies,
      hash: input.setHash,
    };
  }

  /** What can be named in a policy. */
  facts(): Facts | undefined {
    return this.#input && factsOf(this.#input.world, this.#input.tuples.map(seenTuple));
  }

  /** The set in force as texts, in the order of their names. */
  inForce(): InForce[] {
    const texts = this.#input?.policies.map((policy) => ({ ref: refOf(policy), text: policyText(policy) })) ?? [];
    return texts.toSorted((a, b) => (a.ref.replace(/^\w+:/, '') < b.ref.replace(/^\w+:/, '') ? -1 : 1));
  }

  /** What is to be said of the text, and its effect. A text that cannot be read whole has none: half of it would be another candidate. */
  judge(candidate: Candidate, now: () => number): Judged {
    const parsed = this.#parse(candidate.text);
    const problems = parsed.objects.map((policy) => ({
      policy,
      ref: refOf(policy.object),
      problems: problemsOf(policy.object, this.#input?.world.config),
    }));
    const remarks = [
      ...unreadable(parsed),
      ...otherKinds(parsed),
      ...twice(problems),
      ...problems.flatMap((each) => each.problems.map((problem) => remarkOf(problem, each.policy, each.ref))),
    ];
    return {
      remarks: distinct([...remarks, ...this.#lint(candidate, problems)]),
      refs: problems.map(({ ref }) => ref),
      report: parsed.problems.length > 0 ? undefined : this.#report(candidate, problems, now),
    };
  }

  /** What lint says of the policies of the text, in the company of the rest of the set they would be in. */
  #lint({ mode, removes }: Candidate, given: readonly Given[]): Remark[] {
    const own = new Map(given.map((each) => [each.ref, each.policy]));
    const objects = given.map(({ policy }) => policy.object);
    const set = candidateSet(this.#input?.policies ?? [], objects, mode, removes).policies;
    const placeOf = (ref: string, path: string) => own.get(ref)?.placeOf(path);
    return lintPolicies(set.length <= MOST_LINTED ? set : objects, { ...(this.#input && { world: this.#input.world }), placeOf })
      .filter(({ policy }) => own.has(policy))
      .map(({ id, severity, place, policy, message, why, fix, ruleId }) => ({
        id,
        severity,
        ...(place ?? own.get(policy)?.place),
        message,
        why: fix === undefined ? why : `${why} ${fix}`,
        rule: ruleId,
      }));
  }

  #report(candidate: Candidate, given: readonly Given[], now: () => number): WhatIfReport | undefined {
    const [input, base] = [this.#input, this.#base];
    if (!input || !base) return undefined;
    const start = now();
    const { policies, hash, put, remove } = candidateSet(
      base.policies,
      given.map(({ policy }) => policy.object),
      candidate.mode,
      candidate.removes,
    );
    const compiled = recompile(base.compiled, { put, remove });
    const comparison = compareSets(input, base, { compiled, policies, hash }, { limit: MOST_ROWS });
    return {
      ...(comparison as Omit<WhatIfReport, 'problems' | 'judgedMs'>),
      problems: given.flatMap(({ policy, ref, problems }) =>
        problems.map((problem) => {
          const place = problem.place ?? policy.placeOf(problem.path);
          return { ...problem, policy: ref, ...(place && { place: { ...place } }) };
        }),
      ),
      judgedMs: Math.round((now() - start) * 10) / 10,
    };
  }
}

interface Given {
  readonly policy: ParsedPolicy;
  readonly ref: string;
  readonly problems: readonly PolicyProblem[];
}

const seenTuple = ({ destination, protocol, port, flows, l7 }: ReplayTuple): SeenTuple => ({
  destination: destination.name,
  protocol,
  port,
  flows,
  query: l7?.kind === 'dns' ? l7.name : undefined,
});

const unreadable = ({ problems }: ParsedPolicies): Remark[] =>
  problems.map(({ message, place, document }, index) => ({
    id: `unreadable ${document} ${index}`,
    severity: 'error',
    ...place,
    message,
    why: 'Nothing is judged until the whole text can be read.',
    rule: 'unreadable',
  }));

const otherKinds = ({ others }: ParsedPolicies): Remark[] =>
  others.map(({ kind, count }) => ({
    id: `other ${kind}`,
    severity: 'note',
    message: `${count} ${count === 1 ? 'object' : 'objects'} of kind ${kind} ${count === 1 ? 'is' : 'are'} left out`,
    why: 'Only network policies are judged.',
    rule: 'other-kind',
  }));

/** As when they are applied one after the other: the last of a name counts. */
const twice = (given: readonly Given[]): Remark[] =>
  given.flatMap(({ policy, ref }, index) =>
    given.some((later, place) => place > index && later.ref === ref)
      ? [
          {
            id: `twice ${ref} ${index}`,
            severity: 'warning' as const,
            ...policy.place,
            message: `${policyLabel(ref)} stands here again below`,
            why: 'The last of a name counts, as when they are applied one after the other.',
            rule: 'named-twice',
          },
        ]
      : [],
  );

const LAYERS = {
  schema: { severity: 'error', why: 'The API server refuses it.' },
  engine: { severity: 'error', why: 'It is stored and not enforced: the whole policy does nothing.' },
  lint: { severity: 'warning', why: 'It is accepted, and probably not meant.' },
} as const;

function remarkOf(problem: PolicyProblem, policy: ParsedPolicy, ref: string): Remark {
  const place = problem.place ?? policy.placeOf(problem.path) ?? policy.place;
  const { severity, why } = LAYERS[problem.layer];
  return {
    id: `${ref} ${problem.class} ${problem.path} ${problem.message} ${severity}`,
    severity,
    ...place,
    message: problem.message,
    why,
    rule: problem.class,
  };
}

/** The API server and the agent often refuse the same: it is said once. */
function distinct(remarks: readonly Remark[]): Remark[] {
  const seen = new Map<string, Remark>();
  for (const remark of remarks) if (!seen.has(remark.id)) seen.set(remark.id, remark);
  return [...seen.values()];
}
