import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_FORMAT, type LineFormat, parseFormat } from './format.ts';
import { type FlowLogRecord, RecordReader } from './record-reader.ts';

const START = 1_782_864_000;
const LINE = `2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 ${START} ${START + 60} ACCEPT OK`;
const RECORD = {
  source: (172 << 24) | (31 << 16) | (16 << 8) | 139,
  sourceText: '',
  destination: (172 << 24) | (31 << 16) | (16 << 8) | 21,
  destinationText: '',
  sourcePort: 20641,
  destinationPort: 22,
  protocol: 6,
  packets: 20,
  bytes: 4249,
  start: START,
  end: START + 60,
  rejected: false,
  tcpFlags: -1,
  sourceService: '',
  destinationService: '',
};

function read(text: string, { format, cut = 1 << 20 }: { format?: LineFormat; cut?: number } = {}) {
  const records: FlowLogRecord[] = [];
  const broken: string[] = [];
  const sink = {
    record: (record: FlowLogRecord) => {
      records.push({ ...record });
      return '';
    },
    broken: (line: number, reason: string) => void broken.push(`${line}: ${reason}`),
  };
  const reader = new RecordReader(sink, format);
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += cut) {
    const chunk = bytes.slice(at, at + cut);
    reader.push(chunk);
    chunk.fill(0); // the reader may keep nothing of it
  }
  reader.end();
  const { total, taken, noData, skipData } = reader;
  return { records, broken, counts: { total, taken, noData, skipData } };
}
const formatOf = (text: string): LineFormat => {
  const parsed = parseFormat(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.format;
};

describe('the default format', () => {
  test('a line of it', () => {
    expect(read(LINE)).toEqual({ records: [RECORD], broken: [], counts: { total: 1, taken: 1, noData: 0, skipData: 0 } });
    expect(read(LINE.replace('ACCEPT', 'REJECT')).records).toEqual([{ ...RECORD, rejected: true }]);
  });

  test('with or without its header, with other line ends, with empty lines', () => {
    const header = DEFAULT_FORMAT.names.join(' ');
    for (const text of [`${header}\n${LINE}\n`, `\r\n${header}\r\n\r\n${LINE}\r\n`, `${LINE}\n${header}\n`])
      expect(read(text)).toMatchObject({ records: [RECORD], broken: [] });
  });

  test('what AWS writes where there was nothing, or where it could not keep up, is counted', () => {
    const empty = `2 123456789010 eni-1235b8ca123456789 - - - - - - - ${START} ${START + 60} - NODATA`;
    const text = [empty, empty.replace('NODATA', 'SKIPDATA'), LINE, empty].join('\n');
    expect(read(text)).toMatchObject({ broken: [], counts: { total: 4, taken: 1, noData: 2, skipData: 1 } });
  });

  test('IPv6 addresses are the same however they are written', () => {
    const line = LINE.replace('172.31.16.139', '2001:DB8:0:0:0:0:0:A').replace('172.31.16.21', '::ffff:10.0.0.1');
    expect(read(line).records[0]).toMatchObject({ sourceText: '2001:db8::a', destinationText: '::ffff:a00:1' });
  });

  test('an export of CloudWatch Logs has a time before each line', () => {
    const text = `2026-07-01T00:01:00.000Z ${LINE}\n2026-07-01T00:01:00.000Z ${LINE}\n`;
    expect(read(text)).toMatchObject({ records: [RECORD, RECORD], broken: [] });
  });

  test.each([
    [LINE.replace(' OK', ''), '14 fields were expected, there are 13'],
    [`${LINE} more`, '14 fields were expected, there are 15'],
    [LINE.replace(' 22 ', '  22 '), 'two spaces'],
    [`${LINE} `, 'two spaces follow each other, or one ends the line'],
    [LINE.replace('172.31.16.139', '172.31.16.999'), 'srcaddr is no address'],
    [LINE.replace('172.31.16.139', '172.31.16'), 'srcaddr is no address'],
    [LINE.replace('172.31.16.139', '172.31.16.1.2'), 'srcaddr is no address'],
    [LINE.replace('172.31.16.139', '172.31.16.010'), 'srcaddr is no address'],
    [LINE.replace('172.31.16.139', '172.31.16.'), 'srcaddr is no address'],
    [LINE.replace('172.31.16.21', 'fe80::1%eth0'), 'dstaddr is no address'],
    [LINE.replace('172.31.16.21', '1:2:3'), 'dstaddr is no address'],
    [LINE.replace('172.31.16.21', '<b>x</b>'), 'dstaddr is no address'],
    [LINE.replace('20641', '65536'), 'srcport is no port'],
    [LINE.replace('20641', '-1'), 'srcport is no port'],
    [LINE.replace(' 22 ', ' 0x16 '), 'dstport is no port'],
    [LINE.replace(' 6 ', ' 256 '), 'protocol is no number from 0 to 255'],
    [LINE.replace('4249', '99999999999999999999'), 'bytes is no number'],
    [LINE.replace(' 20 ', ' 2e1 '), 'packets is no number'],
    [LINE.replace(String(START), `${START}000`), 'start is no time in Unix seconds'],
    [LINE.replace(String(START), '7'), 'start is no time in Unix seconds'],
    [LINE.replace(String(START + 60), String(START - 1)), 'end is before start'],
    [LINE.replace(String(START + 60), String(START + 86_401)), 'more than a day apart'],
    [LINE.replace('ACCEPT', 'accept'), 'action is neither ACCEPT nor REJECT'],
    [LINE.replace(' OK', ' FINE'), 'log-status is none of OK, NODATA, SKIPDATA'],
    ['x'.repeat(9000), 'longer than 8192 bytes'],
    ['{"version":2}', '14 fields were expected, there are 1'],
  ])('a broken line is told with its number: %s', (line, reason) => {
    const answer = read(`${LINE}\n${LINE}\n${line}\n${LINE}\n`);
    expect(answer.broken).toEqual([expect.stringContaining(`3: `)]);
    expect(answer.broken[0]).toContain(reason);
    expect(answer.counts).toMatchObject({ total: 4, taken: 3 });
  });
});

describe('a custom format', () => {
  const custom =
    '${version} ${pkt-srcaddr} ${srcaddr} ${dstaddr} ${pkt-dstaddr} ${srcport} ${dstport} ${protocol} ${start} ${end} ${action} ${tcp-flags} ${flow-direction} ${pkt-dst-aws-service}';
  const line = `5 10.0.1.5 10.0.0.2 10.0.0.3 52.95.1.1 40000 443 6 ${START} ${START} ACCEPT 3 egress S3`;

  test('the addresses of the packet count, before those of the interface, in whatever order', () => {
    const { records, broken } = read(line, { format: formatOf(custom) });
    expect(broken).toEqual([]);
    expect(records[0]).toMatchObject({
      source: (10 << 24) | (1 << 8) | 5,
      destination: (52 << 24) | (95 << 16) | (1 << 8) | 1,
      tcpFlags: 3,
      destinationService: 'S3',
      packets: 0,
    });
    const without = read(line.replace('10.0.1.5', '-').replace('52.95.1.1', '-'), { format: formatOf(custom) });
    expect(without.records[0]).toMatchObject({ source: (10 << 24) | 2, destination: (10 << 24) | 3 });
  });

  test('a header that comes later changes the format, as where files were put together', () => {
    const names = formatOf(custom).names.join(' ');
    const answer = read(`${LINE}\n${names}\n${line}\n`);
    expect(answer.broken).toEqual([]);
    expect(answer.counts.taken).toBe(2);
  });

  test('a header that lacks what is needed is a broken line', () => {
    expect(read('version srcaddr dstaddr\n').broken).toEqual([
      expect.stringContaining('1: the header cannot be used: the format lacks'),
    ]);
  });

  test('a record may begin with a word', () => {
    const format = formatOf('interface-id region srcaddr dstaddr srcport dstport protocol start action');
    const answer = read(`eni-1 eu-west-1 10.0.0.1 10.0.0.2 1 2 6 ${START} ACCEPT\n`, { format });
    expect(answer).toMatchObject({ broken: [], counts: { taken: 1 } });
    expect(answer.records[0]?.end).toBe(START);
  });
});

test('wherever the bytes are cut, the records are the same', () => {
  const lines = [LINE, LINE.replace('172.31.16.21', '2001:db8::1'), '', LINE.replace('22', 'x'), `${LINE}\r`, 'y'.repeat(9000)];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...lines), { maxLength: 12 }), fc.integer({ min: 1, max: 300 }), (chosen, cut) => {
      const text = chosen.join('\n');
      expect(read(text, { cut })).toEqual(read(text));
    }),
    { numRuns: 60 },
  );
});

test('no bytes make it throw or lose a line', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { maxLength: 20 }), (lines) => {
      const text = lines.map((line) => line.replaceAll(/[\r\n]/g, ' ')).join('\n');
      const { counts, broken } = read(text);
      const full = lines.filter((line) => new TextEncoder().encode(line).length > 0).length;
      expect(counts.taken + counts.noData + counts.skipData + broken.length).toBe(counts.total);
      expect(counts.total).toBeLessThanOrEqual(full);
    }),
  );
});
