import { type JsonRecord, recordOf, textOf } from '#lib/flow/json-record.ts';
import { boundText } from '#lib/flow/text.ts';
import { objectText } from '#lib/world/labels.ts';
import { own, part, parts } from '#lib/world/object.ts';
import type { AgentStatus, CiliumStatus, ComponentErrors } from '../inputs.ts';
import { readJsonObject } from './json-text.ts';
import { read, type Reading, unreadable } from './reading.ts';

/** `cilium status -o json` of the cilium CLI, or `cilium-dbg status -o json` of one agent. */
export function readCiliumStatus(text: string): Reading<CiliumStatus> {
  const file = readJsonObject(text, 'the output of cilium status -o json');
  if (!file.ok) return file;
  if (isOfAgent(file.value)) return read(ofOneAgent(file.value));
  return isOfCli(file.value)
    ? read(ofCli(loose(file.value)))
    : unreadable('this is not what cilium status -o json prints: it says nothing of pods, images or agents');
}

/** Fields whose spelling has changed between versions of the CLI: `PodsCount`, `pods_count`. */
type Loose = ReadonlyMap<string, unknown>;
const spelled = (key: string): string => key.replaceAll(/[_-]/g, '').toLowerCase();
const loose = (value: unknown): Loose =>
  new Map(Object.entries(recordOf(value) ?? {}).map(([key, field]) => [spelled(key), field]));

export const isOfCli = (record: JsonRecord): boolean =>
  ['podstate', 'podscount', 'ciliumstatus', 'imagecount'].filter((field) => loose(record).has(field)).length >= 2;
export const isOfAgent = (record: JsonRecord): boolean =>
  part(record, 'cilium') !== undefined && (part(record, 'kubernetes') !== undefined || part(record, 'cluster') !== undefined);

function ofCli(status: Loose): CiliumStatus {
  const pods = loose(status.get('podscount'));
  const all = countOf(pods.get('all'));
  return {
    ...(all !== undefined && { pods: { all, managed: countOf(pods.get('bycilium')) ?? 0 } }),
    images: entriesOf(status.get('imagecount')).flatMap(([component, images]) =>
      entriesOf(images).map(([image, count]) => ({ component, image, count: countOf(count) ?? 0 })),
    ),
    workloads: entriesOf(status.get('podstate')).map(([name, state]) => {
      const fields = loose(state);
      const number = (field: string): number => countOf(fields.get(field)) ?? 0;
      return {
        name,
        type: objectText(fields.get('type')),
        desired: number('desired'),
        ready: number('ready'),
        unavailable: number('unavailable'),
      };
    }),
    agents: entriesOf(status.get('ciliumstatus')).map(([pod, agent]) => agentOf(pod, recordOf(agent) ?? {})),
    errors: entriesOf(status.get('errors')).flatMap(([component, byPod]) =>
      entriesOf(byPod).map(([pod, errors]) => errorsOf(component, pod, loose(errors))),
    ),
    collectionErrors: messagesOf(status.get('collectionerrors')),
  };
}

const ofOneAgent = (record: JsonRecord): CiliumStatus => ({
  images: [],
  workloads: [],
  agents: [agentOf('', record)],
  errors: [],
  collectionErrors: [],
});

/** `StatusResponse` of the agent's API (api/v1/models). */
function agentOf(pod: string, status: JsonRecord): AgentStatus {
  const encryption = part(status, 'encryption');
  const wireGuard = part(encryption, 'wireguard');
  const [tunnel] = parts(wireGuard, 'interfaces');
  const peers = countOf(own(tunnel, 'peer-count')) ?? countOf(own(wireGuard, 'peer-count'));
  const cluster = part(status, 'cluster');
  const nodes = parts(cluster, 'nodes');
  const health = part(cluster, 'ciliumHealth');
  const probed = nodes.filter((node) => probesOf(node).length > 0).length;
  const observer = part(part(status, 'hubble'), 'observer');
  const mtu = [own(status, 'mtu'), own(status, 'device-mtu'), own(part(status, 'routing'), 'mtu')].map(countOf).find(isCount);
  return {
    pod,
    kubeProxyReplacement: objectText(own(part(status, 'kube-proxy-replacement'), 'mode')),
    encryptionMode: objectText(own(encryption, 'mode')),
    nodeEncryption: objectText(own(wireGuard, 'node-encryption')),
    ...(peers !== undefined && { wireGuardPeers: peers }),
    hostRouting: objectText(own(part(status, 'host-routing'), 'mode')) || hostRoutingOf(status),
    chainingMode: objectText(own(part(status, 'cni-chaining'), 'mode')),
    ...(mtu !== undefined && { mtu }),
    unreachable: nodes.filter(isUnreachable).map((node) => objectText(own(node, 'name'))),
    ...(probed > 0 && { probedNodes: probed }),
    health: [objectText(own(health, 'state')), objectText(own(health, 'msg'))].filter(Boolean).join(': '),
    ...(observer && {
      hubble: {
        state: objectText(own(part(status, 'hubble'), 'state')),
        currentFlows: countOf(own(observer, 'current-flows')) ?? 0,
        maxFlows: countOf(own(observer, 'max-flows')) ?? 0,
        seenFlows: countOf(own(observer, 'seen-flows')) ?? 0,
      },
    }),
    version: /\b\d+\.\d+\.\d+(-[\w.]+)?/.exec(objectText(own(part(status, 'cilium'), 'msg')))?.[0] ?? '',
  };
}

const hostRoutingOf = (status: JsonRecord): string => objectText(own(part(status, 'kube-proxy-replacement'), 'host-routing'));

/** A node with a probe of its health that has failed: one that succeeded has no status. */
const isUnreachable = (node: JsonRecord): boolean => probesOf(node).some((probe) => textOf(own(probe, 'status')) !== '');

/** Probes of a node's addresses, where the agent's health was asked for as well (`HealthStatusResponse`). */
function probesOf(node: JsonRecord): readonly JsonRecord[] {
  const paths = ['host', 'health-endpoint', 'endpoint'].map(
    (name) => part(part(node, name), 'primary-address') ?? part(node, name),
  );
  return paths.flatMap((path) =>
    ['icmp', 'http'].flatMap((name): JsonRecord[] => {
      const probe = part(path, name);
      return probe ? [probe] : [];
    }),
  );
}

const errorsOf = (component: string, pod: string, fields: Loose): ComponentErrors => ({
  component,
  pod,
  errors: messagesOf(fields.get('errors')),
  warnings: messagesOf(fields.get('warnings')),
});

/** Go prints an `error` as `{}` or by its fields; a text is a text. */
const messagesOf = (value: unknown): string[] =>
  (Array.isArray(value) ? (value as unknown[]) : [])
    .slice(0, 200)
    .map((item) => boundText(typeof item === 'string' ? item : JSON.stringify(item), 1000));

const entriesOf = (value: unknown): [string, unknown][] =>
  Object.entries(recordOf(value) ?? {})
    .slice(0, 10_000)
    .map(([key, item]) => [boundText(key, 512), item]);

const isCount = (value: number | undefined): value is number => value !== undefined;
const countOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
