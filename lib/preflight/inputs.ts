import type { JsonRecord } from '#lib/flow/json-record.ts';
import type { PolicyObject, World } from '#lib/policy/model.ts';
import type { WorldKind, WorldObject } from '#lib/world/object.ts';
import type { Settings } from './settings.ts';
import type { TrafficFacts } from './traffic.ts';

/** What is known of a cluster, as preflight checks read it. A part that is absent was not provided: a check that needs it answers `unknown`. */
export interface PreflightInputs {
  /** Unix milliseconds. */
  readonly now: number;
  /** Cilium version of the running agents, e.g. `1.19.5`; see `cilium-version.ts`. */
  readonly version?: string;
  /** Cilium version it goes to. */
  readonly target?: string;
  /** Helm values as they were uploaded. */
  readonly values?: HelmValues;
  /** Options of the agents by their name, as `cilium-config` has them. */
  readonly ciliumConfig?: ReadonlyMap<string, string>;
  /** What is set: by the values where they are known, else by cilium-config, else by the chart. */
  readonly settings: Settings;
  /** What the running agents are set to: cilium-config and the chart's defaults, whatever the values say. */
  readonly running: Settings;
  readonly objects: ObjectSet;
  /** All policies in force; absent when the kinds of policies are not all known. */
  readonly policies?: readonly PolicyObject[];
  /** The cluster as the policy engine sees it; it says itself which parts it lacks. */
  readonly world?: World;
  readonly status?: CiliumStatus;
  readonly encryption?: EncryptionStatus;
  readonly agentConf?: AgentConf;
  readonly entries?: readonly SpireEntry[];
  readonly flows?: TrafficFacts;
  readonly relay?: RelayFacts;
}

/** Kubernetes objects by kind, trimmed to what is read of them. */
export interface ObjectSet {
  /** Whether it is known which objects of the kind there are, be it none. */
  readonly known: (kind: WorldKind) => boolean;
  readonly all: (kind: WorldKind) => readonly WorldObject[];
  /** `namespace` is empty for kinds without one. */
  readonly get: (kind: WorldKind, namespace: string, name: string) => WorldObject | undefined;
}

/** Helm values: a record that may hold any key. */
export interface HelmValues {
  readonly json: JsonRecord;
  /** The value at a path like `encryption.type`, by own fields only; undefined where there is none. */
  readonly get: (path: string) => unknown;
}

/** `cilium status -o json` of the cilium CLI, or the status of a single agent. */
export interface CiliumStatus {
  /** Pods of the cluster, and those of them that Cilium manages. */
  readonly pods?: { readonly all: number; readonly managed: number };
  /** `quay.io/cilium/cilium:v1.19.5` by component. */
  readonly images: readonly { readonly component: string; readonly image: string; readonly count: number }[];
  /** DaemonSets and Deployments of Cilium. */
  readonly workloads: readonly {
    readonly name: string;
    readonly type: string;
    readonly desired: number;
    readonly ready: number;
    readonly unavailable: number;
  }[];
  readonly agents: readonly AgentStatus[];
  readonly errors: readonly ComponentErrors[];
  /** What kept the CLI from collecting all of it. */
  readonly collectionErrors: readonly string[];
}

/** What one agent says of itself. Texts are empty and numbers absent where it did not say. */
export interface AgentStatus {
  /** Name of its pod; empty for the status of a single agent. */
  readonly pod: string;
  /** `True`, `False`, `Strict`, ... */
  readonly kubeProxyReplacement: string;
  /** `Disabled`, `Wireguard`, `IPsec`, ... */
  readonly encryptionMode: string;
  readonly nodeEncryption: string;
  readonly wireGuardPeers?: number;
  /** `BPF` or `Legacy`. */
  readonly hostRouting: string;
  /** `aws-cni`, `none`, ... */
  readonly chainingMode: string;
  readonly mtu?: number;
  /** Nodes that it cannot reach on the health port, and how many it has tried; absent where the status does not hold probes. */
  readonly unreachable: readonly string[];
  readonly probedNodes?: number;
  /** State and message of the health subsystem, e.g. `1/6 healthy`. */
  readonly health: string;
  readonly hubble?: {
    readonly state: string;
    readonly currentFlows: number;
    readonly maxFlows: number;
    readonly seenFlows: number;
  };
  readonly version: string;
}

export interface ComponentErrors {
  readonly component: string;
  readonly pod: string;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** `cilium encryption status -o json`: counts of nodes by how they encrypt. */
export interface EncryptionStatus {
  readonly nodes: number;
  readonly disabled: number;
  readonly wireGuard: number;
  readonly ipsec: number;
  /** With `--node-details`; nodes may be nameless there. */
  readonly details: readonly {
    readonly node: string;
    readonly mode: string;
    readonly peers?: number;
    readonly nodeEncryption: string;
  }[];
}

/** A SPIRE agent's `agent.conf` (HCL), as a tree of blocks. */
export interface AgentConf {
  /** Of the block `agent`; empty where it is not set. */
  readonly trustDomain: string;
  readonly serverAddress: string;
  readonly serverPort: string;
  readonly socketPath: string;
  readonly adminSocketPath: string;
  /** SPIFFE ids that may use the delegated identity API. */
  readonly authorizedDelegates: readonly string[];
  readonly json: JsonRecord;
}

/** An entry of `spire-server entry show -output json`. */
export interface SpireEntry {
  /** `spiffe://aegis.local/cilium-agent` */
  readonly spiffeId: string;
  readonly parentId: string;
  /** `k8s:ns:kube-system`, sorted. */
  readonly selectors: readonly string[];
  readonly admin: boolean;
}

/** How the console sees Hubble Relay. */
export interface RelayFacts {
  readonly connected: number;
  readonly expected: number;
  /** Nodes that do not report. */
  readonly missing: readonly string[];
  /** Events lost in the last hour, by the messages in the stream; absent where nobody followed it. */
  readonly lost?: number;
  /** Flows that the relay's nodes hold and may hold; they forget the oldest. */
  readonly heldFlows?: number;
  readonly mostFlows?: number;
  /** Flows a second. */
  readonly rate?: number;
  /** Milliseconds for which the nodes remember flows. */
  readonly horizonMs?: number;
}
