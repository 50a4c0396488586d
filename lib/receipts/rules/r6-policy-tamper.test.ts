import { describe, expect, test } from 'vitest';
import { type PolicyChange, policyTamper } from './r6-policy-tamper.ts';

const change = (more: Partial<PolicyChange> = {}): PolicyChange => ({
  ref: 'cnp:payments/ledger',
  what: 'changed',
  from: 'a'.repeat(64),
  to: 'b'.repeat(64),
  generation: 4,
  at: 100_000,
  lastSeen: 90_000,
  record: { inMigration: true, openPhase: undefined },
  ...more,
});

describe('R6, policy tamper', () => {
  test('a changed spec outside of every open phase is confirmed', () =>
    expect(policyTamper([change()], [])).toMatchObject({
      looked: 1,
      sightings: [
        {
          severity: 'confirmed',
          subject: 'cnp:payments/ledger',
          reasons: [
            'The hash of its spec went from aaaaaaaaaaaa to bbbbbbbbbbbb, generation 4.',
            'No approved phase was being carried out in this cluster at that time.',
          ],
        },
      ],
    }));

  test('so is a policy that was deleted', () => {
    const { to: _to, ...deleted } = change({ what: 'deleted' });
    expect(policyTamper([deleted], []).sightings).toMatchObject([
      { severity: 'confirmed', title: 'A policy was deleted without approval' },
    ]);
  });

  test('a change under an open approved phase is none', () =>
    expect(policyTamper([change({ record: { inMigration: true, openPhase: 2 } })], []).sightings).toEqual([]));

  test('is only suspected in a cluster without a migration, and where nobody was looking', () => {
    const [outside] = policyTamper([change({ record: { inMigration: false, openPhase: undefined } })], []).sightings;
    expect(outside).toMatchObject({ severity: 'suspected' });
    const [unseen] = policyTamper([change({ lastSeen: -100_000 })], []).sightings;
    expect(unseen).toMatchObject({ severity: 'suspected' });
    expect(unseen?.reasons.at(-1)).toContain('Nobody was looking');
  });
});
