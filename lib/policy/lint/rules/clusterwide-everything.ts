// Cilium: a clusterwide policy's subject is used as written; health, init and ingress endpoints have no pod labels and match {}.
import { labelSet, reserved } from '../../labels.ts';
import { meetsAll } from '../../selector.ts';
import type { LintRule } from '../rule.ts';

const OTHERS = ['health', 'init', 'ingress'].map((name) => labelSet([reserved(name)]));

export const clusterwideEverything: LintRule = {
  id: 'clusterwide-everything',
  severity: 'warning',
  title: 'closes more than pods',
  why: 'The empty selector of a clusterwide policy takes in Cilium’s own health, init and ingress endpoints, and kube-system. Closing them cuts the health checks between nodes, and pods that are just starting.',
  fix: 'Select pods only, by io.kubernetes.pod.namespace Exists (or NotIn kube-system), or allow the entity health.',
  source: 'https://docs.cilium.io/en/stable/network/kubernetes/policy/#ciliumclusterwidenetworkpolicy',
  *check({ policies }) {
    for (const { ref, object, entries } of policies) {
      if (object.kind !== 'CiliumClusterwideNetworkPolicy') continue;
      const closing = entries.find(
        ({ subject, defaultDeny }) =>
          defaultDeny && !subject.node && OTHERS.some((labels) => meetsAll(subject.requirements, labels) === 'yes'),
      );
      if (closing)
        yield {
          policy: ref,
          path: `${closing.path.slice(0, closing.path.indexOf('.'))}.endpointSelector`,
          message: `this closes ${closing.direction} of health, init and ingress endpoints too, beside every pod it selects`,
        };
    }
  },
};
