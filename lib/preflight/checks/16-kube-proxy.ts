// Threads: cilium/cilium #22039, #28882, #22311, #22139, #38083, #14728.
import { counted } from '#lib/policy/lint/words.ts';
import { objectText } from '#lib/world/labels.ts';
import { own, part, parts, type WorldObject } from '#lib/world/object.ts';
import type { InputName, PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { isChained, replacesKubeProxy } from '../modes.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { compareVersions, minorText, parseVersion } from '../versions.ts';

const MOST_NAMED = 50;

export const kubeProxy: PreflightCheck = {
  number: 16,
  id: 'kube-proxy',
  title: 'Settings of kube-proxy replacement',
  severity: 'error',
  subsystem: 'services and load balancers',
  gates: [4],
  acknowledge: [0],
  why: 'Without kube-proxy agents reach the API server by k8sServiceHost alone. An address there goes stale: those of an EKS control plane change. And services stop working when kube-proxy goes before Cilium has taken over.',
  fix: 'Set k8sServiceHost to the cluster’s host name, let agents roll, look at cilium status, and only then take kube-proxy away.',
  links: [
    ...threads('22039', '28882', '22311', '22139', '38083', '14728'),
    ciliumDocs('Kubernetes without kube-proxy', 'network/kubernetes/kubeproxy-free/'),
  ],
  needs: ['values', 'cilium-config', 'daemonsets', 'pods', 'cilium-status', 'version', 'target-version'],
  decide(inputs) {
    const { settings, objects } = inputs;
    const replaces = replacesKubeProxy(settings);
    if (replaces === undefined) return unknownWithout('values', 'cilium-config');
    const missing: InputName[] = [];
    const findings = [...upgrade(inputs), ...agreement(inputs, replaces), ...proxiesGone(inputs, missing)];
    if (replaces) findings.push(...apiServer(inputs, missing));
    else if (objects.known('Pod')) findings.push(...hostPorts(inputs));
    else missing.push('pods');
    return outcomeOf(findings, missing);
  },
};

function apiServer({ settings }: PreflightInputs, missing: InputName[]): PreflightFinding[] {
  const name = settings.nameOf('k8sServiceHost');
  const host = settings.text('k8sServiceHost');
  if (host === undefined) {
    // cilium-config does not hold it: it is a variable of the agents.
    missing.push('values');
    return [];
  }
  if (host === '' || host === 'auto')
    return host === ''
      ? [fail(name, 'it is not set: without kube-proxy agents cannot reach the API server by the service kubernetes')]
      : [note(name, 'auto: the chart looks it up in the ConfigMap cluster-info')];
  if (/^[\d.]+$/.test(host) || host.includes(':'))
    return [
      fail(name, `${host.slice(0, 100)} is an address: those of an EKS control plane change, and agents lose the API server`),
    ];
  return [note(name, `agents reach the API server as ${host.slice(0, 253)}`)];
}

/** kube-proxy may go only after the agents have taken over. */
function proxiesGone({ running, objects }: PreflightInputs, missing: InputName[]): PreflightFinding[] {
  if (!objects.known('DaemonSet')) {
    missing.push('daemonsets');
    return [];
  }
  const isThere = objects.get('DaemonSet', 'kube-system', 'kube-proxy') !== undefined;
  const taken = replacesKubeProxy(running);
  if (!isThere && taken === false)
    return [
      fail(
        'DaemonSet kube-system/kube-proxy',
        'it is gone, and the running agents do not replace it: services work nowhere that is new',
        'Set kubeProxyReplacement: true and let the agents roll, or bring kube-proxy back.',
      ),
    ];
  if (isThere && taken === true)
    return [note('DaemonSet kube-system/kube-proxy', 'it is still there; the agents have taken over, so that it can go')];
  return [];
}

/** Values and what agents say of themselves. */
function agreement({ status }: PreflightInputs, replaces: boolean): PreflightFinding[] {
  return (status?.agents ?? []).flatMap(({ pod, kubeProxyReplacement }) => {
    if (kubeProxyReplacement === '') return [];
    const says = /^(true|strict|partial)$/i.test(kubeProxyReplacement);
    return says === replaces
      ? []
      : [
          fail(
            `Agent ${pod}`,
            `it says kube-proxy replacement is ${kubeProxyReplacement.slice(0, 40)}, the settings say ${replaces}`,
            'Restart the agents: a setting that has changed waits for that.',
          ),
        ];
  });
}

/** Without the replacement a host port needs another plugin: VPC CNI’s chain has one, Cilium alone has not. */
function hostPorts({ settings, objects }: PreflightInputs): PreflightFinding[] {
  const pods = objects.all('Pod').filter(hasHostPort);
  if (pods.length === 0) return [];
  if (isChained(settings))
    return [note('pods', `${counted(pods.length, 'pod')} with host ports: the port map of VPC CNI serves them until it goes`)];
  return pods
    .slice(0, MOST_NAMED)
    .map(({ namespace, name }) =>
      fail(
        `Pod ${namespace}/${name}`,
        'it has a host port, which nobody serves: kube-proxy replacement is off',
        'Set kubeProxyReplacement: true, or use a service.',
      ),
    );
}

const hasHostPort = ({ json }: WorldObject): boolean => {
  const spec = part(json, 'spec');
  return (
    own(spec, 'hostNetwork') !== true &&
    parts(spec, 'containers')
      .flatMap((container) => parts(container, 'ports'))
      .some((port) => typeof own(port, 'hostPort') === 'number' && own(port, 'hostPort') !== 0)
  );
};

/** Defaults of a new minor version come in with an upgrade unless the chart is told where the cluster began. */
function upgrade({ settings, version, target }: PreflightInputs): PreflightFinding[] {
  const [from, to] = [parseVersion(version ?? ''), parseVersion(target ?? '')];
  if (!from || !to || compareVersions(to, from) <= 0 || minorText(from) === minorText(to)) return [];
  const said = settings.text('upgradeCompatibility');
  if (said === undefined) return [];
  return objectText(said) === ''
    ? [
        fail(
          settings.nameOf('upgradeCompatibility'),
          `it is not set: an upgrade from ${minorText(from)} to ${minorText(to)} takes the new version’s defaults`,
          `Set upgradeCompatibility: "${minorText(from)}", or the version that was installed first.`,
        ),
      ]
    : [];
}
