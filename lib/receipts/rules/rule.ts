import type { Flow } from '#lib/flow/flow.ts';

/** The rules that look for bypass and drift, each in a file of its own. */
export const RULES = ['R1', 'R2', 'R3', 'R4', 'R5', 'R6'] as const;
export type RuleId = (typeof RULES)[number];

/**
 * How much a finding is worth. `confirmed`: what the rule asks for was seen, and nothing that could excuse it. `suspected`: it was seen, and something
 * harmless could still explain it. `not-evaluable`: what it would rest on is missing.
 */
export const SEVERITIES = ['confirmed', 'suspected', 'not-evaluable'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface FindingEnd {
  readonly identity: number;
  readonly namespace?: string;
  readonly workload?: string;
  readonly labels?: readonly string[];
}

/** What a finding is about, so that one gets from it to flows, policies and the explanation of the verdict. */
export interface FindingAbout {
  readonly source?: FindingEnd;
  readonly destination?: FindingEnd;
  readonly direction?: 'EGRESS' | 'INGRESS';
  /** As policies name it: TCP, UDP, ... */
  readonly protocol?: string;
  readonly port?: number;
  /** Of R4: the request that no rule matches. */
  readonly request?: string;
  /** References of policies, `cnp:payments/ledger-open`. */
  readonly policies: readonly string[];
  /** Names of nodes, without the cluster's. */
  readonly nodes: readonly string[];
}

/** That a rule fired for a subject in a window. */
export interface Sighting {
  readonly rule: RuleId;
  /** What tells it from other findings of the rule in the cluster; stable over time. */
  readonly key: string;
  readonly severity: Severity;
  /** A few words, the same for every sighting of the finding. */
  readonly title: string;
  /** Whom it is about, for a person: `monitoring/grafana → payments/ledger TCP/9090`, a node, a policy. */
  readonly subject: string;
  /** As sentences, the weightiest first; at least one, at most `MOST_REASONS`. */
  readonly reasons: readonly string[];
  readonly about: FindingAbout;
  /** Flows or changes. */
  readonly count: number;
  /** Unix milliseconds. */
  readonly first: number;
  readonly last: number;
  /** Flows that show it, at most `MOST_EXAMPLES`; none in R5 and R6. */
  readonly flows: readonly Flow[];
}

export const MOST_REASONS = 10;
export const MOST_EXAMPLES = 3;

/** What a rule made of a window: what it found, and why it cannot say that there was no more. Only without reasons is the window clean. */
export interface RuleReport {
  readonly rule: RuleId;
  readonly sightings: readonly Sighting[];
  /** Flows, packets or changes that it had before it. */
  readonly looked: number;
  /** Why silence of the rule means nothing for this window, as sentences. */
  readonly notEvaluable: readonly string[];
}

/** Whether the rule may say that all was well: it looked with nothing missing, and found nothing. */
export const isClean = ({ sightings, notEvaluable }: RuleReport): boolean => sightings.length === 0 && notEvaluable.length === 0;
