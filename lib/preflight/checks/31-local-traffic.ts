// Threads: cilium/cilium #45252, #11043; kubernetes-sigs/aws-load-balancer-controller #1813, #3754.
import { own, part, type WorldObject } from '#lib/world/object.ts';
import type { PreflightCheck, PreflightFinding } from '../check.ts';
import { threads } from '../links.ts';
import { replacesKubeProxy } from '../modes.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';

const TARGET_TYPE = 'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type';

export const localTraffic: PreflightCheck = {
  number: 31,
  id: 'local-traffic-policy',
  title: 'Load balancers with local traffic policy',
  severity: 'warning',
  subsystem: 'services and load balancers',
  gates: [],
  acknowledge: [4],
  why: 'With externalTrafficPolicy Local the load balancer asks each node’s health port, which kube-proxy serves until Cilium does. While both change hands, and where targets are instances, nodes are taken out or kept by mistake.',
  fix: 'Use targets of type ip for these services, or move their nodes one at a time and watch the targets’ health.',
  links: threads(
    '45252',
    '11043',
    'kubernetes-sigs/aws-load-balancer-controller#1813',
    'kubernetes-sigs/aws-load-balancer-controller#3754',
  ),
  needs: ['services', 'values', 'cilium-config'],
  decide({ objects, settings }) {
    if (!objects.known('Service')) return unknownWithout('services');
    const local = objects.all('Service').filter(isLocal);
    if (local.length === 0) return outcomeOf([note('services', 'no load balancer keeps traffic local')]);
    const replaces = replacesKubeProxy(settings);
    if (replaces === undefined) return unknownWithout('values', 'cilium-config');
    return outcomeOf(local.map((service) => finding(service, replaces)));
  },
};

function finding({ namespace, name, annotations }: WorldObject, replaces: boolean): PreflightFinding {
  const object = `Service ${namespace}/${name}`;
  const type = Object.hasOwn(annotations, TARGET_TYPE) ? annotations[TARGET_TYPE] : undefined;
  if (type === 'ip') return note(object, 'its load balancer targets pods: the health port of nodes is not asked');
  return fail(
    object,
    `its load balancer keeps traffic local and ${type === 'instance' ? 'targets nodes' : 'may target nodes'}: the health port of each node is served by ${replaces ? 'Cilium' : 'kube-proxy, and by Cilium after the change'}`,
  );
}

const isLocal = ({ json }: WorldObject): boolean => {
  const spec = part(json, 'spec');
  return own(spec, 'type') === 'LoadBalancer' && own(spec, 'externalTrafficPolicy') === 'Local';
};
