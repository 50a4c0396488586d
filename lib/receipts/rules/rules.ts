import { enforcementGaps } from './r1-enforcement-gap.ts';
import { type EndSample, unknownIdentities } from './r2-unknown-identity.ts';
import { type DeviceTraces, plaintext } from './r3-plaintext.ts';
import { l7Drift } from './r4-l7-drift.ts';
import type { RuleReport } from './rule.ts';
import type { RuleContext, Sample } from './sample.ts';

/** What the rules about flows have before them. */
export interface FlowWindow {
  /** Policy verdicts that let something pass. */
  readonly verdicts: readonly Sample[];
  /** Ends that were seen `YOUNG_MS` ago or longer. */
  readonly ends: readonly EndSample[];
  readonly traces: DeviceTraces;
  /** Requests that proxies let through. */
  readonly requests: readonly Sample[];
  /** What is missing of the window, as sentences: then no rule may say that all was well. */
  readonly incomplete: readonly string[];
}

/** The rules R1 to R4 over a window. All run against the policies and objects in force at its end; what changed just before is graced. */
export function judgeFlows(window: FlowWindow, context: RuleContext): RuleReport[] {
  const reports = [
    enforcementGaps(window.verdicts, context),
    unknownIdentities(window.ends, context),
    plaintext(window.traces, context),
    l7Drift(window.requests, context),
  ];
  return reports.map((report) => ({ ...report, notEvaluable: bounded([...window.incomplete, ...report.notEvaluable]) }));
}

/** Most reasons that are kept of one window. */
const MOST_REASONS = 8;

const bounded = (reasons: readonly string[]): string[] =>
  reasons.length <= MOST_REASONS
    ? [...reasons]
    : [...reasons.slice(0, MOST_REASONS - 1), `And ${reasons.length - MOST_REASONS + 1} other reasons.`];
