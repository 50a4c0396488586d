// The API server prunes fields that a CRD does not have; Cilium's documentation of the policy language lists those that it has.
import type { LintRule } from '../rule.ts';

export const unknownField: LintRule = {
  id: 'unknown-field',
  severity: 'error',
  title: 'has a field that does not exist',
  why: 'Schema and agent drop fields that they do not know without a word: a misspelt peer leaves an entry that names nobody, L7 rules in a deny section leave a denied port.',
  fix: 'Use the field that exists, or take it away.',
  source: 'https://docs.cilium.io/en/stable/security/policy/',
  example: {
    bad: 'endpointSelector: {}\ningress:\n  - fromEndpoint:\n      - {}\n',
    good: 'endpointSelector: {}\ningress:\n  - fromEndpoints:\n      - {}\n',
  },
  *check({ policies }) {
    for (const { ref, problems } of policies)
      for (const { layer, path, message } of problems) if (layer === 'lint') yield { policy: ref, path, message };
  },
};
