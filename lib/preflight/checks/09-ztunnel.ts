// Threads: the page on limitations of ztunnel; cilium/cilium PR #44133, #41899, #41900, #45369.
import { counted } from '#lib/policy/lint/words.ts';
import type { InputName, PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { policyName, policyView } from '../policy-view.ts';
import type { Entry } from '#lib/policy/normalise.ts';
import { type SeenTraffic, trafficName } from '../traffic.ts';
import { factsOfVersion } from '../version-facts.ts';
import { minorText, parseVersion } from '../versions.ts';

/** Label of a namespace whose pods are enrolled. */
const ENROLMENT = 'io.cilium/mtls-enabled';
/** Where ztunnel takes what it encrypts (HBONE). */
const ZTUNNEL_PORT = 15_008;
const NAMESPACE_LABEL = 'io.kubernetes.pod.namespace';
const MOST_NAMED = 100;

export const ztunnel: PreflightCheck = {
  number: 9,
  id: 'ztunnel',
  title: 'Readiness for ztunnel',
  severity: 'error',
  subsystem: 'encryption and identity',
  gates: [3],
  acknowledge: [],
  why: 'ztunnel (from Cilium 1.19, beta) encrypts TCP between pods of enrolled namespaces. UDP stays plain, a pod outside talks plain to one inside, rules for ports no longer see the real port of enrolled pods, and it does not work with Cluster Mesh.',
  fix: `Enrol both sides of a conversation, write policies of enrolled pods for whom they talk to rather than for ports, and keep UDP in mind.`,
  links: [
    ...threads('PR 44133', '41899', '41900', '45369'),
    ciliumDocs('Ztunnel transparent encryption', 'security/network/encryption-ztunnel/'),
  ],
  needs: ['namespaces', 'values', 'cilium-config', 'policies', 'flows', 'version', 'target-version'],
  decide(inputs) {
    const { objects, settings } = inputs;
    const type = settings.text('encryption.type');
    const on = settings.flag('encryption.enabled') === true && type === 'ztunnel';
    const enrolled = new Set(
      objects
        .all('Namespace')
        .flatMap(({ name, labels }) => (Object.hasOwn(labels, ENROLMENT) && labels[ENROLMENT] === 'true' ? [name] : [])),
    );
    if (enrolled.size === 0 && settings.source !== undefined && !on)
      return outcomeOf([note(settings.nameOf('encryption.type'), 'ztunnel is not in use')]);
    const missing: InputName[] = [
      ...(settings.source === undefined ? (['values', 'cilium-config'] as const) : []),
      ...(objects.known('Namespace') ? [] : (['namespaces'] as const)),
    ];
    if (missing.length > 0) return unknownWithout(...missing);
    return outcomeOf(
      [
        ...switchedOn(inputs, on, enrolled),
        ...byVersion(inputs, missing),
        ...mesh(inputs, missing),
        ...ports(inputs, enrolled, missing),
        ...seen(inputs, enrolled, missing),
      ],
      missing,
    );
  },
};

function switchedOn({ settings }: PreflightInputs, on: boolean, enrolled: ReadonlySet<string>): PreflightFinding[] {
  const names = [...enrolled].toSorted();
  if (on && names.length === 0)
    return [
      fail(
        settings.nameOf('encryption.type'),
        'ztunnel is on, and no namespace is enrolled: nothing is encrypted',
        `Label namespaces with ${ENROLMENT}=true.`,
      ),
    ];
  if (!on) return names.map((name) => fail(`Namespace ${name}`, 'it is enrolled, and ztunnel is off'));
  return names.map((name) => note(`Namespace ${name}`, 'it is enrolled'));
}

function byVersion({ version, target }: PreflightInputs, missing: InputName[]): PreflightFinding[] {
  const parsed = parseVersion(target ?? version ?? '');
  if (!parsed) {
    missing.push('version');
    return [];
  }
  return factsOfVersion(parsed)?.ztunnel === false
    ? [fail(`Cilium ${minorText(parsed)}`, 'it has no ztunnel: that begins with 1.19')]
    : [];
}

function mesh({ settings }: PreflightInputs, missing: InputName[]): PreflightFinding[] {
  const flags = ['clustermesh.useAPIServer', 'clustermesh.config.enabled'] as const;
  const on = flags.find((path) => settings.flag(path) === true);
  if (on) return [fail(settings.nameOf(on), 'Cluster Mesh is on: ztunnel does not work with it')];
  // The agents' configuration tells only that a cluster has a number of its own in a mesh.
  if (settings.source === 'cilium-config' && (settings.number('cluster.id') ?? 0) > 0) missing.push('values');
  return [];
}

/** Rules for ports of pods that are enrolled: their packets arrive at the tunnel's port. */
function ports(inputs: PreflightInputs, enrolled: ReadonlySet<string>, missing: InputName[]): PreflightFinding[] {
  const view = policyView(inputs);
  if (!view) {
    missing.push('policies');
    return [];
  }
  return view.lint.subjects.entries
    .filter((entry) => isForPorts(entry) && namespacesOf(entry, enrolled))
    .map(({ policy, path }) =>
      fail(
        policyName(policy),
        `its rule for ports (${path}) no longer fits pods that are enrolled`,
        `Allow the peers without ports, or port ${ZTUNNEL_PORT} as well.`,
      ),
    );
}

const isForPorts = ({ ports: sections, subject }: Entry): boolean =>
  !subject.node &&
  (sections ?? []).some(({ protocol, first, last }) => protocol === 0 && !(first <= ZTUNNEL_PORT && ZTUNNEL_PORT <= last));

/** Whether the rule is for pods of a namespace that is enrolled; a rule for pods of any namespace is. */
function namespacesOf({ subject }: Entry, enrolled: ReadonlySet<string>): boolean {
  const asked = subject.requirements.filter(({ key }) => key === NAMESPACE_LABEL);
  return asked.every(({ operator, values }) =>
    operator === 'equals' || operator === 'in' ? values.some((value) => enrolled.has(value)) : operator !== 'not-exists',
  );
}

/** UDP between enrolled pods, and conversations of which one side is not enrolled. */
function seen({ flows }: PreflightInputs, enrolled: ReadonlySet<string>, missing: InputName[]): PreflightFinding[] {
  if (!flows) {
    missing.push('flows');
    return [];
  }
  const inside = flows.traffic.filter(({ source, destination }) => source.namespace !== '' && destination.namespace !== '');
  const both = ({ source, destination }: SeenTraffic): number =>
    Number(enrolled.has(source.namespace)) + Number(enrolled.has(destination.namespace));
  const udp = inside.filter((each) => each.protocol === 'UDP' && both(each) === 2);
  const oneSided = inside.filter((each) => each.protocol === 'TCP' && both(each) === 1);
  const tunnelled = inside.filter(({ port }) => port === ZTUNNEL_PORT).reduce((sum, each) => sum + each.flows, 0);
  return [
    ...udp
      .slice(0, MOST_NAMED)
      .map((each) => fail(trafficName(each), `${counted(each.flows, 'flow')} of UDP between enrolled pods stay plain`)),
    ...oneSided
      .slice(0, MOST_NAMED)
      .map((each) => fail(trafficName(each), 'one side is enrolled and the other is not: what they say is plain')),
    note(
      'flows',
      tunnelled > 0
        ? `${counted(tunnelled, 'flow')} through port ${ZTUNNEL_PORT}`
        : `nothing has gone through port ${ZTUNNEL_PORT} yet`,
    ),
  ];
}
