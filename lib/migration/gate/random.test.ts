import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newFile, replay } from '#lib/testing/gate-model.ts';
import { aRequest, EVIDENCE, HOUR, NOON, OTHER_EVIDENCE, someFacts, someone } from '#lib/testing/gate-values.ts';
import { GATE_COMMANDS, GATE_STATES, type GateCommand, type GateState } from '../model.ts';
import type { GateOrder } from './command.ts';
import { decideGate } from './decide.ts';
import { lapseOf } from './lapse.ts';
import { completionOf } from './standing.ts';
import type { GateFacts, GatePerson, GateRecord } from './record.ts';
import { type GateMover, isOpen } from './edges.ts';

const NAMES = ['rita', 'ulla', 'axel', 'bea', 'carl', 'gus'];
const caller = (name: string) => someone(name, 'operator', 'approver', ...(name === 'gus' ? (['breakglass'] as const) : []));

type Event = Parameters<World['take']>[0];

const events: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('command' as const),
      command: fc.constantFrom(...GATE_COMMANDS, 'request', 'break-glass'),
      name: fc.constantFrom(...NAMES),
      late: fc.boolean(),
      seen: fc.constantFrom(EVIDENCE, EVIDENCE, EVIDENCE, OTHER_EVIDENCE),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('evidence' as const),
      hash: fc.constantFrom(EVIDENCE, OTHER_EVIDENCE),
      met: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('time' as const), hours: fc.constantFrom(1, 30, -2) }) },
);

/** One phase in memory, moved as the use cases move it: lapse first, then decide, then write. */
class World {
  requests: GateRecord[] = [];
  facts: GateFacts = someFacts({
    evidence: { hash: EVIDENCE, met: true, current: true, evaluatedAt: NOON, contributors: ['ulla'], checks: [] },
  });
  readonly steps: Parameters<typeof replay>[1][][] = [];

  constructor(readonly needed: number) {
    this.facts = { ...this.facts, rules: { ...this.facts.rules, approvals: needed } };
  }

  get newest(): GateRecord | undefined {
    return this.requests.at(-1);
  }

  move(to: GateState, by: string, subject: string): void {
    const record = this.newest;
    if (!record) throw new Error('nothing to move');
    const next = {
      ...record,
      state: to,
      version: record.version + 1,
      stateSince: this.facts.now,
      brokenGlass: record.brokenGlass || by === 'break-glass',
    };
    this.note(next, record.state, by, subject);
    this.requests[this.requests.length - 1] = next;
  }

  begin(to: GateState, by: string, subject: string): void {
    const { now, evidence } = this.facts;
    const record = aRequest({
      id: `r${this.requests.length}`,
      number: this.requests.length,
      state: to,
      requestedBy: { subject, name: subject },
      requestedAt: now,
      stateSince: now,
      expiresAt: now + 24 * HOUR,
      evidenceHash: evidence?.hash ?? '',
      needed: this.needed,
      brokenGlass: by === 'break-glass',
    });
    this.requests.push(record);
    this.steps.push([]);
    this.note(record, 'none', by, subject);
  }

  note(record: GateRecord, from: string, command: string, subject: string): void {
    this.steps.at(-1)?.push({
      version: record.version,
      from_state: from,
      to_state: record.state,
      command,
      by_subject: subject,
      needed: record.needed,
      requested_by: record.requestedBy.subject,
      contributors: record.contributors,
    });
  }

  /** What stands as completed is a fact that follows from the requests. */
  settle(): void {
    this.facts = { ...this.facts, completion: completionOf(this.requests) };
  }

  lapse(): void {
    this.settle();
    const lapse = this.newest && lapseOf(this.newest, this.facts);
    if (lapse) this.move(lapse.to, lapse.by, 'console');
  }

  /** What an event does; gives what must never be, where it came to be. */
  take(
    event:
      | { readonly kind: 'time'; readonly hours: number }
      | { readonly kind: 'evidence'; readonly hash: string; readonly met: boolean }
      | {
          readonly kind: 'command';
          readonly command: GateCommand | 'request' | 'break-glass';
          readonly name: string;
          readonly late: boolean;
          readonly seen: string;
        },
  ): string[] {
    const { evidence, now } = this.facts;
    if (event.kind === 'time') this.facts = { ...this.facts, now: now + event.hours * HOUR };
    else if (event.kind === 'evidence' && evidence)
      this.facts = { ...this.facts, evidence: { ...evidence, hash: event.hash, met: event.met, evaluatedAt: now } };
    else if (event.kind === 'command') {
      const expectedVersion = (this.newest?.version ?? 1) - (event.late ? 1 : 0);
      this.lapse();
      const by = caller(event.name);
      const outcome = decideGate(this.newest, orderOf(event.command, expectedVersion, event.seen), by, this.facts);
      if (!outcome.ok) return /^[A-Z].+[.]$/s.test(outcome.reason) ? [] : [`no sentence: ${outcome.reason}`];
      return outcome.moves.flatMap(({ to, by: command }) => this.write(to, command, by, outcome.begins));
    }
    return [];
  }

  write(to: GateState, command: GateMover, by: GatePerson, begins: boolean): string[] {
    if (begins) {
      this.begin(to, command, by.subject);
      return [];
    }
    const last = this.newest;
    if (!last) return ['a step of nothing'];
    if (command === 'approve' || command === 'reject' || command === 'revoke') {
      const { now } = this.facts;
      const decision = { id: '', decision: command, by, team: '', comment: '', at: now, evidenceHash: last.evidenceHash };
      this.requests[this.requests.length - 1] = { ...last, decisions: [...last.decisions, decision] };
    }
    this.move(to, command, by.subject);
    const { evidence } = this.facts;
    if ((command === 'approve' || command === 'execute') && last.evidenceHash !== evidence?.hash)
      return [`${command} on evidence of before`];
    return command === 'execute' && !evidence?.met ? ['passed on evidence that is not met'] : [];
  }
}

function orderOf(command: GateCommand | 'request' | 'break-glass', expectedVersion: number, evidenceHash: string): GateOrder {
  if (command === 'request') return { command, evidenceHash, comment: '' };
  if (command === 'break-glass') return { command, reason: 'everything is down, nobody answers', ticket: 'INC-1' };
  return { command, expectedVersion, evidenceHash, comment: 'because of the test' };
}

test('whatever people do at random, and whatever happens meanwhile, the model allows what was written', () => {
  const reached = new Set<string>();
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.array(events, { minLength: 30, maxLength: 80, size: 'max' }),
      (needed, taken) => {
        const world = new World(needed);
        expect(taken.flatMap((each) => world.take(each))).toEqual([]);
        for (const steps of world.steps) {
          const file = newFile();
          expect(steps.map((step) => replay(file, step)).filter((problem) => problem !== undefined)).toEqual([]);
          for (const step of steps) reached.add(step.to_state);
        }
        expect(world.requests.filter(({ state }) => isOpen(state)).length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 1500 },
  );
  // It went everywhere, so the model has judged everything.
  expect([...reached].toSorted()).toEqual(GATE_STATES.toSorted());
});
