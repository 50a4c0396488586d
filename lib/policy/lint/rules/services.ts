// Cilium pkg/policy/k8s/service.go: services are replaced by what is behind them, in `egress` only.
import { listOf } from '../../schema/problems.ts';
import { writtenEntries } from '../context.ts';
import type { LintRule } from '../rule.ts';

const source = 'https://docs.cilium.io/en/stable/security/policy/layer3/#services-based';
const ports = 'toPorts:\n      - ports:\n          - port: "443"\n';

export const serviceMissing: LintRule = {
  id: 'service-missing',
  severity: 'error',
  title: 'names a service that is not there',
  why: 'toServices is replaced by the pods or addresses behind the service. Where there are none, no peer is left: with ports the entry opens them to everyone, without it opens nothing.',
  fix: 'Name a service that exists (kind, namespace and name), or select its pods by toEndpoints.',
  source,
  needs: 'world',
  *check(context) {
    if (!context.world || (context.world.world.missing ?? []).includes('services')) return;
    for (const { policy, path, fields, section } of writtenEntries(context)) {
      if (section !== 'egress' || listOf(fields['toServices']).length === 0) continue;
      const entry = policy.entries.find((candidate) => candidate.path === path);
      if (entry?.peers === 'everybody')
        yield { policy: policy.ref, path: `${path}.toServices`, message: 'no such service: these ports are open to everyone' };
      else if (entry?.peers === 'nobody')
        yield {
          policy: policy.ref,
          path: `${path}.toServices`,
          severity: 'warning',
          message: 'no such service: this entry opens nothing',
        };
    }
  },
};

export const servicesUnderDeny: LintRule = {
  id: 'services-under-deny',
  severity: 'error',
  title: 'denies services',
  why: 'Only in egress are services replaced by what is behind them. In egressDeny they stay without peers: with ports the entry denies them to everyone, without it denies nothing.',
  fix: 'Deny the pods of the service by toEndpoints.',
  source,
  example: {
    bad: `endpointSelector: {}\negressDeny:\n  - toServices:\n      - k8sService:\n          serviceName: db\n    ${ports}enableDefaultDeny:\n  egress: false\n`,
    good: `endpointSelector: {}\negressDeny:\n  - toEndpoints:\n      - matchLabels:\n          app: db\n    ${ports}enableDefaultDeny:\n  egress: false\n`,
  },
  *check(context) {
    for (const { policy, path, fields, section } of writtenEntries(context)) {
      if (section !== 'egressDeny' || listOf(fields['toServices']).length === 0) continue;
      const hasPorts = listOf(fields['toPorts']).length > 0 || listOf(fields['icmps']).length > 0;
      if (hasPorts)
        yield {
          policy: policy.ref,
          path: `${path}.toServices`,
          message: 'this denies these ports to everyone, not to the service',
        };
      else yield { policy: policy.ref, path: `${path}.toServices`, severity: 'warning', message: 'this denies nothing' };
    }
  },
};
