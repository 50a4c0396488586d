import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbFlow } from '#lib/testing/flows.ts';
import { type JudgeInput, judgeInputOfJson, type JudgeInputJson, judgeInputToJson } from './judge-input.ts';
import { replay } from './replay.ts';
import { FlowReplay, replayFlows } from './replay-tuples.ts';

const inputOf = (traffic: Pick<JudgeInput, 'tuples' | 'labelSets'>): JudgeInput => ({
  world: { config: {}, namespaces: {}, endpoints: [], nodes: [], ips: [], fqdnCache: {}, cidrGroups: [], services: [] },
  policies: [],
  setHash: 'hash',
  ...traffic,
  from: 1,
  to: 2,
  incompleteMinutes: 3,
});
const arbFlows = fc.array(arbFlow, { maxLength: 40 });

test('what is written as JSON is read as it was, and asks the same questions', () => {
  fc.assert(
    fc.property(arbFlows, (flows) => {
      const input = inputOf(replayFlows(flows));
      const read = judgeInputOfJson(JSON.parse(JSON.stringify(judgeInputToJson(input))) as JudgeInputJson);
      expect(read).toEqual(input);
      expect(replay(read)).toEqual(replay(input));
    }),
  );
});

test('a peer stands once however many tuples name it', () => {
  fc.assert(
    fc.property(arbFlows, (flows) => {
      const { peers } = judgeInputToJson(inputOf(replayFlows(flows)));
      expect(new Set(peers.map((peer) => JSON.stringify(peer))).size).toBe(peers.length);
    }),
  );
});

test('a row that refers to a peer that is not there is refused', () => {
  const json = judgeInputToJson(inputOf({ tuples: [], labelSets: new Map() }));
  const row: JudgeInputJson['tuples'][number] = ['1', 0, 0, 'TCP', 1, null, 1, 0, 0, [], 0, [], []];
  expect(() => judgeInputOfJson({ ...json, tuples: [row] })).toThrow(RangeError);
});

test('every flow that policy sees is in one tuple, and asking in between changes nothing', () => {
  fc.assert(
    fc.property(arbFlows, fc.nat(40), (flows, cut) => {
      const seen = flows.filter(({ verdict }) => verdict !== 'TRACED' && verdict !== 'TRANSLATED');
      const whole = replayFlows(flows);
      expect(whole.tuples.reduce((sum, tuple) => sum + tuple.flows, 0)).toBe(seen.length);
      const parts = new FlowReplay();
      flows.forEach((flow, index) => {
        if (index === cut) parts.traffic();
        parts.add(flow);
      });
      const counts = (tuples: JudgeInput['tuples']) => tuples.map(({ id, flows: count, seen: what }) => [id, count, what]);
      expect(counts(parts.traffic().tuples)).toEqual(counts(whole.tuples));
    }),
  );
});
