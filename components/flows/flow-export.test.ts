import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aFlow, anEndpoint, arbFlow } from '#lib/testing/flows.ts';
import { flowsToCsv, flowsToJsonLines } from './flow-export.ts';

test('a CSV has a header and a line for each flow', () => {
  const [header, line, end] = flowsToCsv([aFlow()]).split('\r\n');
  expect(header?.split(',').slice(0, 3)).toEqual(['time', 'verdict', 'drop_reason']);
  expect(line).toContain('2026-03-02T14:00:00.000Z,FORWARDED,,INGRESS,payments,checkout-api');
  expect(end).toBe('');
});

test('a name that a spreadsheet would run is made inert', () => {
  const csv = flowsToCsv([aFlow({ source: anEndpoint({ podName: '=HYPERLINK("http://evil","x")' }) })]);
  expect(csv).toContain(`"'=HYPERLINK(""http://evil"",""x"")"`);
});

test('whatever a flow holds, its cells stay in their columns', () => {
  fc.assert(
    fc.property(arbFlow, (flow) => {
      const [header = '', ...rest] = flowsToCsv([flow]).split('\r\n');
      const cells = rest.join('\r\n').match(/("(?:[^"]|"")*"|[^,"]*)(,|\r\n$)/g) ?? [];
      expect(cells).toHaveLength(header.split(',').length);
    }),
  );
});

test('JSON lines read back as the flows', () => {
  const flows = [aFlow(), aFlow({ time: 5 })];
  const read = flowsToJsonLines(flows)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(read).toEqual(JSON.parse(JSON.stringify(flows)));
});
