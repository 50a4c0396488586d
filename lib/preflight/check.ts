import type { Phase, CheckStatus } from '#lib/migration/model.ts';
import type { PreflightInputs } from './inputs.ts';

/** A preflight check. They stand in a file each, with the threads behind it on top. */
export interface PreflightCheck {
  /** 1 to 33; as reports and links number them. */
  readonly number: number;
  /** Stable: `unmanaged-pods`. */
  readonly id: string;
  readonly title: string;
  readonly severity: 'error' | 'warning' | 'note';
  /** The screen it belongs to. */
  readonly subsystem: Subsystem;
  /** Phases whose gate it stands before, and those where a person may take it on with a reason. */
  readonly gates: readonly Phase[];
  readonly acknowledge: readonly Phase[];
  readonly why: string;
  readonly fix: string;
  /** Threads and documents behind it. */
  readonly links: readonly { readonly title: string; readonly url: string }[];
  /** Inputs it can use; which of them it cannot do without is its own business. */
  readonly needs: readonly InputName[];
  readonly decide: (inputs: PreflightInputs) => PreflightOutcome;
}

export const SUBSYSTEMS = [
  'pods and nodes',
  'policies',
  'encryption and identity',
  'AWS',
  'addresses and routing',
  'DNS',
  'services and load balancers',
  'Hubble',
  'upgrade',
] as const;
export type Subsystem = (typeof SUBSYSTEMS)[number];

/** Names of inputs as people provide them: options of the command line, kinds of upload, kinds of objects. */
export const INPUT_NAMES = [
  'values',
  'cilium-config',
  'nodes',
  'pods',
  'namespaces',
  'services',
  'endpoints',
  'identities',
  'cilium-nodes',
  'node-configs',
  'daemonsets',
  'node-pools',
  'webhooks',
  'api-services',
  'security-group-policies',
  'policy-endpoints',
  'policies',
  'cilium-status',
  'encryption-status',
  'agent-conf',
  'entries',
  'flows',
  'relay',
  'target-version',
  'version',
] as const;
export type InputName = (typeof INPUT_NAMES)[number];

export interface PreflightOutcome {
  readonly status: CheckStatus;
  /** What it found, in the order of their weight; also what a `pass` is worth knowing. */
  readonly findings: readonly PreflightFinding[];
  /** Inputs without which it cannot say; never empty for `unknown`. */
  readonly missing: readonly InputName[];
}

export interface PreflightFinding {
  readonly status: CheckStatus;
  /** What is the matter, a sentence with the object in it. */
  readonly message: string;
  /** `Pod payments/ledger-0`, `values: encryption.type`, `Node ip-10-0-1-2`. */
  readonly object: string;
  /** Where it differs from the check's. */
  readonly fix?: string;
}

/** A check with what it said. */
export interface PreflightResult extends PreflightOutcome {
  readonly check: PreflightCheck;
}
