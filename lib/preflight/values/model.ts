import type { JsonRecord } from '#lib/flow/json-record.ts';
import type { Phase, PlanChoices } from '#lib/migration/model.ts';
import type { Version } from '../versions.ts';

/** What a values file needs to know of a cluster. What is absent stands in it as `<name>` and is listed as missing. */
export interface ValuesFacts {
  readonly clusterName?: string;
  /** Host name of the API server, without scheme and port. */
  readonly apiServerHost?: string;
  readonly vpcCidr?: string;
  readonly nodeCount?: number;
  /** Bytes that a packet of a node's interface may have: 9001 on jumbo frames. */
  readonly nodeMtu?: number;
  /** Other plugins write their files beside Cilium's. */
  readonly multus?: boolean;
  readonly trustDomain?: string;
  /** `HOST:PORT` of the SPIRE server. */
  readonly spireServer?: string;
  /** Path of the SPIRE agent's admin socket. */
  readonly spireAdminSocket?: string;
}

/** What runs now. Values are Helm values; of cilium-config only single settings can be asked. */
export type CurrentValues =
  | { readonly kind: 'values'; readonly against: string; readonly values: JsonRecord }
  | { readonly kind: 'config'; readonly against: string; readonly setting: (path: string) => unknown };

/** Phases 2 and 4 have two steps: audit mode, then enforcement; both plugins side by side, then Cilium alone. */
export const STAGES = ['begin', 'finish'] as const;
export type Stage = (typeof STAGES)[number];

export interface ValuesRequest {
  readonly phase: Phase;
  readonly facts: ValuesFacts;
  readonly choices: PlanChoices;
  /** The Cilium version it is for; absent: it stays open. */
  readonly target?: Version;
  /** `begin` when absent. */
  readonly stage?: Stage;
  readonly current?: CurrentValues;
}

/** A Helm value with its reason. */
export interface Setting {
  readonly path: string;
  readonly value: SettingValue;
  readonly why: string;
  readonly url?: string;
}

export type SettingValue = string | number | boolean | readonly string[];

/** An object to apply beside the chart. */
export interface Manifest {
  readonly name: string;
  readonly why: string;
  readonly yaml: string;
}

/** As `GeneratedValues` of the API has it. */
export interface GeneratedValues {
  readonly phase: Phase;
  readonly version: string;
  readonly values: string;
  readonly application: string;
  readonly manifests: readonly Manifest[];
  readonly notes: readonly { readonly path: string; readonly value: string; readonly why: string; readonly url?: string }[];
  readonly diff?: {
    readonly against: string;
    readonly changes: readonly { readonly path: string; readonly from?: string; readonly to?: string }[];
    readonly text: string;
  };
  readonly missing: readonly { readonly name: string; readonly hint: string }[];
}
