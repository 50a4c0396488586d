import 'server-only';
import type { PolicyObject, World } from '#lib/policy/model.ts';

/** What a cluster is judged by at one time. `world` and `policies` are never changed: what changed comes as another object. */
export interface CurrentPolicies {
  readonly world: World;
  readonly policies: readonly PolicyObject[];
  /** Hash of the set: equal sets have equal hashes. */
  readonly setHash: string;
  /** Grows with every change of world or policies, within a run of ingest. */
  readonly version: number;
  /** Unix milliseconds: since when the set is in force. */
  readonly since: number;
}

/** Where the judge learns what is in force; kept by `lib/ingest/policies/`. */
export interface PolicySourceOfJudge {
  /** Undefined while the cluster has no source of policies, or it has not told anything yet. */
  current(cluster: string): CurrentPolicies | undefined;
}
