import { refOf } from '#lib/policy/policy-ref.ts';
import type { PolicyProblem } from '#lib/policy/model.ts';
import { isEnforced, problemsOf } from '#lib/policy/validate.ts';
import { counted } from '#lib/policy/lint/words.ts';
import { problemLine, readPolicyFiles } from './files.ts';

type Say = (line: string) => void;

/** `causeway policy check PATH...`: what Cilium and the API server would refuse. Gives the exit status. */
export function checkPolicies(
  paths: readonly string[],
  { json }: { readonly json?: boolean },
  say: Say,
  complain: Say,
): 0 | 1 | 2 {
  const { policies, problems: unread } = readPolicyFiles(paths);
  const checked = policies.map((policy) => ({
    ...policy,
    ref: refOf(policy.object),
    problems: problemsOf(policy.object).map((problem) => ({ ...problem, place: policy.placeOf(problem.path) ?? policy.place })),
  }));
  if (json)
    say(
      JSON.stringify(
        {
          policies: checked.map(({ ref, file, problems }) => ({ policy: ref, file, enforced: isEnforced(problems), problems })),
          unread: unread.map(({ file, place, message }) => ({ file, place, message })),
        },
        null,
        2,
      ),
    );
  else {
    for (const { file, ref, problems } of checked)
      for (const problem of byPlace(problems))
        say(
          `${file}:${problem.place.line}:${problem.place.column}: ${ref} ${problem.path}: ${problem.message} (${problem.layers.join(', ')}: ${problem.class})`,
        );
    const bad = checked.filter(({ problems }) => problems.some(({ layer }) => layer !== 'lint')).length;
    say(`${counted(checked.length, 'policy', 'policies')}, ${bad} of them refused`);
  }
  for (const problem of unread) complain(problemLine(problem));
  if (unread.length > 0) return 2;
  return checked.some(({ problems }) => problems.some(({ layer }) => layer !== 'lint')) ? 1 : 0;
}

/** What both layers say of one place is told once. */
function byPlace<Problem extends PolicyProblem>(problems: readonly Problem[]) {
  const found = new Map<string, Problem & { layers: string[] }>();
  for (const problem of problems) {
    const key = `${problem.path} ${problem.class}`;
    const known = found.get(key);
    if (known) known.layers.push(problem.layer);
    else found.set(key, { ...problem, layers: [problem.layer] });
  }
  return found.values();
}
