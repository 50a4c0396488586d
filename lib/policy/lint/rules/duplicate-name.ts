// Kubernetes: an object is known by kind, namespace and name; the one applied last stays.
import type { LintRule } from '../rule.ts';

export const duplicateName: LintRule = {
  id: 'duplicate-name',
  severity: 'error',
  title: 'stands there twice',
  why: 'A cluster holds one object of a kind, namespace and name: which of the two is in force depends on the order in which they are applied.',
  fix: 'Keep one, or give the other a name of its own.',
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/names/',
  *check({ policies }) {
    const seen = new Set<string>();
    for (const { ref } of policies) {
      if (seen.has(ref))
        yield {
          policy: ref,
          path: 'metadata.name',
          message: 'a policy of this name comes before it: only one of them can be in force',
        };
      seen.add(ref);
    }
  },
};
