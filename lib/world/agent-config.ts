import type { AgentConfig } from '#lib/policy/model.ts';
import { part, type WorldObject } from './object.ts';

/** What `cilium-config` says of the agents: what changes a verdict, and what the audit has to know beside it. */
export interface ClusterSettings {
  readonly config: AgentConfig;
  /** The cluster's number in a mesh: the upper part of its identities. */
  readonly clusterId: number;
  /** Identities are CiliumIdentity objects; with `kvstore` the API server has none. */
  readonly identitiesAreObjects: boolean;
  /** Packets between pods of different nodes are due to be encrypted by WireGuard. */
  readonly wireGuard: boolean;
}

/** Of a cluster whose configuration is not known: Cilium's defaults. */
export const DEFAULT_SETTINGS: ClusterSettings = { config: {}, clusterId: 0, identitiesAreObjects: true, wireGuard: false };

/** Whether an object is the agents' configuration. The namespace is the installation's choice. */
export const isAgentConfig = ({ kind, name }: WorldObject): boolean => kind === 'ConfigMap' && name === 'cilium-config';

/** Reads `cilium-config`. Keys are the agent's options (`cilium-agent --help`), values text; what is not there is Cilium's default. */
export function settingsOf(configMap: WorldObject): ClusterSettings {
  const data = new Map(Object.entries(part(configMap.json, 'data') ?? {}).flatMap(([key, value]) => textEntry(key, value)));
  const on = (key: string, byDefault: boolean): boolean => flag(data.get(key), byDefault);
  const clusterName = data.get('cluster-name')?.trim();
  const labels = data.get('labels')?.trim();
  const cidrMatchMode = words(data.get('policy-cidr-match-mode'));
  const enforcement = data.get('enable-policy')?.trim().toLowerCase();
  const config: AgentConfig = {
    ...((enforcement === 'always' || enforcement === 'never') && { policyEnforcement: enforcement }),
    // `auto` is `always` on Kubernetes.
    ...(data.get('allow-localhost')?.trim().toLowerCase() === 'policy' && { allowLocalhost: 'policy' as const }),
    ...(on('enable-host-firewall', false) && { hostFirewall: true }),
    ...(on('enable-node-selector-labels', false) && { nodeSelectorLabels: true }),
    ...(cidrMatchMode.length > 0 && { policyCIDRMatchMode: cidrMatchMode }),
    ...(on('enable-ipv4', true) && on('enable-ipv6', false) && { dualStack: true }),
    ...(clusterName && { clusterName }),
    ...(!on('enable-non-default-deny-policies', true) && { disableNonDefaultDenyPolicies: true }),
    ...(!on('policy-default-local-cluster', true) && { disablePolicyDefaultLocalCluster: true }),
    ...(on('policy-audit-mode', false) && { policyAuditMode: true }),
    ...(labels && { labels }),
  };
  return {
    config,
    clusterId: Number(data.get('cluster-id') ?? 0) || 0,
    identitiesAreObjects: (data.get('identity-allocation-mode')?.trim() ?? 'crd') !== 'kvstore',
    wireGuard: on('enable-wireguard', false),
  };
}

/** Longest value that is read; the option `labels` may be a long list. */
const MOST_VALUE = 65_536;

const textEntry = (key: string, value: unknown): [string, string][] =>
  typeof value === 'string' && value.length <= MOST_VALUE ? [[key, value]] : [];

/** As Go's `strconv.ParseBool` takes it; anything else is the default. */
function flag(text: string | undefined, byDefault: boolean): boolean {
  if (text === undefined) return byDefault;
  if (/^(1|t|true)$/i.test(text.trim())) return true;
  return /^(0|f|false)$/i.test(text.trim()) ? false : byDefault;
}

const words = (text: string | undefined): readonly string[] => (text ?? '').split(/[\s,]+/).filter(Boolean);
