import { GATE_COMMANDS } from '../model.ts';
import type { GateOrder, GateOutcome } from './command.ts';
import { decideGate } from './decide.ts';
import { type ElevationRecord, mayNotAsk } from './elevation.ts';
import type { GateCaller, GateFacts, GatePerson, GateRecord } from './record.ts';
import { mayNotReview } from './review.ts';

/** What the caller may do now, and why not when they may not. */
export interface GateChoice {
  readonly command: (typeof GATE_COMMANDS)[number] | 'request' | 'break-glass' | 'ask-elevation' | 'review';
  readonly allowed: boolean;
  /** Empty when allowed. */
  readonly reason: string;
  /** It will ask for a fresh sign-in first. */
  readonly stepUp: boolean;
}

/** What someone types; the choice is about the rest. */
const TYPED = 'What a person will have typed here.';

/** Every command with whether the caller may give it now: the same decision as when they give it. */
export function gateChoices(
  record: GateRecord | undefined,
  caller: GateCaller,
  facts: GateFacts,
  open: { readonly elevation: ElevationRecord | undefined; readonly reviews: readonly { readonly by: GatePerson }[] },
): GateChoice[] {
  const choice = (command: GateChoice['command'], outcome: GateOutcome | undefined, stepUp = false): GateChoice => ({
    command,
    allowed: outcome?.ok !== false,
    reason: outcome?.ok === false ? outcome.reason : '',
    stepUp,
  });
  const decide = (order: GateOrder) => decideGate(record, order, caller, READ_ANEW.has(order.command) ? readAnew(facts) : facts);
  const commands = GATE_COMMANDS.map((command) =>
    choice(
      command,
      decide({ command, expectedVersion: record?.version ?? 0, evidenceHash: record?.evidenceHash, comment: TYPED }),
      command === 'approve' && facts.rules.stepUp,
    ),
  );
  const reviews = open.reviews.map((review) => mayNotReview({ ...review, closedBy: undefined }, caller));
  return [
    choice('request', decide({ command: 'request', evidenceHash: facts.evidence?.hash ?? '', comment: TYPED })),
    ...commands,
    choice('break-glass', decide({ command: 'break-glass', reason: TYPED, ticket: TYPED }), true),
    choice('ask-elevation', mayNotAsk(caller, facts.rules, facts.environment, open.elevation)),
    choice('review', reviews.length === 0 ? NOTHING_TO_REVIEW : reviews.includes(undefined) ? undefined : reviews[0]),
  ];
}

const NOTHING_TO_REVIEW = { ok: false, code: 'conflict', reason: 'No broken glass waits for a review.' } as const;

/** These read the evidence before they decide: that it is not current stands in nobody's way. */
const READ_ANEW: ReadonlySet<GateOrder['command']> = new Set(['request', 'execute', 'complete'] as const);
const readAnew = (facts: GateFacts): GateFacts =>
  facts.evidence?.hash === undefined
    ? facts
    : { ...facts, evidence: { ...facts.evidence, current: true, evaluatedAt: facts.now } };
