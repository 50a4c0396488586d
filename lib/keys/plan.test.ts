import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dueChange, type DueChange } from './plan.ts';
import { inForce, type KeyChange, type KeyRecord, keyStates } from './states.ts';

const PACE = { overlapMs: 1000, lingerMs: 100 };
const NAMES = ['a', 'b', 'c', 'd'] as const;
const records: KeyRecord[] = NAMES.map((kid) => ({ kid, role: 'receipt', x: kid, source: kid }));

/** A console whose files come and go while time passes, or goes back. */
class World {
  held: string[] = [];
  now = 0;
  readonly changes: KeyChange[] = [];
  readonly done: (DueChange & { readonly at: number; readonly active: readonly string[]; readonly held: readonly string[] })[] =
    [];

  states() {
    return keyStates(records, this.changes);
  }

  /** Makes what is due, one after another. */
  settle(): void {
    for (let steps = 0; ; steps += 1) {
      if (steps > 20) throw new Error('there is always one more change');
      const due = dueChange('receipt', this.states(), this.held, this.now, PACE);
      if (!due) return;
      const active = inForce(this.states(), 'receipt').map(({ kid }) => kid);
      this.done.push({ ...due, at: this.now, active, held: [...this.held] });
      this.changes.push({
        id: this.changes.length,
        kid: due.kid,
        event: due.event,
        atMs: this.now,
        plannedMs: due.plannedMs,
        compromisedAtMs: undefined,
      });
    }
  }
}

const step = fc.oneof(
  fc.record({ do: fc.constant('hold' as const), kid: fc.constantFrom(...NAMES) }),
  fc.record({ do: fc.constant('take away' as const), kid: fc.constantFrom(...NAMES) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: -300, max: 1500 }) }),
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function walk(steps: readonly Step[]): World {
  const world = new World();
  for (const each of steps) {
    if (each.do === 'wait') world.now += each.ms;
    else if (each.do === 'hold') world.held = [...new Set([...world.held, each.kid])];
    else world.held = world.held.filter((kid) => kid !== each.kid);
    world.settle();
  }
  return world;
}

const STATES_BEFORE = { introduced: undefined, activated: 'pending', retired: 'active', compromised: undefined } as const;

/** What a console did, whatever came and went. */
const worlds = fc.array(step, { maxLength: 30 }).map(walk);

test('a change is signed by keys that are here, and by another one in force where there is one', () => {
  fc.assert(
    fc.property(worlds, ({ done }) => {
      const wrong = done.filter(({ kid, event, signers, active, held }) => {
        const others = active.filter((other) => other !== kid);
        const byAnother = others.length === 0 || signers.some((by) => others.includes(by));
        const byItself = event !== 'introduced' || signers.includes(kid);
        const fine = signers.length === new Set(signers).size && signers.length <= 2 && signers.every((by) => held.includes(by));
        return !(byAnother && byItself && fine);
      });
      expect(wrong).toEqual([]);
    }),
  );
});

test('states follow one another, and once there is a key in force there always is one', () => {
  fc.assert(
    fc.property(worlds, ({ changes }) => {
      const wrong = changes.filter(({ kid, event }, index) => {
        const before = keyStates(records, changes.slice(0, index));
        const after = keyStates(records, changes.slice(0, index + 1));
        const follows = before.find((key) => key.kid === kid)?.state === STATES_BEFORE[event];
        return !follows || (inForce(before, 'receipt').length > 0 && inForce(after, 'receipt').length === 0);
      });
      expect(wrong).toEqual([]);
    }),
  );
});

test('a key that has one before it is known for the overlap before it signs', () => {
  fc.assert(
    fc.property(worlds, ({ done }) => {
      const wrong = done.filter(({ kid, event, at, active }) => {
        const introduced = done.find((change) => change.kid === kid && change.event === 'introduced');
        return event === 'activated' && active.length > 0 && at < (introduced?.plannedMs ?? Infinity);
      });
      expect(wrong).toEqual([]);
    }),
  );
});

test('one rotation runs at a time', () => {
  fc.assert(
    fc.property(worlds, ({ done, changes }) => {
      const wrong = done.filter(({ event, held }, index) => {
        const pending = keyStates(records, changes.slice(0, index)).filter(
          ({ kid, state }) => state === 'pending' && held.includes(kid),
        );
        return event === 'introduced' && pending.length > 0;
      });
      expect(wrong).toEqual([]);
    }),
  );
});

test('a key that nobody in force can bring in is left alone', () => {
  const world = new World();
  world.held = ['a'];
  world.settle();
  world.held = ['b'];
  world.settle();
  expect(world.done.map(({ kid, event }) => `${kid} ${event}`)).toEqual(['a introduced', 'a activated']);
});
