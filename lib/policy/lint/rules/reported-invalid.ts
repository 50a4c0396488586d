// Cilium writes the condition `Valid` into the status of its policies. Threads: cilium/cilium PR #30572.
import { isRecord, listOf, recordOf } from '../../schema/problems.ts';
import type { LintRule } from '../rule.ts';

export const reportedInvalid: LintRule = {
  id: 'reported-invalid',
  severity: 'error',
  title: 'is reported as not valid by the cluster',
  why: 'The agents of the cluster refuse it: it is stored and enforces nothing. They may be of another version than the one that is checked here.',
  source: 'https://github.com/cilium/cilium/pull/30572',
  *check({ policies }) {
    for (const { ref, object } of policies) {
      const conditions = listOf(recordOf(object.status)['conditions']).filter(isRecord);
      const invalid = conditions.find(({ type, status }) => type === 'Valid' && status === 'False');
      const told = invalid?.['message'];
      if (invalid)
        yield {
          policy: ref,
          path: 'status.conditions',
          message: `the cluster says: ${typeof told === 'string' ? told.slice(0, 300) : 'not valid'}`,
        };
    }
  },
};
