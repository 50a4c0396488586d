import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Flow, Gap } from '#lib/flow/flow.ts';
import { aFlow } from '#lib/testing/flows.ts';
import { Resume, Watermarks } from './resume.ts';

const node = fc.constantFrom('c/a', 'c/b', 'c/c');
/** Flows of some nodes, each node's about in order: a step back now and then. */
const stream = fc
  .array(fc.record({ node, step: fc.integer({ min: 0, max: 40 }), back: fc.integer({ min: 0, max: 15 }) }), { maxLength: 300 })
  .map((steps) => {
    let time = 1_000_000;
    return steps.map(({ node: nodeName, step, back }, index): Flow => {
      time += step;
      return aFlow({ nodeName, time: time - (index % 3 === 0 ? back : 0), uuid: index % 5 === 0 ? '' : `flow-${index}` });
    });
  });

test('wherever a process stops, and however often, a relay that repeats everything makes each flow count once', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat({ max: 300 }), { maxLength: 3 }), (flows, stops) => {
      const counted = new Map<Flow, number>();
      let place: ReturnType<Watermarks['place']> = [];
      // Every run begins with what the relay still has, which is all, and takes some more.
      for (const stop of [...stops.toSorted((a, b) => a - b), flows.length]) {
        const resume = new Resume(place);
        const marks = new Watermarks(place);
        for (const flow of flows.slice(0, stop)) {
          marks.add(flow);
          if (!resume.isStored(flow)) counted.set(flow, (counted.get(flow) ?? 0) + 1);
        }
        place = marks.place();
      }
      const distinct = new Set(flows.map((flow) => flow.uuid || JSON.stringify(flow)));
      expect([...counted.values()].every((count) => count === 1)).toBe(true);
      expect(counted.size).toBeGreaterThanOrEqual(distinct.size);
    }),
  );
});

test('a flow that comes late, just after a stop, is not taken for one that was stored', () => {
  const marks = new Watermarks([]);
  marks.add(aFlow({ nodeName: 'c/a', time: 1000, uuid: 'first' }));
  const resume = new Resume(marks.place());
  expect(resume.isStored(aFlow({ nodeName: 'c/a', time: 999, uuid: 'late' }))).toBe(false);
  expect(resume.isStored(aFlow({ nodeName: 'c/a', time: 1000, uuid: 'first' }))).toBe(true);
});

test('a quiet node keeps its place over runs in which it sent nothing', () => {
  const quiet = aFlow({ nodeName: 'c/quiet', time: 500, uuid: 'q' });
  const first = new Watermarks([]);
  first.add(quiet);
  const second = new Watermarks(first.place());
  second.add(aFlow({ nodeName: 'c/busy', time: 900_000, uuid: 'b' }));
  const resume = new Resume(second.place());
  expect(resume.isStored(quiet)).toBe(true);
  expect(resume.isStored(aFlow({ nodeName: 'c/quiet', time: 501, uuid: 'later' }))).toBe(false);
  expect(resume.since).toBe(500);
});

const gap = (overrides: Partial<Gap>): Gap => ({ from: 100, to: 200, reason: 'ingest-restarted', nodeName: 'c/a', ...overrides });

test.each([
  { name: 'all stored', given: gap({ to: 150 }), told: undefined },
  { name: 'its end missing', given: gap({ to: 400 }), told: gap({ from: 300, to: 400 }) },
  { name: 'a node that is new', given: gap({ nodeName: 'c/new', to: 400 }), told: undefined },
  { name: 'all nodes', given: gap({ nodeName: '', to: 900 }), told: gap({ nodeName: '', from: 300, to: 900 }) },
  { name: 'another reason', given: gap({ reason: 'relay-unreachable' }), told: gap({ reason: 'relay-unreachable' }) },
])('a gap with $name is told as far as nothing of it was stored', ({ given, told }) => {
  const marks = new Watermarks([]);
  marks.add(aFlow({ nodeName: 'c/a', time: 300 }));
  expect(new Resume(marks.place()).missing(given)).toEqual(told);
});

test('on a first start nothing is missing', () => {
  expect(new Resume([]).missing(gap({ nodeName: '' }))).toBeUndefined();
});
