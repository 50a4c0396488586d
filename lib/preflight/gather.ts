import { POLICY_KINDS, type PolicyObject, type World } from '#lib/policy/model.ts';
import { isAgentConfig } from '#lib/world/agent-config.ts';
import { part } from '#lib/world/object.ts';
import { WorldBuilder } from '#lib/world/world-builder.ts';
import { runningVersion } from './cilium-version.ts';
import type { ObjectSet, PreflightInputs } from './inputs.ts';
import { settingsOf } from './settings.ts';

/** Parts as they come from outside; what follows from them is worked out here. */
export type PreflightParts = Omit<
  PreflightInputs,
  'settings' | 'running' | 'objects' | 'ciliumConfig' | 'version' | 'policies' | 'world'
> & {
  readonly version?: string | undefined;
  /** Objects of the cluster; none are known when absent. */
  readonly cluster?: ClusterObjects | undefined;
};

/** What is known of the objects of a cluster. */
export interface ClusterObjects {
  readonly objects: ObjectSet;
  readonly policies: readonly PolicyObject[];
  readonly world: World;
}

/** The inputs of the checks from what was provided. */
export function preflightInputs({ cluster = NO_OBJECTS, version, ...parts }: PreflightParts): PreflightInputs {
  const { objects, policies, world } = cluster;
  const ciliumConfig = agentOptions(objects);
  const runs = version ?? runningVersion(objects, parts.status);
  return {
    ...parts,
    ...(runs !== undefined && { version: runs }),
    ...(ciliumConfig && { ciliumConfig }),
    settings: settingsOf({ values: parts.values, ciliumConfig }),
    running: settingsOf({ ciliumConfig }),
    objects,
    ...(POLICY_KINDS.every((kind) => objects.known(kind)) && { policies }),
    ...(cluster !== NO_OBJECTS && { world }),
  };
}

/**
 * The objects of a cluster from what kubectl printed of it. A kind that none is of is taken for unknown, but for the kinds of policies: whoever provides
 * policies provides all of them, and `known` names kinds of which it is known that there are no others.
 */
export function clusterObjectsOf(values: Iterable<unknown>, known: Iterable<string> = []): ClusterObjects {
  const builder = new WorldBuilder();
  for (const value of values) builder.put(value);
  for (const kind of known) builder.setKnown(kind);
  if (POLICY_KINDS.some((kind) => builder.objects.known(kind))) for (const kind of POLICY_KINDS) builder.setKnown(kind);
  const { policies, world } = builder.build();
  return { objects: builder.objects, policies, world };
}

const NO_OBJECTS: ClusterObjects = clusterObjectsOf([]);

/** Options of the agents in the ConfigMap `cilium-config`. */
function agentOptions(objects: ObjectSet): ReadonlyMap<string, string> | undefined {
  const configMap = objects.all('ConfigMap').find(isAgentConfig);
  if (!configMap) return undefined;
  return new Map(
    Object.entries(part(configMap.json, 'data') ?? {}).flatMap(([key, value]) =>
      typeof value === 'string' ? [[key, value]] : [],
    ),
  );
}
