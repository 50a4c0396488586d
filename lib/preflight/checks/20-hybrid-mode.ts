// Threads: Cilium's guide of live migration; cilium/cilium PR #23751, #47774; upgrade notes of 1.20 (CiliumNodeConfig v2alpha1 is removed).
import { containsPrefix, parseAddress, parsePrefix } from '#lib/policy/schema/words.ts';
import { objectText } from '#lib/world/labels.ts';
import { own, part, parts, textsIn, type WorldObject } from '#lib/world/object.ts';
import type { PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { addressesOf } from '../modes.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { factsOfVersion } from '../version-facts.ts';
import { parseVersion } from '../versions.ts';

export const hybridMode: PreflightCheck = {
  number: 20,
  id: 'hybrid-mode',
  title: 'Hybrid mode and its enforcement gap',
  severity: 'error',
  subsystem: 'pods and nodes',
  gates: [4],
  acknowledge: [],
  why: 'While nodes of both plugins live side by side, policy cannot be enforced across them and is switched off. What was true before has to be true again before the phase closes.',
  fix: 'While nodes move: policyEnforcementMode never, unmanaged pods left alone, host-legacy routing, cni.customConf. After the last one: all of it back, enforcement default.',
  links: [
    ciliumDocs('Migrating a cluster to Cilium', 'installation/k8s-install-migration/'),
    ...threads('PR 23751', '47774'),
    ciliumDocs('Upgrade notes', 'operations/upgrade/'),
  ],
  needs: ['values', 'cilium-config', 'node-configs', 'nodes', 'version', 'target-version'],
  decide(inputs) {
    const { settings, objects } = inputs;
    const enforcement = settings.text('policyEnforcementMode');
    const customConf = settings.flag('cni.customConf');
    if (enforcement === undefined || customConf === undefined) return unknownWithout('values', 'cilium-config');
    if (!objects.known('CiliumNodeConfig')) return unknownWithout('node-configs');
    const moves = customConf || objects.all('CiliumNodeConfig').some(movesNodes);
    return outcomeOf([
      ...served(inputs),
      ...(moves ? [...template(inputs), ...ranges(inputs)] : []),
      gap(inputs, enforcement, moves),
    ]);
  },
};

/** A CiliumNodeConfig that makes its nodes Cilium’s own. */
const movesNodes = ({ json }: WorldObject): boolean =>
  Object.keys(part(part(json, 'spec'), 'defaults') ?? {}).some(
    (key) => key === 'write-cni-conf-when-ready' || key === 'cni-chaining-mode' || key === 'custom-cni-conf',
  );

/** The phase may not close while enforcement is off, whatever else is right. */
function gap({ settings }: PreflightInputs, enforcement: string, moves: boolean): PreflightFinding {
  const name = settings.nameOf('policyEnforcementMode');
  if (enforcement === 'never')
    return fail(
      name,
      'it is never: no policy is enforced in the cluster; the time counts as a gap',
      moves ? 'Set it back to default after the last node has moved.' : 'No node moves: set it back to default.',
    );
  return moves
    ? fail(
        name,
        `it is ${enforcement.slice(0, 40)} while nodes move: what crosses from one plugin to the other is dropped by chance`,
        'Set policyEnforcementMode: never until the last node has moved.',
      )
    : note(name, `it is ${enforcement.slice(0, 40)}, and no node moves`);
}

function template({ settings }: PreflightInputs): PreflightFinding[] {
  const wanted = [
    {
      path: 'operator.unmanagedPodWatcher.restart',
      value: false,
      otherwise: 'the operator restarts pods of nodes that have not moved',
    },
    { path: 'bpf.hostLegacyRouting', value: true, otherwise: 'packets between both plugins miss the kernel’s routing' },
    { path: 'cni.customConf', value: true, otherwise: 'agents write their file on nodes whose turn has not come' },
  ] as const;
  return wanted.flatMap(({ path, value, otherwise }) =>
    settings.flag(path) === value ? [] : [fail(settings.nameOf(path), `it is not ${value} while nodes move: ${otherwise}`)],
  );
}

/** Cilium’s range may not be one that VPC CNI or the nodes already use. */
function ranges({ settings, objects }: PreflightInputs): PreflightFinding[] {
  if (addressesOf(settings) !== 'pool') return [];
  const pools = (settings.list('ipam.operator.clusterPoolIPv4PodCIDRList') ?? []).flatMap((text) => parsePrefix(text) ?? []);
  const name = settings.nameOf('ipam.operator.clusterPoolIPv4PodCIDRList');
  const taken = objects.all('Node').find(({ json }) => {
    const addresses = nodeAddresses(json).flatMap((text) => parseAddress(text) ?? []);
    const prefixes = textsIn(part(json, 'spec'), 'podCIDRs').flatMap((text) => parsePrefix(text) ?? []);
    return pools.some(
      (range) =>
        addresses.some((address) => containsPrefix(range, address)) ||
        prefixes.some((prefix) => containsPrefix(range, prefix) || containsPrefix(prefix, range)),
    );
  });
  return taken
    ? [fail(name, `it holds addresses of Node ${taken.name} or of its pods: both plugins would give out the same ones`)]
    : [];
}

const nodeAddresses = (json: WorldObject['json']): string[] =>
  parts(part(json, 'status'), 'addresses').map((entry) => objectText(own(entry, 'address')));

/** The API version of its objects has to be one that the version knows. */
function served({ objects, target, version }: PreflightInputs): PreflightFinding[] {
  const wanted = parseVersion(target ?? version ?? '');
  const known = wanted && factsOfVersion(wanted)?.nodeConfig;
  if (!known) return [];
  return objects.all('CiliumNodeConfig').flatMap(({ namespace, name, json }) => {
    const api = objectText(own(json, 'apiVersion')).split('/')[1] ?? '';
    return api === '' || known.some((each) => each === api)
      ? []
      : [
          fail(
            `CiliumNodeConfig ${namespace}/${name}`,
            `Cilium ${target ?? version} does not serve ${api.slice(0, 40)} any more: its nodes fall back to the settings of all`,
            `Write it as cilium.io/${known[0] ?? 'v2'} before the upgrade.`,
          ),
        ];
  });
}
