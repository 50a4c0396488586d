// Threads: cilium/cilium #29454, PR #29497, #21959; containers-roadmap #2227; emqx-operator #899, devworkspace-operator #1623, crossplane #5520, jobset #977.
import { selectsLabels } from '../label-selector.ts';
import { objectText } from '#lib/world/labels.ts';
import { own, part, parts, type WorldObject } from '#lib/world/object.ts';
import type { InputName, PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { threads } from '../links.ts';
import { isOverlay } from '../modes.ts';
import { fail, note, outcomeOf, unknown, unknownWithout } from '../outcome.ts';

const WEBHOOK_KINDS = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'] as const;

export const admissionWebhooks: PreflightCheck = {
  number: 23,
  id: 'admission-webhooks',
  title: 'Admission webhooks in reach of the API server',
  severity: 'error',
  subsystem: 'AWS',
  gates: [0, 4],
  acknowledge: [],
  why: 'The control plane of EKS is in the VPC and knows nothing of an overlay: webhooks and aggregated APIs whose pods have overlay addresses time out. With failurePolicy Fail nothing can be created any more.',
  fix: 'Run these pods on the host’s network, or give pods addresses of the VPC (ENI mode).',
  links: threads(
    '29454',
    'PR 29497',
    '21959',
    'aws/containers-roadmap#2227',
    'emqx/emqx-operator#899',
    'devfile/devworkspace-operator#1623',
    'crossplane/crossplane#5520',
    'kubernetes-sigs/jobset#977',
  ),
  needs: ['values', 'cilium-config', 'webhooks', 'api-services', 'services', 'pods'],
  decide(inputs) {
    const { settings, objects } = inputs;
    const overlay = isOverlay(settings);
    if (overlay === undefined) return unknownWithout('values', 'cilium-config');
    if (!overlay) return outcomeOf([note('pods', 'pods have addresses that the VPC routes: the API server reaches them')]);
    const missing: InputName[] = [
      ...(WEBHOOK_KINDS.every((kind) => objects.known(kind)) ? [] : (['webhooks'] as const)),
      ...(objects.known('APIService') ? [] : (['api-services'] as const)),
    ];
    const findings = callees(inputs).flatMap((callee) => reach(callee, inputs, missing));
    return outcomeOf(
      missing.length + findings.length === 0 ? [note('webhooks', 'no webhook and no API is served by pods')] : findings,
      missing,
    );
  },
};

interface Callee {
  readonly object: string;
  readonly namespace: string;
  readonly service: string;
  /** What becomes of a request when it cannot be asked. */
  readonly otherwise: string;
}

/** Services that the API server calls. Webhooks by URL are outside the pods' network. */
function callees({ objects }: PreflightInputs): Callee[] {
  return [
    ...WEBHOOK_KINDS.flatMap((kind) =>
      objects.all(kind).flatMap(({ name, json }) =>
        parts(json, 'webhooks').flatMap((webhook): Callee[] => {
          const service = part(part(webhook, 'clientConfig'), 'service');
          const ignores = own(webhook, 'failurePolicy') === 'Ignore';
          return service
            ? [
                {
                  object: `${kind} ${name}`,
                  namespace: objectText(own(service, 'namespace')),
                  service: objectText(own(service, 'name')),
                  otherwise: ignores ? 'it is skipped after its time-out' : 'what it judges cannot be created or changed',
                },
              ]
            : [];
        }),
      ),
    ),
    ...objects.all('APIService').flatMap(({ name, json }): Callee[] => {
      const service = part(part(json, 'spec'), 'service');
      return service
        ? [
            {
              object: `APIService ${name}`,
              namespace: objectText(own(service, 'namespace')),
              service: objectText(own(service, 'name')),
              otherwise: 'the API is not available, and namespaces cannot be deleted',
            },
          ]
        : [];
    }),
  ];
}

function reach(
  { object, namespace, service, otherwise }: Callee,
  { objects }: PreflightInputs,
  missing: InputName[],
): PreflightFinding[] {
  for (const [kind, input] of [
    ['Service', 'services'],
    ['Pod', 'pods'],
  ] as const)
    if (!objects.known(kind) && !missing.includes(input)) missing.push(input);
  if (missing.includes('services') || missing.includes('pods')) return [];
  const found = objects.get('Service', namespace, service);
  const selector = part(part(found?.json, 'spec'), 'selector');
  if (!found || !selector)
    return [
      unknown(object, `it is served by ${namespace}/${service}, ${found ? 'which selects no pods' : 'which is not there'}`),
    ];
  const pods = objects.all('Pod').filter((pod) => pod.namespace === namespace && selectsLabels(selector, pod.labels));
  const unreachable = pods.find((pod) => !isOnHost(pod));
  if (unreachable)
    return [
      fail(
        object,
        `the API server calls ${namespace}/${service}, whose Pod ${unreachable.name} has an overlay address: ${otherwise}`,
      ),
    ];
  return pods.length === 0
    ? [unknown(object, `it is served by ${namespace}/${service}, which no pod backs`)]
    : [note(object, `its pods are on the host’s network`)];
}

const isOnHost = ({ json }: WorldObject): boolean => own(part(json, 'spec'), 'hostNetwork') === true;
