import { describe, expect, test } from 'vitest';
import { incompleteness, type ObservationWindow, observationGaps } from './r5-observation-gap.ts';

const quiet: ObservationWindow = {
  from: 0,
  to: 60_000,
  nodes: 3,
  missing: [],
  lost: [],
  gaps: [],
  skews: [{ node: 'a', ms: 1999 }],
  silent: [],
  unknown: [],
};

describe('R5, observation gap', () => {
  test('a window with nothing known to be missing has none', () => {
    expect(observationGaps(quiet)).toEqual({ rule: 'R5', sightings: [], looked: 3, notEvaluable: [] });
    expect(incompleteness(quiet)).toEqual([]);
  });

  test.each<{ title: string; window: Partial<ObservationWindow>; severity: string; reason: string }>([
    {
      title: 'Events were lost',
      window: { lost: [{ node: 'a', source: 'HUBBLE_RING_BUFFER', count: 1200 }] },
      severity: 'confirmed',
      reason: '1,200 events of node a were lost in Hubble’s ring buffer; the count is a lower bound.',
    },
    { title: 'A node does not report', window: { missing: ['b'] }, severity: 'confirmed', reason: 'has no connection to it' },
    {
      title: 'A stretch was not seen',
      window: { gaps: [{ from: 0, to: 9000, node: '', reason: 'relay-unreachable' }] },
      severity: 'confirmed',
      reason: '9 s are missing: the relay could not be reached.',
    },
    {
      title: 'A clock is off',
      window: { skews: [{ node: 'a', ms: 2400 }] },
      severity: 'confirmed',
      reason: '2.4 s in the future',
    },
    { title: 'A clock is off', window: { skews: [{ node: 'a', ms: -3000 }] }, severity: 'suspected', reason: '3.0 s older' },
    {
      title: 'A node fell silent',
      window: { silent: [{ node: 'c', since: -30_000, missed: 41 }] },
      severity: 'confirmed',
      reason: 'It sent nothing for 90.0 s, while by its own count it saw 41 flows.',
    },
  ])('$title: $severity', ({ title, window, severity, reason }) => {
    const { sightings } = observationGaps({ ...quiet, ...window });
    expect(sightings).toMatchObject([{ title, severity, flows: [] }]);
    expect(sightings[0]?.reasons[0]).toContain(reason);
  });

  test('the same gap twice in a window is one finding', () => {
    const lost = { node: 'a', source: 'HUBBLE_RING_BUFFER', count: 2 };
    expect(observationGaps({ ...quiet, lost: [lost, lost] }).sightings).toMatchObject([{ count: 4 }]);
  });

  test('what is missing makes silence of the other rules mean nothing', () =>
    expect(
      incompleteness({
        ...quiet,
        missing: ['a', 'b'],
        lost: [{ node: 'a', source: '', count: 7 }],
        gaps: [{ from: 0, to: 1, node: '', reason: 'x' }],
      }),
    ).toEqual(['2 nodes do not report.', 'At least 7 events were lost.', '1 stretch was not seen.']));
});
