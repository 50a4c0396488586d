import type { Workload } from '#lib/flow/flow.ts';
import type { Labels } from '#lib/policy/model.ts';
import type { ClusterSettings } from './agent-config.ts';
import { identityLabelsOf, labelsOf } from './labels.ts';
import { own, type WorldObject } from './object.ts';

/** A pod as the cluster's objects know it. */
export interface InventoryPod {
  /** `namespace/name`: also the id of its endpoint in the world. */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly workload: Workload;
  readonly labels: Labels;
  /** The node's name; empty where it is not known. */
  readonly nodeName: string;
  readonly ips: readonly string[];
  /** It shares its node's addresses: flows and policies take it for the host. */
  readonly hostNetwork: boolean;
  /** Cilium runs it: it is an endpoint of the world, and policies act on it. */
  readonly managed: boolean;
  /** Numeric identity of its CiliumEndpoint; 0 where there is none. */
  readonly identity: number;
  /** Its endpoint reports denials instead of making them, by direction. */
  readonly audits: { readonly ingress: boolean; readonly egress: boolean };
  /** Unix milliseconds. */
  readonly createdAt: number | undefined;
}

/** A CiliumIdentity. */
export interface InventoryIdentity {
  readonly number: number;
  /** `source:key=value`, sorted. */
  readonly labels: readonly string[];
  readonly createdAt: number | undefined;
  /** It is gone since then; kept for a while, as flows of that time speak of it. */
  readonly deletedAt?: number;
}

export interface InventoryNode {
  readonly name: string;
  readonly labels: Labels;
  /** All of it: its own, Cilium's router and health endpoint left out. */
  readonly addresses: readonly string[];
  /** Its agent has published a WireGuard key. */
  readonly wireGuardKey: boolean;
  readonly createdAt: number | undefined;
}

/** Who is who in a cluster: what flows are looked up in. */
export interface Inventory {
  readonly settings: ClusterSettings;
  readonly pods: ReadonlyMap<string, InventoryPod>;
  /** Pods in the host's network have no address of their own and are not here. */
  readonly podByIp: ReadonlyMap<string, InventoryPod>;
  /** Undefined where CiliumIdentity objects are not known at all: then nothing can be said to be unknown. */
  readonly identities: ReadonlyMap<number, InventoryIdentity> | undefined;
  readonly nodes: ReadonlyMap<string, InventoryNode>;
  readonly nodeByIp: ReadonlyMap<string, InventoryNode>;
  /** Addresses of the API server. */
  readonly apiServers: readonly string[];
  /** Kinds of objects of which it is known which there are, be it none. */
  readonly known: ReadonlySet<string>;
}

const read = new WeakMap<WorldObject, InventoryIdentity | undefined>();

/** A CiliumIdentity; undefined where its name is no number. The same for the same object. */
export function identityOf(object: WorldObject): InventoryIdentity | undefined {
  if (read.has(object)) return read.get(object);
  const identity = /^\d{1,8}$/.test(object.name)
    ? {
        number: Number(object.name),
        labels: identityLabelsOf(labelsOf(own(object.json, 'security-labels'))),
        createdAt: object.createdAt,
      }
    : undefined;
  read.set(object, identity);
  return identity;
}

/** Identities of a cluster: above the reserved ones, below those that an agent makes for addresses; the upper part is the cluster's number. */
const FIRST_IDENTITY = 256;
const FIRST_LOCAL_IDENTITY = 1 << 24;
const IDENTITY_BITS = 16;

/** Whether an identity is one of this cluster's range that no CiliumIdentity has (or had, in the last hour). Not said where they are not known. */
export function isUnknownIdentity(identity: number, { identities, settings }: Inventory): boolean {
  if (!identities || identity < FIRST_IDENTITY || identity >= FIRST_LOCAL_IDENTITY) return false;
  return identity >> IDENTITY_BITS === settings.clusterId && !identities.has(identity);
}
