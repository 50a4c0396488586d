// Threads: istio/istio #35531; cilium/cilium #17738, #28304.
import { counted } from '#lib/policy/lint/words.ts';
import { objectText } from '#lib/world/labels.ts';
import { own, part, type WorldObject } from '#lib/world/object.ts';
import type { InputName, PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { replacesKubeProxy } from '../modes.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { containersOf } from '../pod-template.ts';

export const istio: PreflightCheck = {
  number: 27,
  id: 'istio',
  title: 'Istio sees services before Cilium translates them',
  severity: 'error',
  subsystem: 'services and load balancers',
  gates: [],
  acknowledge: [4],
  why: 'With kube-proxy replacement Cilium translates a service at the socket, in the pod. Istio’s proxy then sees the address of a pod instead of the service, and its routing, and mutual TLS by service, no longer apply.',
  fix: 'Set socketLB.hostNamespaceOnly: true, and cni.exclusive: false where Istio’s CNI plugin is used.',
  links: [...threads('istio/istio#35531', '17738', '28304'), ciliumDocs('Istio', 'network/servicemesh/istio/')],
  needs: ['pods', 'namespaces', 'daemonsets', 'values', 'cilium-config'],
  decide(inputs) {
    const { objects, settings } = inputs;
    const missing: InputName[] = [
      ...(objects.known('Pod') ? [] : (['pods'] as const)),
      ...(objects.known('Namespace') ? [] : (['namespaces'] as const)),
    ];
    const pods = objects.all('Pod').filter(hasProxy);
    const namespaces = objects.all('Namespace').filter(isEnrolled);
    const isThere = pods.length + namespaces.length > 0;
    if (!isThere)
      return missing.length > 0 ? unknownWithout(...missing) : outcomeOf([note('pods', 'no pod and no namespace has Istio')]);
    const replaces = replacesKubeProxy(settings);
    const onlyHost = settings.flag('socketLB.hostNamespaceOnly');
    if (replaces === undefined || onlyHost === undefined) return unknownWithout('values', 'cilium-config');
    const who = [
      ...(pods.length > 0 ? [counted(pods.length, 'pod')] : []),
      ...(namespaces.length > 0 ? [counted(namespaces.length, 'namespace')] : []),
    ].join(' and ');
    const atSocket = replaces || settings.flag('socketLB.enabled') === true;
    const name = settings.nameOf('socketLB.hostNamespaceOnly');
    return outcomeOf([
      atSocket && !onlyHost
        ? fail(
            name,
            `it is off, and ${who} with Istio ${pods.length + namespaces.length === 1 ? 'is' : 'are'} there: its proxies see pods instead of services`,
          )
        : note(
            name,
            atSocket ? `it is on, for ${who} with Istio` : `services are not translated at the socket; ${who} with Istio`,
          ),
      ...chained(inputs),
    ]);
  },
};

/** Istio’s CNI plugin puts itself into the chain of the file that Cilium would own alone. */
function chained({ objects, settings }: PreflightInputs): PreflightFinding[] {
  const plugin = objects.all('DaemonSet').find(({ name }) => name.startsWith('istio-cni'));
  return plugin && settings.flag('cni.exclusive') === true
    ? [
        fail(
          settings.nameOf('cni.exclusive'),
          `it is true, and ${plugin.namespace}/${plugin.name} writes into the CNI file: Cilium takes it out again`,
        ),
      ]
    : [];
}

const hasProxy = ({ json }: WorldObject): boolean =>
  containersOf(part(json, 'spec')).some((container) => objectText(own(container, 'name')) === 'istio-proxy');

const isEnrolled = ({ labels }: WorldObject): boolean =>
  valueOf(labels, 'istio-injection') === 'enabled' ||
  valueOf(labels, 'istio.io/dataplane-mode') === 'ambient' ||
  (valueOf(labels, 'istio.io/rev') ?? '') !== '';

const valueOf = (labels: WorldObject['labels'], key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;
