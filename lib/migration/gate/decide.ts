import type { GateMove, GateOrder, GateOutcome, Refusal } from './command.ts';
import { refuse } from './command.ts';
import { EXECUTE_CONDITIONS, REQUEST_CONDITIONS, unmet } from './conditions.ts';
import { isOpen, leadsOn } from './edges.ts';
import type { EvidenceNow, GateCaller, GateFacts, GateRecord } from './record.ts';
import { tally, teamOf } from './tally.ts';
import { countText, durationText, listText } from './text.ts';

type Command = Exclude<GateOrder['command'], 'request' | 'break-glass'>;
type CommandOrder = Extract<GateOrder, { command: Command }>;

/**
 * What comes of an order on the newest request of a phase (undefined: there is none), asked after `lapseOf`. Pure: whoever writes it down
 * has locked what it was given. Who may is asked before the state, so that a stranger learns nothing of it.
 */
export function decideGate(record: GateRecord | undefined, order: GateOrder, caller: GateCaller, facts: GateFacts): GateOutcome {
  if (order.command === 'request') return request(record, order.evidenceHash, caller, facts);
  if (order.command === 'break-glass') return breakGlass(record, order, caller, facts);
  if (!record) return refuse('conflict', 'Nobody has requested this gate yet.');
  return (
    refusedAtOnce(record, order, caller, facts) ??
    unplanned(order.command, facts) ??
    COMMANDS[order.command](record, order, caller, facts)
  );
}

/** Why a command is refused whatever the evidence says: not this person, not this version, not in this state. */
export const refusedAtOnce = (
  record: GateRecord,
  order: CommandOrder,
  caller: GateCaller,
  facts: GateFacts,
): Refusal | undefined =>
  mayNot(order.command, record, caller, facts) ?? outdated(order, record) ?? outOfPlace(order.command, record);

function request(record: GateRecord | undefined, hash: string, caller: GateCaller, facts: GateFacts): GateOutcome {
  if (!isOperator(caller)) return needsRole('operator');
  if (record && isOpen(record.state)) return stillOpen(record);
  if (!facts.plan) return planGone(facts);
  if (facts.completion?.planRevision === facts.planRevision)
    return refuse('conflict', `Phase ${facts.phase} is completed here already.`);
  const waits = unmet(facts, REQUEST_CONDITIONS);
  if (waits) return refuse(waits.id === 'elevation' ? 'forbidden' : 'conflict', waits.todo);
  return (
    changedEvidence(facts, hash) ??
    unmetEvidence(facts.evidence) ?? { ok: true, begins: true, moves: [{ to: 'requested', by: 'request', reason: '' }] }
  );
}

function breakGlass(
  record: GateRecord | undefined,
  { reason, ticket }: Extract<GateOrder, { command: 'break-glass' }>,
  caller: GateCaller,
  facts: GateFacts,
): GateOutcome {
  if (!caller.roles.has('breakglass')) return needsRole('breakglass');
  if (reason.trim().length < 20 || ticket.trim() === '')
    return refuse('bad-input', 'Give a reason of at least 20 characters and the incident or ticket.');
  if (!facts.plan) return planGone(facts);
  const open = record && isOpen(record.state) ? record : undefined;
  if (open && !leadsOn(open.state, 'break-glass'))
    return refuse('conflict', `Request ${open.number} is ${open.state}: there is no glass to break.`);
  if (!open && facts.completion?.planRevision === facts.planRevision)
    return refuse('conflict', `Phase ${facts.phase} is completed here already.`);
  return { ok: true, begins: !open, moves: [{ to: 'executing', by: 'break-glass', reason }] };
}

type Decide = (record: GateRecord, order: CommandOrder, caller: GateCaller, facts: GateFacts) => GateOutcome;

const COMMANDS: Readonly<Record<Command, Decide>> = {
  approve(record, { evidenceHash }, caller, facts) {
    const { decisions } = tally(record);
    if (decisions.some(({ counts, by }) => counts && by.subject === caller.subject))
      return refuse('conflict', 'You have approved this request already.');
    const changed = seenOther(record, evidenceHash) ?? changedEvidence(facts, record.evidenceHash) ?? oldEvidence(facts);
    if (changed) return changed;
    const team = teamOf(record, caller.teams);
    const mine = {
      id: '',
      decision: 'approve',
      by: caller,
      team,
      comment: '',
      at: facts.now,
      evidenceHash: record.evidenceHash,
    } as const;
    const after = tally({ ...record, decisions: [...record.decisions, mine] });
    return { ...moved({ to: after.reached ? 'approved' : 'approving', by: 'approve', reason: '' }), team };
  },
  reject: (record, { evidenceHash, comment }, caller) =>
    seenOther(record, evidenceHash) ?? {
      ...moved({ to: 'rejected', by: 'reject', reason: comment }),
      team: teamOf(record, caller.teams),
    },
  withdraw: (_, { comment }) => moved({ to: 'withdrawn', by: 'withdraw', reason: comment }),
  revoke: (record, { comment }, caller) => ({
    ...moved({ to: 'revoked', by: 'revoke', reason: comment }),
    team: teamOf(record, caller.teams),
  }),
  execute(record, { evidenceHash }, _, facts) {
    const waits = unmet(facts, EXECUTE_CONDITIONS);
    if (waits) return refuse(waits.id === 'elevation' ? 'forbidden' : 'conflict', waits.todo);
    const { reached, approved, needed, missingTeams } = tally(record);
    if (!reached) return refuse('conflict', approvalsLeft(approved, needed, missingTeams));
    return (
      (evidenceHash === undefined ? undefined : seenOther(record, evidenceHash)) ??
      changedEvidence(facts, record.evidenceHash) ??
      oldEvidence(facts) ??
      unmetEvidence(facts.evidence) ??
      moved({ to: 'executing', by: 'execute', reason: '' })
    );
  },
  complete({ state }, _, __, { evidence }) {
    if (!evidence?.current) return notReadYet();
    const missing = unmetEvidence(evidence);
    const verifying: GateMove = { to: 'verifying', by: 'complete', reason: missing?.reason ?? '' };
    const completed: GateMove = { to: 'completed', by: 'complete', reason: '' };
    if (!missing) return moved(...(state === 'executing' ? [verifying] : []), completed);
    return state === 'executing' ? moved(verifying) : missing;
  },
  fail: (_, { comment }) => moved({ to: 'failed', by: 'fail', reason: comment }),
  'roll-back'(record, { comment }, _, facts) {
    const back: GateMove = { to: 'rolling-back', by: 'roll-back', reason: comment };
    if (record.state !== 'completed') return moved(back);
    if (facts.completion?.request !== record.id)
      return refuse('conflict', `Phase ${facts.phase} is not completed by this request any more.`);
    if (facts.open) return stillOpen(facts.open);
    if (facts.laterPhase !== undefined)
      return refuse('conflict', `Phase ${facts.laterPhase} builds on this one: roll it back first.`);
    return { ok: true, begins: true, moves: [back] };
  },
  'finish-roll-back': (_, { comment }) =>
    comment.trim().length < 3
      ? refuse('bad-input', 'Say what was observed after the rollback.')
      : moved({ to: 'rolled-back', by: 'finish-roll-back', reason: comment }),
};

/** Why this person may not give this command, whatever the state. */
function mayNot(command: Command, record: GateRecord, caller: GateCaller, facts: GateFacts): Refusal | undefined {
  if (command === 'roll-back' || command === 'finish-roll-back') return mayNotRollBack(caller, facts);
  if (command === 'approve' || command === 'reject' || command === 'revoke') return mayNotDecide(command, record, caller, facts);
  // Whoever may break glass may bring what was begun that way to its end: nobody else may be awake.
  const ownGlass = record.brokenGlass && caller.roles.has('breakglass') && (command === 'complete' || command === 'fail');
  if (!isOperator(caller) && !ownGlass) return needsRole('operator');
  if (command === 'withdraw' && caller.subject !== record.requestedBy.subject)
    return refuse('forbidden', `Only ${record.requestedBy.name} can withdraw this request; an approver can reject it.`);
  return undefined;
}

/** Separation of duties: who asked, or made what it rests on, decides nothing. */
function mayNotDecide(
  command: Command,
  record: GateRecord,
  caller: GateCaller,
  { phase, evidence }: GateFacts,
): Refusal | undefined {
  if (!caller.roles.has('approver')) return needsRole('approver');
  if (caller.subject === record.requestedBy.subject)
    return refuse('forbidden', `You requested this gate: somebody else has to ${command} it.`);
  if (record.contributors.includes(caller.subject) || evidence?.contributors.includes(caller.subject))
    return refuse('forbidden', `You made evidence of phase ${phase}: somebody else has to ${command} it.`);
  return undefined;
}

function mayNotRollBack({ roles }: GateCaller, { plan }: GateFacts): Refusal | undefined {
  const allowed = plan?.rollbackBy ?? (['operator', 'approver', 'admin'] as const);
  // An approver may what an operator may.
  if (allowed.some((role) => roles.has(role) || (role === 'operator' && roles.has('approver')))) return undefined;
  return needsRole(listText(allowed).replace(' and ', ' or '));
}

const outdated = ({ expectedVersion }: CommandOrder, record: GateRecord): Refusal | undefined =>
  expectedVersion === record.version
    ? undefined
    : refuse('conflict', `Request ${record.number} was changed in the meantime and is ${record.state}: look at it again.`);

function outOfPlace(command: Command, record: GateRecord): Refusal | undefined {
  if (leadsOn(record.state, command) || (command === 'roll-back' && record.state === 'completed')) return undefined;
  const why = record.stateReason && !isOpen(record.state) ? ` (${record.stateReason})` : '';
  const next = isOpen(record.state) || record.state === 'completed' ? '' : ' Request the gate again.';
  return refuse('conflict', `Request ${record.number} is ${record.state}${why}: ${PLACES[command]}.${next}`);
}

const PLACES: Readonly<Record<Command, string>> = {
  approve: 'it takes no approval in this state',
  reject: 'it cannot be rejected in this state',
  withdraw: 'it cannot be withdrawn in this state',
  revoke: 'only an approved request can be revoked',
  execute: 'the gate is passed once it is approved',
  complete: 'it is completed once the gate has been passed',
  fail: 'it can fail only while it is under way',
  'roll-back': 'there is nothing to roll back in this state',
  'finish-roll-back': 'no rollback runs',
};

/** Without the plan nothing new is begun; what is under way can be brought to its end. */
const unplanned = (command: Command, facts: GateFacts): Refusal | undefined =>
  !facts.plan && (command === 'approve' || command === 'execute' || command === 'complete') ? planGone(facts) : undefined;

const planGone = ({ planVersion }: GateFacts) =>
  refuse('conflict', `This console has no plan ${planVersion} any more: an admin has to move the migration on to one it has.`);

const stillOpen = ({ number, state }: Pick<GateRecord, 'number' | 'state'>) =>
  refuse('conflict', `Request ${number} is ${state} still: it comes first.`);

const isOperator = ({ roles }: GateCaller) => roles.has('operator') || roles.has('approver');
const needsRole = (role: string) => refuse('forbidden', `This needs the role ${role} in this cluster.`);
const moved = (...moves: GateMove[]): GateOutcome & { ok: true } => ({ ok: true, begins: false, moves });

const seenOther = (record: GateRecord, seen: string | undefined): Refusal | undefined =>
  seen === record.evidenceHash
    ? undefined
    : refuse('evidence-changed', 'You have seen other evidence than this request rests on: read it again.');

/** Evidence that is not known, not complete, or not the one that was seen. */
function changedEvidence({ evidence }: GateFacts, seen: string): Refusal | undefined {
  if (evidence?.hash === undefined || !evidence.current) return notReadYet();
  return evidence.hash === seen ? undefined : refuse('evidence-changed', 'The evidence changed: look at what it says now.');
}

const notReadYet = () =>
  refuse('evidence-changed', 'The evidence has not been read since the last change: read it, and look at what it says now.');

/** Evidence lasts as long as an approval of it. */
function oldEvidence({ now, evidence, rules: { ttlMinutes } }: GateFacts): Refusal | undefined {
  const age = now - (evidence?.evaluatedAt ?? 0);
  if (age < ttlMinutes * 60_000) return undefined;
  return refuse('evidence-changed', `The evidence was read more than ${durationText(ttlMinutes * 60_000)} ago: read it again.`);
}

function unmetEvidence(evidence: EvidenceNow | undefined): Refusal | undefined {
  if (evidence?.met) return undefined;
  const count = (status: string) => evidence?.checks.filter((check) => check.status === status).length ?? 0;
  const [failing, unknown] = [count('fail'), count('unknown')];
  const parts = [
    ...(failing > 0 ? [`${countText(failing, 'check')} ${failing === 1 ? 'fails' : 'fail'}`] : []),
    ...(unknown > 0 ? [`${countText(unknown, 'check')} ${unknown === 1 ? 'is' : 'are'} unknown`] : []),
  ];
  return refuse('conflict', `The evidence is not met: ${listText(parts) || 'a step is not ticked'}.`);
}

/** What a request waits for in approvals, a sentence. */
export function approvalsLeft(approved: number, needed: number, missingTeams: readonly string[]): string {
  const left = Math.max(needed - approved, missingTeams.length);
  const teams = missingTeams.length > 0 ? ` (team ${listText(missingTeams)})` : '';
  return `It waits for ${countText(left, 'more approval')}${teams}.`;
}
