// Cilium: a namespaced policy is confined to pods of its namespace; endpoints that have no labels yet (reserved:init) have none.
import { requirementsOf } from '../../selector.ts';
import { writtenSpecs } from '../context.ts';
import type { LintRule } from '../rule.ts';

export const initInNamespaced: LintRule = {
  id: 'init-in-namespaced',
  severity: 'error',
  title: 'is for init endpoints and cannot select them',
  why: 'Endpoints that are just starting have no labels, hence no namespace: a namespaced policy never selects them.',
  fix: 'Make it a CiliumClusterwideNetworkPolicy.',
  source: 'https://docs.cilium.io/en/stable/security/policy/lifecycle/#init-identity',
  example: {
    bad: 'endpointSelector:\n  matchLabels:\n    reserved:init: ""\negress:\n  - toEntities: [cluster]\n',
    good: 'endpointSelector:\n  matchLabels:\n    app: web\negress:\n  - toEntities: [cluster]\n',
  },
  *check(context) {
    for (const { policy, path, fields } of writtenSpecs(context)) {
      const isInit = requirementsOf(fields['endpointSelector']).some(
        ({ source, key }) => source === 'reserved' && key === 'init',
      );
      if (isInit && policy.object.kind === 'CiliumNetworkPolicy')
        yield {
          policy: policy.ref,
          path: `${path}.endpointSelector`,
          message: 'a namespaced policy never selects init endpoints',
        };
    }
  },
};
