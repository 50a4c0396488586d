// Cilium pkg/policy: named ports on egress are looked up over all pods. Threads: cilium/cilium #30003, #24779.
import type { LintRule } from '../rule.ts';
import { PROTOCOL_NAME } from '../words.ts';

export const egressNamedPort: LintRule = {
  id: 'egress-named-port',
  severity: 'warning',
  title: 'names a port by name on egress',
  why: 'On ingress a name is looked up in the pod itself; on egress over all pods of the cluster: two pods that give the name different numbers make the rule void for every peer, and a pod of somebody else can do so at any time.',
  fix: 'Write the number.',
  source: 'https://github.com/cilium/cilium/issues/30003',
  example: {
    bad: 'endpointSelector: {}\negress:\n  - toEndpoints:\n      - {}\n    toPorts:\n      - ports:\n          - port: http\n            protocol: TCP\n',
    good: 'endpointSelector: {}\negress:\n  - toEndpoints:\n      - {}\n    toPorts:\n      - ports:\n          - port: "8080"\n            protocol: TCP\n',
  },
  *check({ policies, world }) {
    for (const { ref, entries } of policies)
      for (const { path, direction, ports } of entries) {
        if (direction !== 'egress') continue;
        for (const { name, protocol } of ports ?? []) {
          if (name === undefined) continue;
          const number = world?.index.egressPorts(name, protocol);
          const what = `${PROTOCOL_NAME[protocol]} port ${name}`;
          if (!world) yield { policy: ref, path, message: `${what} is looked up over all pods of the cluster` };
          else if (number === undefined)
            yield {
              policy: ref,
              path,
              severity: 'error',
              message: `${what} opens nothing: no pod has it, or two pods give it different numbers`,
            };
          else
            yield {
              policy: ref,
              path,
              severity: 'note',
              message: `${what} stands for ${number}, as long as no pod gives it another number`,
            };
        }
      }
  },
};
