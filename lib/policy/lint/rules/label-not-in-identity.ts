// Cilium pkg/labelsfilter: which labels of a pod become labels of its identity.
import { labelFilter } from '../../label-filter.ts';
import type { Requirement } from '../../selector.ts';
import type { LintRule } from '../rule.ts';

export const labelNotInIdentity: LintRule = {
  id: 'label-not-in-identity',
  severity: 'warning',
  title: 'selects by a label that identities do not carry',
  why: 'Not every label of a pod becomes part of its identity: keys that begin with one of a list of prefixes are left out (pod-template-hash, controller-uid, annotation, kubernetes.io, …), so innocent keys such as annotations are too. No requirement on them can be met.',
  fix: 'Select by another label, or change the agents’ option labels.',
  source: 'https://docs.cilium.io/en/stable/operations/performance/scalability/identity-relevant-labels/',
  example: {
    bad: 'endpointSelector:\n  matchLabels:\n    pod-template-hash: 5d8f7c\ningress:\n  - fromEndpoints:\n      - {}\n',
    good: 'endpointSelector:\n  matchLabels:\n    app: web\ningress:\n  - fromEndpoints:\n      - {}\n',
  },
  *check({ policies, config }) {
    const isKept = labelFilter(config.labels);
    const isLost = ({ source, key, operator }: Requirement): boolean =>
      (source === 'k8s' || source === 'any') &&
      operator !== 'not-in' &&
      operator !== 'not-exists' &&
      !isKept({ source: 'k8s', key, value: '' });
    for (const { ref, entries } of policies) {
      const told = new Set<string>();
      for (const { path, subject, peers, direction } of entries) {
        const specPath = path.slice(0, path.indexOf('.'));
        const lists = [
          { path: `${specPath}.${subject.node ? 'nodeSelector' : 'endpointSelector'}`, requirements: subject.requirements },
          ...(typeof peers === 'string' ? [] : peers).flatMap((peer) =>
            peer.kind === 'labels'
              ? [{ path: `${path}.${direction === 'ingress' ? 'from' : 'to'}Endpoints`, requirements: peer.requirements }]
              : [],
          ),
        ];
        for (const { path: where, requirements } of lists)
          for (const { key } of requirements.filter(isLost)) {
            if (told.has(`${where} ${key}`)) continue;
            told.add(`${where} ${key}`);
            yield { policy: ref, path: where, message: `no identity carries the label ${key}: this selects nobody` };
          }
      }
    }
  },
};
