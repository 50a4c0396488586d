// Cilium 1.19: the CRDs' structural schemas and pkg/policy/api/rule_validation.go.
import type { PolicyProblem } from '../../model.ts';
import type { LintRule } from '../rule.ts';

export const refused: LintRule = {
  id: 'refused',
  severity: 'error',
  title: 'is refused by Cilium',
  why: 'The agent stores a policy that it refuses and enforces nothing of it; the API server does not even store one that its schema refuses.',
  source: 'https://docs.cilium.io/en/stable/network/kubernetes/policy/',
  example: {
    bad: 'endpointSelector: {}\ningress:\n  - toPorts:\n      - ports:\n          - port: "99999"\n',
    good: 'endpointSelector: {}\ningress:\n  - toPorts:\n      - ports:\n          - port: "9999"\n',
  },
  *check({ policies }) {
    for (const { ref, problems } of policies)
      for (const [path, { layers, message }] of byPath(problems))
        yield {
          policy: ref,
          path,
          message: `${message}${layers.has('engine') ? '' : ' (for the API server; the agent would take it)'}`,
        };
  },
};

/** Both layers may tell the same fault: the agent's words are the better ones. */
function byPath(problems: readonly PolicyProblem[]): Map<string, { layers: Set<string>; message: string }> {
  const found = new Map<string, { layers: Set<string>; message: string }>();
  for (const { layer, path, message } of problems) {
    if (layer === 'lint') continue;
    const known = found.get(path);
    if (!known) found.set(path, { layers: new Set([layer]), message });
    else {
      if (layer === 'engine' && !known.layers.has('engine')) known.message = message;
      known.layers.add(layer);
    }
  }
  return found;
}
