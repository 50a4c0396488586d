// Threads: cilium/cilium PR #23159, #21243, PR #14192; giantswarm/cluster-operator #1546; Cray-HPE/csm #4109.
import type { PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { isChained } from '../modes.ts';
import { fail, note, outcomeOf, unknown, unknownWithout } from '../outcome.ts';

export const cniFile: PreflightCheck = {
  number: 18,
  id: 'cni-file',
  title: 'Who owns the CNI files of the nodes',
  severity: 'error',
  subsystem: 'pods and nodes',
  gates: [1, 4],
  acknowledge: [],
  why: 'The kubelet takes the first file in /etc/cni/net.d. With cni.exclusive Cilium renames all others, VPC CNI’s included; without it, at the end, a file that is left over may come first.',
  fix: 'cni.exclusive: false while chained or beside Multus, true where Cilium is the only plugin; cni.customConf only while nodes move.',
  links: [
    ...threads('PR 23159', '21243', 'PR 14192', 'giantswarm/cluster-operator#1546', 'Cray-HPE/csm#4109'),
    ciliumDocs('AWS VPC CNI chaining', 'installation/cni-chaining-aws-cni/'),
  ],
  needs: ['values', 'cilium-config', 'daemonsets', 'node-configs'],
  decide(inputs) {
    const { settings } = inputs;
    const chained = isChained(settings);
    const exclusive = settings.flag('cni.exclusive');
    if (chained === undefined || exclusive === undefined) return unknownWithout('values', 'cilium-config');
    const name = settings.nameOf('cni.exclusive');
    const findings = [...custom(inputs), ...uninstall(inputs, chained)];
    if (chained && exclusive)
      findings.push(fail(name, 'it is true while Cilium is chained: VPC CNI’s file is renamed, and new pods get no address'));
    else if (chained) findings.push(note(name, 'it is false: VPC CNI’s file stays'));
    else findings.push(...alone(inputs, exclusive));
    return outcomeOf(findings);
  },
};

/** Where Cilium is the only plugin its file has to be the only one, unless Multus writes another on purpose. */
function alone({ settings, objects }: PreflightInputs, exclusive: boolean): PreflightFinding[] {
  const name = settings.nameOf('cni.exclusive');
  const multus = objects.all('DaemonSet').find((daemonSet) => daemonSet.name.includes('multus'));
  if (exclusive)
    return multus
      ? [fail(name, `it is true, and ${multus.namespace}/${multus.name} writes a file too: Cilium renames it again and again`)]
      : [note(name, 'it is true: Cilium’s file is the only one')];
  if (multus) return [note(name, `it is false for ${multus.namespace}/${multus.name}`)];
  if (isHybrid({ settings, objects })) return [note(name, 'it is false while nodes move from one plugin to the other')];
  if (!objects.known('DaemonSet'))
    return [unknown(name, 'it is false; whether another plugin (Multus) needs that is not known without DaemonSets')];
  return [
    fail(
      name,
      'it is false though Cilium is the only plugin: a file that is left over may come first',
      'Set cni.exclusive: true.',
    ),
  ];
}

function custom({ settings, objects }: PreflightInputs): PreflightFinding[] {
  if (settings.flag('cni.customConf') !== true) return [];
  const name = settings.nameOf('cni.customConf');
  return isHybrid({ settings, objects })
    ? [note(name, 'it is true while nodes move: a CiliumNodeConfig says which have')]
    : [
        fail(
          name,
          'it is true, and no CiliumNodeConfig is there: no agent writes a CNI file',
          'Set cni.customConf: false; it is for the time in which nodes move.',
        ),
      ];
}

/** An agent that takes its file away when it stops leaves a node that is not ready. */
function uninstall({ settings }: PreflightInputs, chained: boolean): PreflightFinding[] {
  if (settings.flag('cni.uninstall') !== true) return [];
  const name = settings.nameOf('cni.uninstall');
  return [
    chained
      ? fail(
          name,
          'it is true while chained: each restart of an agent takes the chain apart',
          'Set cni.uninstall: false; it is for taking Cilium away for good.',
        )
      : note(name, 'it is true: a node whose agent stops is not ready until it is back'),
  ];
}

const isHybrid = ({ settings, objects }: Pick<PreflightInputs, 'settings' | 'objects'>): boolean =>
  settings.flag('cni.customConf') === true && objects.all('CiliumNodeConfig').length > 0;
